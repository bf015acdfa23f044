"""Loads survey rounds, what they say of places, symptoms, time patterns, figures of cities and official reports."""

from datetime import date

from platssamverkan.demo.seed import Record, Seed
from platssamverkan.places.models import SceneState
from platssamverkan.reports.models import OfficialReport
from platssamverkan.surveys.models import (
    CityProfile,
    RoundStatus,
    SceneChange,
    SurveyEntry,
    SurveyRound,
    Symptom,
    SymptomAnswer,
    SymptomAssessment,
    TimePattern,
)


def load_rounds(seed: Seed) -> None:
    """Make the rounds and the statuses of places, in a round or outside any."""
    for record in seed.records("survey_rounds"):
        year, quarter = record.take("year"), record.take("quarter")
        survey_round = SurveyRound(
            key=record.key,
            area=record.take("area"),
            period_text=f"kvartal {quarter} {year}" if quarter else str(year),
            year=year,
            status=RoundStatus(record.take("status") or RoundStatus.PUBLISHED),
            previous_id=seed.id_of("survey_rounds", record.take("previous")),
            total=record.take("total"),
            added=record.take("added"),
            ended=record.take("ended"),
            merged_some=bool(record.take("merged_some")),
            split_some=bool(record.take("split_some")),
            merged_count=record.take("merged_count"),
            split_count=record.take("split_count"),
            conducted_by=record.take("conducted_by"),
            note=record.take("note"),
        )
        seed.keep(record, survey_round)
    for record in seed.records("place_statuses"):
        change, place, round_key = record.take("change"), record.take("place"), record.take("round")
        record.key = f"{place}@{round_key or 'utan-omgang'}"
        entry = SurveyEntry(
            round_id=seed.id_of("survey_rounds", round_key),
            place_id=seed.id_of("places", place),
            state=SceneState(record.take("state")),
            change=SceneChange(change) if change else None,
            change_period=record.take("change_period"),
            change_text=record.take("change_text"),
        )
        seed.keep(record, entry)


def load_symptoms(seed: Seed) -> None:
    """Make the seven symptoms and, for each city, the answer to each."""
    for record in seed.records("symptoms"):
        record.key = f"symptom-{record.left['number']}"
        seed.keep(record, Symptom(number=record.take("number"), text=record.take("text")))
    for record in seed.records("symptom_assessments"):
        city, reason = record.take("city"), record.take("reason")
        answers = dict.fromkeys(record.take("met"), SymptomAnswer.YES)
        answers |= dict.fromkeys(record.take("not_met"), SymptomAnswer.NO)
        if "met_basis" in record.left:
            record.left["answer_basis"] = record.take("met_basis")
        for number, answer in sorted(answers.items()):
            part = Record("symptom_answers", {**record.left, "id": f"{city}#{number}"})
            assessment = SymptomAssessment(
                city=city,
                symptom_number=number,
                answer=answer,
                reason=reason if answer is SymptomAnswer.NO else None,
            )
            seed.keep(part, assessment)


def load_cities(seed: Seed) -> None:
    """Make the time patterns and the figures of the cities."""
    for record in seed.records("time_patterns"):
        record.key = record.left["city"]
        pattern = TimePattern(
            city=record.take("city"),
            bands=record.texts("bands"),
            season=record.take("season"),
            weekdays=record.take("weekdays"),
            note=record.take("note"),
        )
        seed.keep(record, pattern)
    for record in seed.records("cities"):
        record.key = record.left["name"]
        city = CityProfile(
            name=record.take("name"),
            inhabitants=record.take("inhabitants"),
            unemployment_percent=record.take("unemployment_percent"),
            ill_health_number=record.take("ill_health_number"),
        )
        seed.keep(record, city)


def load_official_reports(seed: Seed) -> None:
    """Make the official reports, with both the printed date and the dates of attestation."""
    for record in seed.records("official_reports"):
        report = OfficialReport(
            title=record.take("title"),
            subtitle=record.take("subtitle"),
            addressed_to=record.take("to"),
            prepared_by=record.take("prepared_by"),
            printed_on=date.fromisoformat(record.take("printed_date")),
            inquiry_on=date.fromisoformat(record.take("inquiry_date")),
            proposal=record.take("proposal"),
            headings=record.texts("headings"),
            attestations=record.take("attestations"),
            attachments=record.texts("attachments"),
        )
        seed.keep(record, report)
