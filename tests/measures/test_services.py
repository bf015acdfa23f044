"""Measures are numbered, get their methods, and close with an answer about what keeps the result."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.measures import queries, services
from platssamverkan.measures.models import (
    CptedCategory,
    Measure,
    MeasureMethod,
    MeasureMethodLink,
    MeasureStatus,
)
from tests.builders import World
from tests.measures.builders import a_measure


def test_measures_are_numbered_within_their_partnership(app: Flask, world: World) -> None:
    with app.app_context():
        numbers = [
            services.create_measure(
                partnership_id=world.partnerships[slug],
                title="Ny belysning",
                responsible_actor_id=world.actors["police"],
                methods=[MeasureMethod.SITUATIONAL],
            ).number
            for slug in ("klara", "klara", "sergels")
        ]
        db.session.commit()
    assert numbers == [1, 2, 1]


def test_a_new_measure_is_decided_and_works_by_the_method_that_was_chosen(app: Flask, world: World) -> None:
    with app.app_context():
        services.create_measure(
            partnership_id=world.partnerships["klara"],
            title="Ta fram gemensam rutin",
            responsible_actor_id=world.actors["district"],
            methods=[MeasureMethod.ORGANISATIONAL],
            due_on=date(2026, 11, 14),
            affected_actor_ids=[world.actors["district"], world.actors["police"]],
        )
        db.session.commit()
        measure = db.session.scalar(select(Measure))
        assert measure.status is MeasureStatus.DECIDED
        methods = list(db.session.scalars(select(MeasureMethodLink.method)))
        assert methods == [MeasureMethod.ORGANISATIONAL]


def test_cpted_categories_stand_only_with_a_situational_method(app: Flask, world: World) -> None:
    values = {
        "partnership_id": world.partnerships["klara"],
        "title": "Belysning",
        "responsible_actor_id": world.actors["traffic"],
        "cpted": [CptedCategory.SURVEILLANCE],
    }
    with app.app_context():
        with pytest.raises(DomainError, match="Situationell"):
            services.create_measure(**values, methods=[MeasureMethod.SOCIAL])
        with pytest.raises(DomainError, match="minst en metod"):
            services.create_measure(**{**values, "methods": [], "cpted": []})
        measure = services.create_measure(**values, methods=[MeasureMethod.SITUATIONAL])
        services.set_methods(measure, methods=[MeasureMethod.SOCIAL], cpted=[])
        services.set_methods(
            measure, methods=[MeasureMethod.SITUATIONAL, MeasureMethod.SOCIAL], cpted=[CptedCategory.IMAGE]
        )
        assert [link.category for link in measure.cpted] == [CptedCategory.IMAGE]
        db.session.rollback()


def test_a_day_to_be_done_by_has_passed_only_when_it_is_over() -> None:
    today = clock.today()
    assert services.told_of_due(today, None) == ""
    assert "redan har varit" in services.told_of_due(today - timedelta(days=1))


def test_no_measure_is_cancelled_without_a_reason(app: Flask, world: World) -> None:
    with app.app_context():
        measure = a_measure(world)
        with pytest.raises(DomainError, match="Skriv varför"):
            services.cancel(measure, reason=" ", on=date(2026, 11, 22))
        assert measure.status is not MeasureStatus.CANCELLED


def test_rows_for_other_rooms_leave_out_what_the_reader_may_not_see(app: Flask, world: World) -> None:
    with app.app_context():
        ids = [
            services.create_measure(
                partnership_id=world.partnerships["klara"],
                title=visibility.label,
                responsible_actor_id=world.actors["police"],
                methods=[MeasureMethod.SOCIAL],
                visibility=visibility,
                owner_actor_id=world.actors["police"],
            ).id
            for visibility in Visibility
        ]
        found = queries.measure_rows_for(reversed(ids), Reader(actor_ids=frozenset({world.actors["owner"]})))
        assert [row.title for row in found] == ["Offentlig", "Samverkan"]
        assert found[0].responsible.name == "Polisen"
        assert queries.measure_rows_for([], Reader()) == []
        db.session.rollback()
