"""Assessments: written with evidence, approved for a period, then only corrected."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from platssamverkan.activations.models import EventStatus
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.drafts import Draft
from platssamverkan.core.errors import DomainError
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.goals import assessment_services
from platssamverkan.goals.goal_queries import goal_or_404
from platssamverkan.goals.models import (
    EvidenceLink,
    Goal,
    GoalAssessment,
    GoalVersion,
    Grade,
    Indicator,
    ReportingPeriod,
    Study,
    indicator_goal,
)
from platssamverkan.measures.services import cancel, set_goals
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation
from tests.measures.builders import a_measure

HERE = "/samverkan/sergels/mal"
MADE = {
    "grade": "partial",
    "motivation": "Färre störs av öppen handel, men målnivån är inte nådd.",
    "lacks_evidence": "y",
    "visibility": "partnership",
    "version": "0",
}


def path(goal_id: int, period: str = "vb", year: int = 2025, then: str = "/andra") -> str:
    return f"{HERE}/{goal_id}/bedomning/{year}/{period}{then}"


def saved(app: Flask) -> list[GoalAssessment]:
    with app.app_context():
        return list(db.session.scalars(select(GoalAssessment).order_by(GoalAssessment.id)))


def given_locked(app: Flask, goal_id: int) -> int:
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        assessment = an_assessment(version)
        add(EvidenceLink(assessment_id=assessment.id, study_id=None, indicator_id=_indicator(version)))
        assessment.locked_at, assessment.locked_by_function = clock.now(), "Samordnare"
        db.session.commit()
        found: int = assessment.id
        return found


def _indicator(version: GoalVersion) -> int:
    partnership_id = db.session.scalar(text("SELECT partnership_id FROM goal WHERE id = :id"), {"id": version.goal_id})
    found: int = an_indicator(partnership_id).id
    return found


def test_an_assessment_is_saved_with_evidence_that_leads_back(
    app: Flask, goal_id: int, indicator_id: int, officer: FlaskClient, parse
) -> None:
    data = {**MADE, "lacks_evidence": "", "indicator": [str(indicator_id)]}
    del data["lacks_evidence"]
    assert officer.post(path(goal_id), data=data).status_code == 303
    (assessment,) = saved(app)
    assert (assessment.grade, assessment.assessed_by_function) == (Grade.PARTIAL, "Officer")
    page = parse(officer.get(path(goal_id, then="")))
    link = page.select_one("[aria-labelledby=evidence] a")
    assert link["href"] == f"{HERE}/indikatorer/{indicator_id}"
    assert "37\xa0procent (2025)" in link.text
    back = parse(officer.get(f"{HERE}/indikatorer/{indicator_id}"))
    assert path(goal_id, then="") in [a["href"] for a in back.select("[aria-labelledby=mentions] a")]


def test_an_assessment_tells_what_was_known_when_its_period_ended(
    app: Flask, world: World, goal_id: int, indicator_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        indicator = db.session.get_one(Indicator, indicator_id)
        an_observation(indicator, "2026", "12")
        other = an_indicator(world.partnerships["sergels"], "Tjänar målet")
        an_observation(other, "2025", "50")
        an_observation(other, "2026", "11")
        db.session.execute(insert(indicator_goal).values(indicator_id=other.id, goal_id=goal_id))
        other_id = other.id
        db.session.commit()
    form = parse(officer.get(path(goal_id)))
    labels = [label.get_text(strip=True) for label in form.select("fieldset#indicator label")]
    expected = ["Störs av narkotikahandel: 37\xa0procent (2025)", "Tjänar målet: 50\xa0procent (2025)"]
    assert sorted(labels) == expected
    assert "11" not in form.select_one("details table").text
    data = {name: value for name, value in MADE.items() if name != "lacks_evidence"}
    assert officer.post(path(goal_id), data={**data, "indicator": [indicator_id, other_id]}).status_code == 303
    for address in (path(goal_id, then=""), f"{HERE}/{goal_id}", f"{HERE}/bedomning?ar=2025&period=vb"):
        links = parse(officer.get(address)).select("main a[href*='/indikatorer/']")
        assert sorted(link.text for link in links if ":" in link.text) == expected, address


def test_an_old_assessment_tells_what_was_known_then_however_much_was_observed_since(
    app: Flask, world: World, goal_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        goal = db.session.get_one(Goal, goal_id)
        indicator = an_indicator(world.partnerships["sergels"], "Ronder", goals=[goal])
        an_observation(indicator, "2022", "50")
        for month in range(36):
            an_observation(indicator, f"{2024 + month // 12}-{month % 12 + 1:02}", "11")
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        for year in (2022, 2024):
            assessment = an_assessment(version, year=year, lacks_evidence=False)
            add(EvidenceLink(assessment_id=assessment.id, indicator_id=indicator.id))
        db.session.commit()
    links = parse(officer.get(f"{HERE}/{goal_id}")).select("article a[href*='/indikatorer/']")
    assert [link.text for link in links] == [
        "Ronder: 11\xa0procent (december\xa02024)",
        "Ronder: 50\xa0procent (2022)",
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"motivation": "  "}, "motivation"), ({"grade": ""}, "grade"), ({"lacks_evidence": None}, "lacks_evidence")],
)
def test_grade_motivation_and_evidence_are_asked_for(
    app: Flask, goal_id: int, officer: FlaskClient, parse, wrong: dict[str, str | None], field: str
) -> None:
    data = {name: value for name, value in {**MADE, **wrong}.items() if value is not None}
    response = officer.post(path(goal_id), data=data)
    assert response.status_code == 422
    assert parse(response).select_one(f"#{field}-error, [id^={field}] .error-text, .field-error") is not None
    assert saved(app) == []


def test_evidence_and_its_absence_exclude_each_other(
    app: Flask, goal_id: int, indicator_id: int, officer: FlaskClient
) -> None:
    response = officer.post(path(goal_id), data={**MADE, "indicator": [str(indicator_id)]})
    assert response.status_code == 422
    assert "Kryssa ur" in response.get_data(as_text=True)
    assert saved(app) == []


def test_a_record_of_another_partnership_is_no_evidence(
    app: Flask, world: World, goal_id: int, officer: FlaskClient
) -> None:
    with app.app_context():
        elsewhere = an_indicator(world.partnerships["klara"]).id
        db.session.commit()
    data = {name: value for name, value in MADE.items() if name != "lacks_evidence"}
    assert officer.post(path(goal_id), data={**data, "indicator": [str(elsewhere)]}).status_code == 422
    assert saved(app) == []


def test_the_form_says_that_a_tertial_grade_is_a_forecast(goal_id: int, officer: FlaskClient) -> None:
    assert "prognos för helåret 2026" in officer.get(path(goal_id, "t1", 2026)).get_data(as_text=True)
    assert "utfallet för helåret 2025" in officer.get(path(goal_id)).get_data(as_text=True)
    assert "prognos för helåret 2026" in officer.get(f"{HERE}/bedomning?ar=2026&period=t2").get_data(as_text=True)


def test_saving_removes_the_draft_of_the_motivation(
    app: Flask, world: World, goal_id: int, officer: FlaskClient, parse
) -> None:
    key = parse(officer.get(path(goal_id))).select_one("#motivation")["data-draft"]
    with app.app_context():
        add(Draft(user_id=world.users["officer"], key=key, text="Halvskrivet", saved_at=clock.now()))
        db.session.commit()
    officer.post(path(goal_id), data=MADE)
    with app.app_context():
        assert db.session.scalar(select(Draft.id)) is None


def test_two_who_assess_at_once_see_both_texts(app: Flask, goal_id: int, officer: FlaskClient, coordinator) -> None:
    assert officer.post(path(goal_id), data=MADE).status_code == 303
    response = coordinator.post(path(goal_id), data={**MADE, "motivation": "En annan motivering"})
    assert response.status_code == 409
    html = response.get_data(as_text=True)
    assert "En annan motivering" in html
    assert MADE["motivation"] in html
    assert [one.motivation for one in saved(app)] == [MADE["motivation"]]
    again = {**MADE, "motivation": "En annan motivering", "version": "1"}
    assert coordinator.post(path(goal_id), data=again).status_code == 303
    assert [one.motivation for one in saved(app)] == ["En annan motivering"]


def test_evidence_that_the_editor_cannot_see_stays(
    app: Flask, world: World, goal_id: int, indicator_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        assessment = an_assessment(version, lacks_evidence=False)
        closed = {"visibility": Visibility.ACTOR_INTERNAL, "owner_actor_id": world.actors["police"]}
        hidden = an_indicator(world.partnerships["sergels"], "Polisens egen", **closed)
        add(EvidenceLink(assessment_id=assessment.id, indicator_id=hidden.id))
        db.session.commit()
        hidden_id = hidden.id
    assert "Polisens egen" not in officer.get(path(goal_id)).get_data(as_text=True)
    assert "Polisens egen" not in officer.get(path(goal_id, then="")).get_data(as_text=True)
    data = {name: value for name, value in MADE.items() if name != "lacks_evidence"} | {"version": "1"}
    assert officer.post(path(goal_id), data={**data, "indicator": [str(indicator_id)]}).status_code == 303
    with app.app_context():
        assert set(db.session.scalars(select(EvidenceLink.indicator_id))) == {hidden_id, indicator_id}


def test_evidence_stays_in_sight_when_its_measure_or_event_is_cancelled(
    app: Flask, world: World, goal_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        measure = a_measure(world, title="Belysning i gången")
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        assessment = an_assessment(version, lacks_evidence=False)
        event = an_event(world, title="Dans", status=EventStatus.CANCELLED, cancel_reason="Regn")
        add(EvidenceLink(assessment_id=assessment.id, measure_id=measure.id))
        add(EvidenceLink(assessment_id=assessment.id, activation_event_id=event.id))
        cancel(measure, reason="Pengarna är slut", on=date(2026, 2, 1))
        db.session.commit()
    page = parse(officer.get(path(goal_id, then="")))
    links = [a.text.split(",")[0] for a in page.select("[aria-labelledby=evidence] a")]
    assert links == ["Åtgärd 1: Belysning i gången", "Dans"]


def test_readers_see_assessments_and_may_not_make_them(
    app: Flask, goal_id: int, officer: FlaskClient, reader: FlaskClient, police: FlaskClient, stranger: FlaskClient
) -> None:
    assert reader.get(path(goal_id, then="")).status_code == 404
    officer.post(path(goal_id), data=MADE)
    assert reader.get(path(goal_id, then="")).status_code == 200
    for client in (reader, police):
        assert client.get(path(goal_id)).status_code == 403
        assert client.post(path(goal_id), data=MADE).status_code == 403
        assert client.post(path(goal_id, then="/ta-bort")).status_code == 403
        assert client.post(path(goal_id, then="/rattelse")).status_code == 403
        assert client.post(f"{HERE}/bedomning/faststall", data={"ar": "2025", "period": "vb"}).status_code == 403
    assert stranger.get(path(goal_id, then="")).status_code == 404
    assert reader.get(path(goal_id, "t9", then="")).status_code == 404
    assert reader.get(path(goal_id, year=1875, then="")).status_code == 404


def test_another_partnerships_goal_cannot_be_assessed(app: Flask, world: World, officer: FlaskClient) -> None:
    with app.app_context():
        elsewhere = a_goal(world.partnerships["klara"]).id
        db.session.commit()
    assert officer.post(path(elsewhere), data=MADE).status_code == 404
    assert saved(app) == []


def test_hidden_assessments_are_nowhere(app: Flask, goal_id: int, owner: FlaskClient, police: FlaskClient) -> None:
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        an_assessment(version, motivation="Bara för myndigheter", visibility=Visibility.AUTHORITIES_ONLY)
        db.session.commit()
    pages = (HERE, f"{HERE}/{goal_id}", f"{HERE}/bedomning?ar=2025&period=vb")
    for page in pages:
        assert "Bara för myndigheter" not in owner.get(page).get_data(as_text=True), page
        assert "Bara för myndigheter" in police.get(page).get_data(as_text=True), page


def test_an_assessment_that_the_assessor_may_not_read_is_not_called_missing(
    app: Flask, world: World, goal_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        closed = {"visibility": Visibility.ACTOR_INTERNAL, "owner_actor_id": world.actors["police"]}
        an_assessment(version, motivation="Polisens egen", **closed)
        db.session.commit()
    page = parse(officer.get(f"{HERE}/bedomning?ar=2025&period=vb"))
    assert "Bedömningen visas inte för dig" in page.select_one(".goal-figures").text
    assert not page.select(f"a[href='{path(goal_id)}']")
    assert not parse(officer.get(f"{HERE}/bedomning/faststall?ar=2025&period=vb")).select(".notice")
    for response in (officer.get(path(goal_id)), officer.post(path(goal_id), data=MADE)):
        assert response.status_code == 409
        assert "Syns den inte, tala med samordnaren." in response.text
        assert "Polisens egen" not in response.text


def test_a_period_shows_each_goal_and_what_is_left_to_assess(
    app: Flask, world: World, goal_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        a_goal(world.partnerships["sergels"], "Torget är rent", number=1)
        db.session.commit()
    officer.post(path(goal_id), data=MADE)
    page = parse(officer.get(f"{HERE}/bedomning?ar=2025&period=vb"))
    figures = [one.get_text(" ", strip=True) for one in page.select(".goal-figures")]
    assert "Ej bedömt" in figures[0]
    assert "Utkast" in figures[1]
    asked = parse(officer.get(f"{HERE}/bedomning/faststall?ar=2025&period=vb"))
    assert "Torget är rent" in asked.select_one(".notice").text


def test_a_goal_is_assessed_once_a_period_also_when_its_words_changed(app: Flask, goal_id: int) -> None:
    with app.app_context():
        old = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        an_assessment(old)
        new = add(GoalVersion(goal_id=goal_id, number=2, text="Nya ord", starts="2026"))
        db.session.commit()
        partnership_id = db.session.scalar(text("SELECT partnership_id FROM goal"))
        with app.test_request_context(), pytest.raises(DomainError):
            assessment_services.assess(
                goal_or_404(partnership_id, goal_id, Reader()), new, year=2025, period=ReportingPeriod.VB,
                grade=Grade.FULL, motivation="Två gånger", evidence={}, lacks_evidence=True, on=date(2026, 1, 1),
                by_function="Samordnare",
            )  # fmt: skip


def test_studies_are_shown_with_what_rests_on_them(
    app: Flask, world: World, goal_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        partnership_id = world.partnerships["sergels"]
        study_id = add(Study(partnership_id=partnership_id, title="Flickor på torget", risk_note="Metodkonflikt")).id
        db.session.commit()
    data = {name: value for name, value in MADE.items() if name != "lacks_evidence"}
    assert officer.post(path(goal_id), data={**data, "study": [str(study_id)]}).status_code == 303
    section = parse(officer.get(f"{HERE}/studier")).select_one(f"#studie-{study_id}")
    assert "Metodkonflikt" in section.text
    assert path(goal_id, then="") in [a["href"] for a in section.select("a")]


def test_what_is_tied_to_the_goal_stands_before_the_rest_of_the_period(
    app: Flask, world: World, goal_id: int, indicator_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        serving = a_measure(world, title="Byt armatur", starts="2025-03-01")
        set_goals(serving, [goal_id])
        for number in range(8):
            a_measure(world, title=f"Annat {number}", starts="2025-03-01")
        chosen = a_measure(world, title="Annat vald", starts="2025-03-01")
        db.session.commit()
        chosen_id = chosen.id
    field = parse(officer.get(path(goal_id))).select_one("fieldset#measure")
    outside = [label.get_text() for label in field.find_all("label", recursive=False)]
    assert [text for text in outside if "Byt armatur" in text] == outside
    assert field.select_one("details summary").get_text() == "Övriga i perioden (9): åtgärder"
    # Few of a kind are not folded away.
    assert parse(officer.get(path(goal_id))).select_one("fieldset#indicator > label")
    # What was ticked stands open when the form comes back.
    back = officer.post(path(goal_id), data={"measure": [str(chosen_id)], "version": "0"})
    assert back.status_code == 422
    opened = parse(back).select_one("fieldset#measure").find_all("label", recursive=False)
    assert any("Annat vald" in label.get_text() for label in opened)
