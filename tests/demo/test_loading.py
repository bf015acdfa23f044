"""The seed file is loaded whole, once, with its sources, and nothing is added to it."""

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from platssamverkan.activations.models import OrganisationRole
from platssamverkan.actors.models import Actor
from platssamverkan.agreements.models import Agreement, AgreementParty, Commitment
from platssamverkan.core.columns import Sourced
from platssamverkan.core.db import Base, db
from platssamverkan.core.sources import Source
from platssamverkan.demo.seed import Record, Seed, SeedError
from platssamverkan.goals.models import ActionPlan, Goal, GoalVersion, Indicator, Observation, Study
from platssamverkan.measures.models import FollowUp, Measure
from platssamverkan.partnerships.models import MeetingSeries, Membership, Partnership, Representative
from platssamverkan.places.models import Place, SharedPremises
from platssamverkan.reports.models import OfficialReport
from platssamverkan.surveys.models import (
    CityProfile,
    SurveyEntry,
    SurveyRound,
    Symptom,
    SymptomAnswer,
    SymptomAssessment,
    TimePattern,
)

#: Kind in the file → model; one row each.
KINDS: dict[str, Any] = {
    "partnerships": Partnership,
    "places": Place,
    "actors": Actor,
    "memberships": Membership,
    "agreements": Agreement,
    "commitments": Commitment,
    "goals": Goal,
    "action_plans": ActionPlan,
    "meeting_rhythms": MeetingSeries,
    "shared_premises": SharedPremises,
    "organisation_roles": OrganisationRole,
    "measures": Measure,
    "survey_rounds": SurveyRound,
    "place_statuses": SurveyEntry,
    "studies": Study,
    "indicators": Indicator,
    "symptoms": Symptom,
    "time_patterns": TimePattern,
    "cities": CityProfile,
    "official_reports": OfficialReport,
}
CITIES = ["boras", "helsingborg", "linkoping", "orebro", "uppsala", "vaxjo"]
#: Model → column → the file's field. A field that the file lacks leaves the column empty.
COLUMNS: dict[str, dict[str, str]] = {
    "partnerships": {"started_year": "started_year", "mandate": "mandate", "municipality": "municipality"},
    "places": {"prioritised": "prioritised", "prioritised_since": "prioritised_since", "note": "note"},
    "agreements": {"length_years": "length_years", "parties_text": "parties_text", "note": "note"},
    "measures": {"status": "status", "planned_count": "planned_count", "outcome_text": "outcome_text"},
    "indicators": {"unit": "unit", "caveat": "caveat", "desired_direction": "desired_direction"},
    "survey_rounds": {"total": "total", "added": "added", "ended": "ended", "merged_count": "merged_count"},
    "meeting_rhythms": {"recurrence": "recurrence", "min_per_year": "min_per_year"},
    "studies": {"finding": "finding", "design": "design", "funded_by": "funded_by", "risk_note": "risk_note"},
    "action_plans": {"document_year": "document_year"},
}
#: Columns of which the file says nothing for any row.
UNSAID: dict[Any, list[str]] = {
    Partnership: ["data_controller_id", "data_purpose", "legal_basis", "retention"],
    Actor: ["sector"],
    Place: ["reviewed_on"],
    Membership: ["joined_on", "left_on", "mandate"],
    Representative: ["valid_from", "valid_to"],
    Agreement: ["status", "diary_number"],
    AgreementParty: ["joined", "withdrew"],
    Commitment: ["done_count", "done_period", "done_note"],
    MeetingSeries: ["rule", "starts_on", "starts_at", "minutes_long"],
    Measure: ["cause_id", "due_on", "closed_on", "follow_up_on", "resources", "description", "cancel_reason"],
    FollowUp: ["on", "next_step", "unintended_effect", "done_count", "by_function"],
    Indicator: ["owner_id", "baseline_value", "target_value", "target_operator", "ended_on"],
    Observation: ["numerator", "area_hectares", "origin"],
    SurveyRound: ["published_on"],
    Goal: ["ended_on", "ended_reason"],
}


def loaded_rows(model: Any) -> dict[str, Any]:
    """Return the rows from the file by key."""
    statement = select(model).where(model.seed_key.is_not(None)).options(joinedload(model.source))
    return {row.seed_key: row for row in db.session.scalars(statement)}


def test_every_item_of_the_file_is_a_row_with_its_source(loaded: Flask, seed_file: dict[str, Any]) -> None:
    with loaded.app_context():
        for kind, model in KINDS.items():
            rows = loaded_rows(model)
            if kind == "partnerships":
                assert sorted(key for key, row in rows.items() if row.from_report) == CITIES
                rows = {key: row for key, row in rows.items() if not row.from_report}
            items = seed_file[kind]
            assert len(rows) == len(items), kind
            expected = Counter(item["source"] for item in items)
            assert Counter(row.source.key for row in rows.values()) == expected, kind
            for item in items:
                if "id" in item:
                    assert rows[item["id"]].source.key == item["source"]
            assert not any(row.is_example for row in rows.values()), kind


def test_every_kind_of_the_file_is_counted_above(seed_file: dict[str, Any]) -> None:
    assert set(KINDS) == set(seed_file) - {"meta", "symptom_assessments"}


def test_what_the_file_leaves_out_stays_empty_and_what_it_says_is_kept(
    loaded: Flask, seed_file: dict[str, Any]
) -> None:
    with loaded.app_context():
        for kind, columns in COLUMNS.items():
            rows = loaded_rows(KINDS[kind])
            for item in seed_file[kind]:
                for column, field in columns.items():
                    assert getattr(rows[item["id"]], column) == item.get(field), (item["id"], column)


def test_columns_that_the_file_never_speaks_of_are_empty(loaded: Flask) -> None:
    with loaded.app_context():
        for model, columns in UNSAID.items():
            query = select(model)
            if issubclass(model, Sourced):
                query = query.where(model.seed_key.is_not(None))
            rows = list(db.session.scalars(query))
            assert rows
            for column in columns:
                said = [getattr(row, column) for row in rows if getattr(row, column) is not None]
                assert said == [], (model.__name__, column)


def test_years_become_partial_dates_and_no_more(loaded: Flask, seed_file: dict[str, Any]) -> None:
    def text(value: Any) -> str | None:
        return None if value is None else str(value)

    with loaded.app_context():
        measures = loaded_rows(Measure)
        for item in seed_file["measures"]:
            row = measures[item["id"]]
            assert (row.starts, row.ends) == (text(item.get("start_year")), text(item.get("end_year")))
        agreements = loaded_rows(Agreement)
        for item in seed_file["agreements"]:
            row = agreements[item["id"]]
            assert (row.starts, row.ends) == (text(item.get("start")), text(item.get("end")))
            assert row.signed == text(item.get("signed_year", item.get("first_signed_year")))


def test_what_stands_beside_the_fields_is_in_the_note(loaded: Flask) -> None:
    with loaded.app_context():
        measures = loaded_rows(Measure)
        assert "under flera års tid" in measures["m-odenplan-social"].source_note
        assert "sedan 2018" in measures["m-jakobsberg-kameror"].source_note
        assert "nyårsafton 2023/2024" in measures["m-klara-sl-ov"].source_note
        assert "den 1 mars, året framgår inte" in measures["m-jakobsberg-trygghetsteam"].source_note
        assert measures["m-klara-kameror"].basis == {
            "method": "classified", "cpted": "classified", "responsible": "read",
        }  # fmt: skip
        group = loaded_rows(Partnership)["platssamverkan-blackeberg"].source_note
        assert "Arbetsgrupp för Blackeberg, bildad 2023. Uppgift: Analysera vilka metoder" in group
        assert "Pilot: sommaren 2019." in loaded_rows(Partnership)["platssamverkan-sergels-torg"].source_note
        study = loaded_rows(Study)["studie-movium"]
        assert study.performed_by is None
        assert "Utförd tillsammans med Sveriges lantbruksuniversitet" in study.source_note
        assert "Vilka framgår inte" in loaded_rows(Agreement)["avtal-sergels-2023"].source_note


def test_every_note_is_free_of_keys_and_of_english(loaded: Flask) -> None:
    with loaded.app_context():
        for model in KINDS.values():
            for key, row in loaded_rows(model).items():
                for word in ("None", "True", "seed", "_", "vision-klara", "-sdf", "strategic,"):
                    assert word not in (row.source_note or ""), (key, row.source_note)


def test_parties_are_actors_where_the_file_has_them_and_names_where_not(
    loaded: Flask, seed_file: dict[str, Any]
) -> None:
    known = {item["id"] for item in seed_file["actors"]}
    with loaded.app_context():
        statement = select(Agreement).options(
            selectinload(Agreement.parties).selectinload(AgreementParty.actor),
            selectinload(Agreement.extends),
            selectinload(Agreement.parent),
        )
        agreements = {row.seed_key: row for row in db.session.scalars(statement)}
        for item in seed_file["agreements"]:
            row = agreements[item["id"]]
            named = [*item["parties"], *item.get("city_participants", [])]
            assert [party.actor.seed_key if party.actor else party.name for party in row.parties] == named
            assert [party.actor is not None for party in row.parties] == [name in known for name in named]
            assert (row.extends.seed_key if row.extends else None) == item.get("extends")
            assert (row.parent.seed_key if row.parent else None) == item.get("parent")
        participants = [party.is_participant_only for party in agreements["avtal-sergels-2023"].parties]
        assert participants == [False] * 7 + [True] * 4


def test_a_commitment_belongs_to_the_party_that_the_file_names(loaded: Flask, seed_file: dict[str, Any]) -> None:
    with loaded.app_context():
        statement = select(Commitment).options(selectinload(Commitment.party), selectinload(Commitment.agreement))
        commitments = {row.seed_key: row for row in db.session.scalars(statement)}
        for item in seed_file["commitments"]:
            row = commitments[item["id"]]
            assert (row.party.name if row.party else None) == item["party"]
            assert row.agreement.seed_key == item["agreement"]
        assert commitments["vivalla-gemensam-2"].target_count == 2
        assert commitments["vivalla-gemensam-2"].is_joint


def test_functions_are_kept_with_their_level(loaded: Flask, seed_file: dict[str, Any]) -> None:
    expected = sum(len(item.get("representatives") or []) for item in seed_file["memberships"])
    with loaded.app_context():
        rows = loaded_rows(Representative)
        assert len(rows) == expected
        assert {tuple(row.basis) for row in rows.values()} == {("level",)}


def test_observations_are_the_figures_of_the_file_and_otherwise_its_words(
    loaded: Flask, seed_file: dict[str, Any]
) -> None:
    with loaded.app_context():
        statement = select(Indicator).options(selectinload(Indicator.observations))
        indicators = {row.seed_key: row for row in db.session.scalars(statement)}
        for item in seed_file["indicators"]:
            found = indicators[item["id"]].observations
            figures = [(one["year"], one["value"]) for one in item.get("observations", [])]
            assert [(int(row.ends), row.value) for row in found if row.value is not None] == figures
            if figures:
                continue
            assert len(found) == 1
            assert found[0].direction == item["direction"]
            assert found[0].statement == item.get("statement")
            assert found[0].value is None
        assert indicators["ind-klara-yta"].observations[0].sort_key == "2023-12-31"
        assert indicators["ind-vaxjo-paverkade"].observations[0].period_text == "sedan 2014"
        assert indicators["ind-riket-narkotika"].area_text == "Sverige"
        assert indicators["ind-riket-narkotika"].observations[0].is_approximate


def test_follow_ups_are_only_where_the_file_tells_of_an_effect(loaded: Flask, seed_file: dict[str, Any]) -> None:
    expected = sum(1 for item in seed_file["measures"] for name in ("effect_during", "effect_after") if item.get(name))
    with loaded.app_context():
        rows = loaded_rows(FollowUp)
        assert len(rows) == expected
        assert rows["m-uppsala-brantingstorg#2"].effect == "relapse"
        assert "oförminskad styrka" in rows["m-uppsala-brantingstorg#2"].text
        assert rows["m-uppsala-brantingstorg#1"].text is None
        moved = rows["m-vaxjo-kameror#1"]
        assert moved.displacement == "yes"
        # Told once, where it tells of the displacement.
        assert (moved.text, "förflyttades sedermera" in moved.displacement_text) == (None, True)


def test_symptoms_are_answered_as_the_file_says(loaded: Flask, seed_file: dict[str, Any]) -> None:
    with loaded.app_context():
        answers = {(row.city, row.symptom_number): row for row in db.session.scalars(select(SymptomAssessment))}
        for item in seed_file["symptom_assessments"]:
            for number in item["met"]:
                assert answers.pop((item["city"], number)).answer is SymptomAnswer.YES
            for number in item["not_met"]:
                row = answers.pop((item["city"], number))
                assert (row.answer, row.reason) == (SymptomAnswer.NO, item["reason"])
        assert answers == {}


def test_goals_have_one_version_with_the_words_of_the_file(loaded: Flask, seed_file: dict[str, Any]) -> None:
    with loaded.app_context():
        statement = select(GoalVersion.text, Goal.seed_key).join(GoalVersion.goal)
        assert {key: text for text, key in db.session.execute(statement)} == {
            item["id"]: item["text"] for item in seed_file["goals"]
        }


def test_what_names_a_city_stands_in_the_city_that_was_taken_from_the_report(
    loaded: Flask, seed_file: dict[str, Any]
) -> None:
    with loaded.app_context():
        for model, kind in (
            (Measure, "measures"),
            (Goal, "goals"),
            (ActionPlan, "action_plans"),
            (MeetingSeries, "meeting_rhythms"),
        ):
            statement = select(model.seed_key, Partnership.name).join(
                Partnership, Partnership.id == model.partnership_id
            )
            home = {row.seed_key: row.name for row in db.session.execute(statement)}
            for item in seed_file[kind]:
                if "city" in item:
                    assert home[item["id"]] == item["city"]


def test_printed_and_attested_dates_are_both_kept(loaded: Flask) -> None:
    with loaded.app_context():
        source = db.session.scalars(select(Source).where(Source.key.like("002%"))).one()
        assert (source.printed_on.isoformat(), source.attested_on.isoformat()) == ("2021-03-21", "2024-03-08")
        assert db.session.scalars(select(OfficialReport)).one().is_dated_before_inquiry
        political = db.session.scalars(select(Source).where(Source.key.like("004%"))).one()
        assert political.is_political
        assert political.years is None


def counts() -> dict[str, int]:
    """Return how many rows each table holds."""
    return {
        name: db.session.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()
    }


def test_a_second_load_changes_nothing_and_keeps_what_was_entered(loaded: Flask) -> None:
    with loaded.app_context():
        row = loaded_rows(Measure)["m-sergels-park"]
        row.title = "Ändrad av samordnaren"
        db.session.commit()
        before = counts()
    result = loaded.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0
    assert "finns redan" in result.output
    with loaded.app_context():
        assert counts() == before
        assert loaded_rows(Measure)["m-sergels-park"].title == "Ändrad av samordnaren"


def test_a_field_without_a_place_stops_the_load() -> None:
    seed = Seed()
    with pytest.raises(SeedError, match="colour"):
        seed.note(Record("places", {"colour": "blå"}))
    with pytest.raises(SeedError, match="pilot"):
        seed.note(Record("partnerships", {"pilot": {"season": "sommar", "year": 2019, "cost": 5}}))
