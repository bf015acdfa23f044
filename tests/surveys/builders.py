"""Rows of surveys for tests."""

from typing import Any

from platssamverkan.surveys.models import SurveyEntry, SurveyRound, Symptom, SymptomAnswer, SymptomAssessment
from tests.builders import add


def a_round(key: str, year: int, **changes: Any) -> SurveyRound:
    """Return a saved round of the county."""
    values = {"key": key, "area": "Länet", "year": year, "period_text": str(year)}
    row: SurveyRound = add(SurveyRound(**{**values, **changes}))
    return row


def an_entry(round_id: int | None, place_id: int, **changes: Any) -> SurveyEntry:
    """Return what is said of a place."""
    row: SurveyEntry = add(SurveyEntry(round_id=round_id, place_id=place_id, **changes))
    return row


def an_answer(city: str, number: int, answer: SymptomAnswer, reason: str | None = None) -> SymptomAssessment:
    """Return an answer to a saved symptom."""
    row: SymptomAssessment = add(SymptomAssessment(city=city, symptom_number=number, answer=answer, reason=reason))
    return row


def symptoms(count: int = 7) -> None:
    """Save the symptoms."""
    for number in range(1, count + 1):
        add(Symptom(number=number, text=f"Symptom nummer {number}"))
