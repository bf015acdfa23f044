"""How much fits on the printed sheet. It is one A4 page, always: what is written is kept short here, in the form, and
not by smaller type on paper (DOMAIN 7.3)."""

from dataclasses import dataclass

from platssamverkan.briefings.models import BriefingSection

#: Wider than twice the narrow ones, as capitals are; the rest of the letters that Swedish has need one unit each.
WIDE = frozenset("mwæœ…—@%&©™¼½¾")
#: From here on are letters that the sheet's type does not have, or has as capitals.
LAST_KNOWN = "\u024f"


def units(text: str) -> int:
    """Return how much room `text` takes on the sheet: one for each letter, two for a capital or another wide one."""
    return sum(2 if letter.isupper() or letter in WIDE or letter > LAST_KNOWN else 1 for letter in text)


def cut(text: str, most: int) -> str:
    """Return `text`, ended with "…" where it would take more than `most` units."""
    if units(text) <= most:
        return text
    kept = ""
    for letter in text:
        if units(kept + letter) > most - 2:
            break
        kept += letter
    return f"{kept.rstrip()}…"


@dataclass(frozen=True)
class SectionLimit:
    """How many lines a section holds, and how long each may be, counted in `units`."""

    lines: int
    characters: int


SECTIONS: dict[BriefingSection, SectionLimit] = {
    BriefingSection.SITUATION: SectionLimit(4, 140),
    BriefingSection.COOPERATION: SectionLimit(3, 140),
    BriefingSection.COMING_DAYS: SectionLimit(2, 120),
    BriefingSection.CONDITION: SectionLimit(2, 120),
    BriefingSection.HANDOVER: SectionLimit(3, 140),
}
#: In units, as all that follows but the numbers of rows.
SPOT = 30
STAFFING_ROWS = 10
FUNCTION = 30
CONTACT = 26
ATTENDANCE_ROWS = 16
#: So many events of the coming days are printed; of the others the sheet tells the number.
EVENTS_PRINTED = 4
LOCATION = 60
#: What comes from elsewhere is written longer there, and ends with "…" on the sheet: names of actors, what events are
#: called and where they are.
NAME = 36
EVENT = 90
#: How many days ahead the sheet looks for events.
DAYS_AHEAD = 7
