"""How much fits on the printed sheet. It is one A4 page, always: what is written is kept short here, in the form, and
not by smaller type on paper (DOMAIN 7.3)."""

from dataclasses import dataclass

from platssamverkan.briefings.models import BriefingSection


@dataclass(frozen=True)
class SectionLimit:
    """How many lines a section holds, and how long each may be."""

    lines: int
    characters: int


SECTIONS: dict[BriefingSection, SectionLimit] = {
    BriefingSection.SITUATION: SectionLimit(4, 140),
    BriefingSection.COOPERATION: SectionLimit(3, 140),
    BriefingSection.COMING_DAYS: SectionLimit(2, 120),
    BriefingSection.CONDITION: SectionLimit(2, 120),
    BriefingSection.HANDOVER: SectionLimit(3, 140),
}
SPOT = 40
STAFFING_ROWS = 10
FUNCTION = 40
CONTACT = 30
ATTENDANCE_ROWS = 16
#: So many events of the coming days are printed; of the others the sheet tells the number.
EVENTS_PRINTED = 4
LOCATION = 80
#: How many days ahead the sheet looks for events.
DAYS_AHEAD = 7
