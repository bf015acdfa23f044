"""What each role may do: one table, printed on the help page."""

import enum

from platssamverkan.core.columns import LabelledEnum


class Role(LabelledEnum):
    """A user's role in one partnership (DOMAIN 9)."""

    READER = "reader", "Läsare"
    PARTICIPANT = "participant", "Deltagare"
    COORDINATOR = "coordinator", "Samordnare"
    PUBLIC_EDITOR = "public_editor", "Redaktör publik sida"
    REPORT_OFFICER = "report_officer", "Rapportansvarig"
    AUDITOR = "auditor", "Revisor"


class Permission(enum.StrEnum):
    """A right inside one partnership."""

    READ = "read"
    LOG_ACTIVATION = "log_activation"
    FILL_BRIEFING = "fill_briefing"
    EDIT_OWN_MEASURES = "edit_own_measures"
    RECORD_OBSERVATIONS = "record_observations"
    ASSESS_GOALS = "assess_goals"
    ISSUE_REPORTS = "issue_reports"
    MANAGE_MEETINGS = "manage_meetings"
    MANAGE_MEASURES = "manage_measures"
    MANAGE_GOALS = "manage_goals"
    MANAGE_AGREEMENTS = "manage_agreements"
    MANAGE_BRIEFINGS = "manage_briefings"
    MANAGE_ACTORS = "manage_actors"
    EDIT_PLACES = "edit_places"
    MANAGE_PLACES = "manage_places"
    MANAGE_GRANTS = "manage_grants"
    MANAGE_PARTNERSHIP = "manage_partnership"
    READ_LOG = "read_log"

    @property
    def label(self) -> str:
        return {
            "read": "Läsa samverkans sidor",
            "log_activation": "Logga platsaktiveringar",
            "fill_briefing": "Fylla i utställningen",
            "edit_own_measures": "Lägga till och följa upp den egna aktörens åtgärder",
            "record_observations": "Lägga in mätvärden",
            "assess_goals": "Bedöma mål",
            "issue_reports": "Fastställa och utfärda rapporter",
            "manage_meetings": "Hålla möten och skriva minnesanteckningar",
            "manage_measures": "Ändra alla åtgärder",
            "manage_goals": "Ändra mål och indikatorer",
            "manage_agreements": "Ändra avtal och åtaganden",
            "manage_briefings": "Planera utställningar",
            "manage_actors": "Ändra aktörer och representanter",
            "edit_places": "Ändra och publicera uppgifter om samverkans platser",
            "manage_places": "Lägga till och ta bort platser",
            "manage_grants": "Ge och ta bort behörigheter",
            "manage_partnership": "Ändra samverkans uppgifter",
            "read_log": "Läsa ändringsloggen",
        }[self.value]


_PARTICIPANT = {
    Permission.READ,
    Permission.LOG_ACTIVATION,
    Permission.FILL_BRIEFING,
    Permission.EDIT_OWN_MEASURES,
}

#: The table. What is not in it is refused.
RIGHTS: dict[Role, frozenset[Permission]] = {
    Role.READER: frozenset({Permission.READ}),
    Role.PARTICIPANT: frozenset(_PARTICIPANT),
    Role.COORDINATOR: frozenset(set(Permission)),
    Role.PUBLIC_EDITOR: frozenset({Permission.READ, Permission.EDIT_PLACES}),
    Role.REPORT_OFFICER: frozenset(
        {
            Permission.READ,
            Permission.RECORD_OBSERVATIONS,
            Permission.ASSESS_GOALS,
            Permission.ISSUE_REPORTS,
        }
    ),
    Role.AUDITOR: frozenset({Permission.READ, Permission.READ_LOG}),
}


def weight(role: Role) -> tuple[int, bool]:
    """Return what a role of a user weighs beside the others: the more rights the more, and of two with as many the one
    that writes for its actor."""
    return len(RIGHTS[role]), Permission.FILL_BRIEFING in RIGHTS[role]


#: What is left when a partnership has ended: to read, to issue the last report, to put right what is said of it, to say
#: who may read it, and to take it up again. Nothing that happened in it can be changed.
LEFT_WHEN_ENDED = frozenset(
    {
        Permission.READ,
        Permission.READ_LOG,
        Permission.ISSUE_REPORTS,
        Permission.MANAGE_GRANTS,
        Permission.MANAGE_PARTNERSHIP,
    }
)
