"""What a new meeting's agenda holds before anyone has changed it."""

from platssamverkan.partnerships.models import MeetingKind

FOLLOW_UP_HEADING = "Föregående minnesanteckningar och uppföljning av beslut"
SITUATION_HEADING = "Aktuell lägesbild"
OTHER_HEADING = "Övriga frågor"
NEXT_HEADING = "Nästa möte"

#: The headings of minutes from a strategic forum, in their order (DOMAIN 7.1).
FORUM = (
    "Mötets öppnande",
    "Godkännande av dagordning",
    FOLLOW_UP_HEADING,
    SITUATION_HEADING,
    "Uppföljning av åtgärder",
    "Platsaktivering och evenemang",
    "Drift, underhåll och belysning",
    "Mål och indikatorer",
    "Kommunikation",
    "Nya åtgärder och beslut",
    OTHER_HEADING,
    NEXT_HEADING,
)
#: Other meetings begin with what every meeting has.
SHORT = (FOLLOW_UP_HEADING, SITUATION_HEADING, "Nya åtgärder och beslut", OTHER_HEADING, NEXT_HEADING)


def headings_for(kind: MeetingKind) -> tuple[str, ...]:
    """Return the headings that a new meeting of `kind` starts from."""
    return FORUM if kind is MeetingKind.STRATEGIC_FORUM else SHORT


def follows_up(heading: str) -> bool:
    """Say whether earlier decisions are followed up under this heading."""
    return "uppföljning av beslut" in heading.casefold() or heading.casefold().startswith("föregående")


def order_of_words(heading: str) -> str:
    """Return in which order those present are heard under the heading (DOMAIN 7.1); "" where any order will do."""
    return "I ordning: polisen, stadsdelsförvaltningen, övriga aktörer." if heading == SITUATION_HEADING else ""
