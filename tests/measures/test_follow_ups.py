"""Follow-ups ask what was done and what came of it; displacement says where and when."""

from collections.abc import Callable
from datetime import date
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.goals.models import DesiredDirection, Indicator, IndicatorKind
from platssamverkan.measures.models import FollowUp, FollowUpDone, FollowUpEffect, Measure
from tests.builders import World, add
from tests.measures.builders import a_follow_up
from tests.measures.conftest import Make

LIST = "/samverkan/sergels/atgarder"
Parse = Callable[..., BeautifulSoup]


def posted(**changes: Any) -> dict[str, Any]:
    """Return a filled-in form of a follow-up: done, but no effect."""
    values = {
        "on": "2026-11-10",
        "done": "yes",
        "done_count": "4",
        "effect": "unchanged",
        "displacement": "no",
        "text": "Fyra vandringar är gjorda",
        "by_function": "Områdespolis",
        "visibility": "partnership",
    }
    return {**values, **changes}


def test_done_and_effect_are_kept_apart(app: Flask, police: FlaskClient, make_measure: Make) -> None:
    measure_id = make_measure()
    response = police.post(f"{LIST}/{measure_id}/uppfoljning/ny", data=posted())
    assert response.status_code == 303
    assert response.location.endswith("#uppfoljning-1")
    with app.app_context():
        row = db.session.scalar(select(FollowUp))
        assert (row.done, row.done_count, row.effect) == (FollowUpDone.YES, 4, FollowUpEffect.UNCHANGED)
        assert row.by_function == "Områdespolis"


def test_the_form_starts_with_today_the_function_and_the_hint(
    world: World, police: FlaskClient, make_measure: Make, parse: Parse
) -> None:
    page = parse(police.get(f"{LIST}/{make_measure()}/uppfoljning/ny"))
    assert page.select_one("#by_function")["value"] == "Police"
    assert "Skriv om plats, tid och händelse" in page.select_one("#displacement_text-hint").get_text()


def test_displacement_without_place_and_time_is_refused(
    app: Flask, police: FlaskClient, make_measure: Make, parse: Parse
) -> None:
    url = f"{LIST}/{make_measure()}/uppfoljning/ny"
    wrong = {
        "displacement": "yes",
        "done": "",
        "effect": "",
        "on": "2190-01-01",
        "done_count": "många",
        "indicator_id": "99999",
    }
    fields = {"displacement": "displacement_text"}
    for name, value in wrong.items():
        response = police.post(url, data=posted(**{name: value}))
        assert response.status_code == 422, name
        page = parse(response)
        assert page.select(f"#{fields.get(name, name)}-error"), name
        assert "Fyra vandringar är gjorda" in page.select_one("#text").get_text()
    with app.app_context():
        assert db.session.scalar(select(FollowUp)) is None
    moved = posted(displacement="yes", displacement_text="Till hissen, sena eftermiddagar")
    assert police.post(url, data=moved).status_code == 303


def test_a_follow_up_is_corrected_and_two_who_do_so_at_once_see_both_texts(
    app: Flask, police: FlaskClient, make_measure: Make, parse: Parse
) -> None:
    measure_id = make_measure()
    with app.app_context():
        row_id = a_follow_up(db.session.get(Measure, measure_id)).id
        db.session.commit()
    url = f"{LIST}/{measure_id}/uppfoljning/{row_id}/andra"
    assert police.get(url).status_code == 200
    assert police.post(url, data=posted(version="1", done="")).status_code == 422
    assert police.post(url, data=posted(version="1", text="Först")).status_code == 303
    response = police.post(url, data=posted(version="1", text="Sist"))
    assert response.status_code == 409
    assert parse(response).select_one("#conflict textarea[name=text]").get_text(strip=True) == "Sist"
    with app.app_context():
        assert db.session.get(FollowUp, row_id).text == "Först"


def test_a_follow_up_of_another_measure_or_actor_is_out_of_reach(
    app: Flask, owner: FlaskClient, police: FlaskClient, make_measure: Make
) -> None:
    first, second = make_measure(), make_measure(actor="owner")
    with app.app_context():
        row_id = a_follow_up(db.session.get(Measure, first)).id
        db.session.commit()
    assert police.get(f"{LIST}/{second}/uppfoljning/{row_id}/andra").status_code == 403
    assert owner.get(f"{LIST}/{second}/uppfoljning/{row_id}/andra").status_code == 404
    assert owner.post(f"{LIST}/{first}/uppfoljning/ny", data=posted()).status_code == 403


def test_the_effect_links_to_the_indicator_that_it_is_read_from(
    app: Flask, world: World, police: FlaskClient, make_measure: Make, parse: Parse
) -> None:
    measure_id = make_measure(due_on=date(2026, 12, 1))
    with app.app_context():
        indicator_id = add(
            Indicator(
                partnership_id=world.partnerships["sergels"],
                name="Otrygga på kvällen",
                kind=IndicatorKind.PERCEPTION_SURVEY,
                desired_direction=DesiredDirection.DOWN,
            )
        ).id
        db.session.commit()
    data = posted(indicator_id=str(indicator_id))
    assert police.post(f"{LIST}/{measure_id}/uppfoljning/ny", data=data).status_code == 303
    link = parse(police.get(f"{LIST}/{measure_id}")).select_one(".timeline a")
    assert link.get_text().startswith("Otrygga på kvällen")
    page = parse(police.get(link["href"]))
    assert page.select_one(f'a[href="{LIST}/{measure_id}#uppfoljning-1"]') is not None
