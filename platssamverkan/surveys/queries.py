"""What the survey pages read: rounds by area, what is said of places, symptoms, hours and figures of cities."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from platssamverkan.core.columns import Sourced
from platssamverkan.core.db import one_or_404, rows, swedish
from platssamverkan.core.formatting import swedish_sort_key
from platssamverkan.core.sources import Source
from platssamverkan.measures.models import TimeBand
from platssamverkan.surveys.models import (
    CityProfile,
    SurveyEntry,
    SurveyRound,
    Symptom,
    SymptomAssessment,
    TimePattern,
)


@dataclass(frozen=True)
class Reconciliation:
    """Previous total − ended + added, with mergers and splits that are counted, beside the total that was published.
    The sum is shown, never forced."""

    previous: int
    ended: int
    added: int
    merged: int | None
    split: int | None
    expected: int
    published: int

    @property
    def difference(self) -> int:
        return self.published - self.expected


def reconciliation(survey_round: SurveyRound) -> Reconciliation | None:
    """Return the line for a round whose predecessor is loaded; None when the sources lack a part of it."""
    previous = survey_round.previous.total if survey_round.previous else None
    expected = survey_round.expected_total(previous)
    if (
        previous is None
        or expected is None
        or survey_round.total is None
        or survey_round.ended is None
        or survey_round.added is None
    ):
        return None
    return Reconciliation(
        previous=previous,
        ended=survey_round.ended,
        added=survey_round.added,
        merged=survey_round.merged_count,
        split=survey_round.split_count,
        expected=expected,
        published=survey_round.total,
    )


@dataclass(frozen=True)
class Area:
    """The rounds of one area, latest first."""

    name: str
    rounds: list[SurveyRound]


def areas() -> list[Area]:
    """Return the areas by name, each with its rounds; of a year, those without a day of publication last. One query."""
    statement = (
        select(SurveyRound)
        .options(joinedload(SurveyRound.previous), joinedload(SurveyRound.source))
        .order_by(SurveyRound.year.desc(), SurveyRound.published_on.desc().nulls_last(), SurveyRound.key)
    )
    by_name: dict[str, list[SurveyRound]] = {}
    for survey_round in rows(statement):
        by_name.setdefault(survey_round.area, []).append(survey_round)
    return [Area(name, by_name[name]) for name in sorted(by_name, key=swedish_sort_key)]


def round_or_404(key: str) -> SurveyRound:
    """Return the round with the one before it; 404 when there is none of that key. One query."""
    loaded = joinedload(SurveyRound.previous), joinedload(SurveyRound.source)
    return one_or_404(select(SurveyRound).where(SurveyRound.key == key).options(*loaded))


def entries(round_id: int | None) -> list[SurveyEntry]:
    """Return what a round says of places, by place; for None what is said outside any round. One query."""
    statement = (
        select(SurveyEntry)
        .where(SurveyEntry.round_id.is_not_distinct_from(round_id))
        .options(joinedload(SurveyEntry.place), joinedload(SurveyEntry.source))
    )
    return sorted(rows(statement), key=lambda entry: swedish_sort_key(entry.place.name))


@dataclass(frozen=True)
class SymptomTable:
    """The seven symptoms against the cities; a cell is None where the sources say nothing."""

    cities: list[str]
    symptoms: list[Symptom]
    cells: dict[tuple[str, int], SymptomAssessment]
    sources: list[Source]

    def answer(self, city: str, number: int) -> SymptomAssessment | None:
        return self.cells.get((city, number))

    @property
    def reasons(self) -> list[tuple[str, list[int], str]]:
        """Return city, numbers of the symptoms, and the reason that is given for those answers."""
        grouped: dict[tuple[str, str], list[int]] = {}
        for (city, number), assessment in self.cells.items():
            if assessment.reason:
                grouped.setdefault((city, assessment.reason), []).append(number)
        return [(city, sorted(numbers), reason) for (city, reason), numbers in grouped.items()]

    @property
    def read(self) -> list[str]:
        """Return the cities whose answers are read out of the source, which does not give them in so many words."""
        read = {city for (city, _), assessment in self.cells.items() if "read" in assessment.basis.values()}
        return [city for city in self.cities if city in read]


def symptom_table() -> SymptomTable:
    """Return the table. Two queries."""
    statement = select(SymptomAssessment).options(joinedload(SymptomAssessment.source))
    assessments = rows(statement.order_by(swedish(SymptomAssessment.city), SymptomAssessment.symptom_number))
    return SymptomTable(
        cities=sorted({assessment.city for assessment in assessments}, key=swedish_sort_key),
        symptoms=rows(select(Symptom).order_by(Symptom.number)),
        cells={(assessment.city, assessment.symptom_number): assessment for assessment in assessments},
        sources=sources_of(assessments),
    )


def time_patterns() -> list[TimePattern]:
    """Return when the trade shows, by city. One query."""
    return sorted(
        rows(select(TimePattern).options(joinedload(TimePattern.source))),
        key=lambda pattern: swedish_sort_key(pattern.city),
    )


def bands_text(pattern: TimePattern) -> str:
    """Return the hours of a pattern in words: "eftermiddag, kväll"."""
    return ", ".join(TimeBand(value).label.lower() for value in pattern.bands)


def city_profiles() -> list[CityProfile]:
    """Return the figures of the cities, by name. One query."""
    return sorted(
        rows(select(CityProfile).options(joinedload(CityProfile.source))), key=lambda city: swedish_sort_key(city.name)
    )


def sources_of(sourced: Iterable[Sourced]) -> list[Source]:
    """Return each source of the rows once, in their order."""
    return list(dict.fromkeys(row.source for row in sourced if row.source))


def is_empty(areas_found: Sequence[Area], symptoms: SymptomTable, cities: Sequence[CityProfile]) -> bool:
    """Say whether there is nothing at all to show."""
    return not areas_found and not symptoms.cells and not cities
