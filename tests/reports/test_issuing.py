"""Issuing: what is approved is stored byte for byte, numbered, and never changed."""

import hashlib
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from platssamverkan.briefings.models import BriefingState
from platssamverkan.core.audit import AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Audience, Reader, Visibility
from platssamverkan.reports.models import IssuedDocument
from tests.briefings.builders import a_briefing
from tests.builders import World
from tests.reports.builders import SECRET, a_forum, a_period
from tests.support.at_once import overlapping
from tests.support.pdf_check import pdf_text

URL = "/samverkan/sergels/rapporter/utfarda"
LIST = "/samverkan/sergels/rapporter"
REPORT = {"kind": "goal-fulfilment", "subject": "2026-vb", "for": "partnership"}
FIELDS = {"function": "Rapportansvarig, stadsdelsförvaltningen", "diary_number": "SDF 2026/118"}


@pytest.fixture
def approved(app: Flask, world: World) -> dict[str, int]:
    with app.app_context():
        made = a_period(world, locked=True)
        db.session.commit()
        return made


def issued_rows(app: Flask) -> list[tuple[int, int, str, Visibility]]:
    with app.app_context():
        return [(row.id, row.version, row.sha256, row.visibility) for row in db.session.scalars(select(IssuedDocument))]


def test_the_officer_issues_the_report_and_it_is_served_as_stored(
    app: Flask, approved: dict[str, int], officer: FlaskClient, owner: FlaskClient, parse: Any
) -> None:
    form = parse(officer.get(URL, query_string=REPORT))
    assert form.select_one("input[name=function]")["value"] == "Officer"
    assert form.select_one("dd .detail").text == "Verksamhetsberättelse 2026"
    response = officer.post(URL, data=REPORT | FIELDS)
    assert response.status_code == 303
    ((issued_id, version, sha256, visibility),) = issued_rows(app)
    assert parse(officer.get(response.location)).select_one(f'.notice a[href="{LIST}/utfardade/{issued_id}.pdf"]')
    assert (version, visibility) == (1, Visibility.PARTNERSHIP)
    first, second = owner.get(f"{LIST}/utfardade/{issued_id}.pdf"), owner.get(f"{LIST}/utfardade/{issued_id}.pdf")
    assert first.data == second.data
    assert hashlib.sha256(first.data).hexdigest() == sha256
    assert first.headers["ETag"] == f'"{sha256}"'
    assert first.headers["Content-Disposition"] == 'inline; filename="maluppfyllelserapport-sergels-2026-vb-v1.pdf"'
    again = owner.get(f"{LIST}/utfardade/{issued_id}.pdf", headers={"If-None-Match": f'"{sha256}"'})
    assert again.status_code == 304
    words = " ".join(pdf_text(first.data).split())
    assert "SDF 2026/118, version 1" in words
    assert "Rapportansvarig, stadsdelsförvaltningen" in words
    assert "Utkast" not in words
    assert "Version 1" in officer.get(URL, query_string=REPORT).text


def test_versions_count_up_by_audience(app: Flask, approved: dict[str, int], coordinator: FlaskClient) -> None:
    for audience in ("partnership", "partnership", "authorities"):
        assert coordinator.post(URL, data=REPORT | FIELDS | {"for": audience}).status_code == 303
    assert [(version, visibility) for _, version, _, visibility in issued_rows(app)] == [
        (1, Visibility.PARTNERSHIP), (2, Visibility.PARTNERSHIP), (1, Visibility.AUTHORITIES_ONLY),
    ]  # fmt: skip


def test_the_authorities_version_is_hidden_from_a_property_owner(
    app: Flask, approved: dict[str, int], coordinator: FlaskClient, owner: FlaskClient, parse: Any
) -> None:
    coordinator.post(URL, data=REPORT | FIELDS | {"for": "authorities"})
    ((issued_id, *_),) = issued_rows(app)
    assert SECRET in pdf_text(coordinator.get(f"{LIST}/utfardade/{issued_id}.pdf").data)
    assert owner.get(f"{LIST}/utfardade/{issued_id}.pdf").status_code == 404
    assert parse(owner.get(LIST)).select("#issued tbody tr") == []
    assert len(parse(coordinator.get(LIST)).select("#issued tbody tr")) == 1
    other = coordinator.get(f"/samverkan/klara/rapporter/utfardade/{issued_id}.pdf")
    assert other.status_code == 404


def test_a_report_is_not_issued_while_assessments_are_open(
    app: Flask, world: World, officer: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        a_period(world)
        db.session.commit()
    assert "Fastställ dem under Mål" in parse(officer.get(URL, query_string=REPORT)).text
    response = officer.post(URL, data=REPORT | FIELDS)
    assert response.status_code == 409
    assert "1 av 1 bedömningar för verksamhetsberättelse 2026 är inte fastställda" in response.text
    assert officer.post(URL, data=REPORT | FIELDS | {"subject": "2025-t1"}).status_code == 409
    assert issued_rows(app) == []


def test_minutes_are_issued_when_they_are_approved(app: Flask, world: World, coordinator: FlaskClient) -> None:
    with app.app_context():
        draft, _ = a_forum(world, approved=False)
        approved, _ = a_forum(world)
        db.session.commit()
    wanted = {"kind": "minutes", "for": "partnership"} | FIELDS
    assert coordinator.post(URL, data=wanted | {"subject": f"meeting:{draft}"}).status_code == 409
    assert coordinator.post(URL, data=wanted | {"subject": f"meeting:{approved}"}).status_code == 303
    assert len(issued_rows(app)) == 1


def test_what_is_issued_is_told_by_its_day(
    app: Flask, world: World, coordinator: FlaskClient, officer: FlaskClient, parse: Any
) -> None:
    def asked(person: FlaskClient, wanted: dict[str, str]) -> str:
        return str(parse(person.get(URL, query_string=wanted)).select_one("dd .detail").text).replace("\xa0", " ")

    with app.app_context():
        meeting_id, _ = a_forum(world)
        briefing_id = a_briefing(
            world, "sergels", state=BriefingState.HELD, starts_at=datetime(2026, 10, 7, 16, 0, tzinfo=UTC)
        ).id
        db.session.commit()
    minutes = {"kind": "minutes", "subject": f"meeting:{meeting_id}"}
    assert asked(coordinator, minutes) == "Strategiskt samverkansforum 5 november 2026"
    sheet = {"kind": "briefing", "subject": f"briefing:{briefing_id}"}
    assert asked(officer, sheet) == "7 oktober 2026"
    assert officer.post(URL, data=sheet | FIELDS).status_code == 303
    # The sheet has its day in its first line, the list of documents in the name.
    heading = parse(officer.get(f"{LIST}/utstallning/{briefing_id}")).h1.text
    named = parse(officer.get(LIST)).select_one("a[href*='/utfardade/']").text
    assert named.replace("\xa0", " ") == f"{heading}, 7 oktober 2026"


def test_wrong_input_issues_nothing(app: Flask, approved: dict[str, int], officer: FlaskClient) -> None:
    for changes in ({"function": ""}, {"function": "x" * 161}, {"diary_number": "19800101-0019"}):
        assert officer.post(URL, data=REPORT | FIELDS | changes).status_code == 422
    for changes in ({"kind": "annat"}, {"subject": "meeting:1"}, {"subject": "2026-vb' --"}, {"for": "alla"}):
        assert officer.post(URL, data=REPORT | FIELDS | changes).status_code == 404
    assert issued_rows(app) == []


def test_only_those_with_the_right_issue(
    app: Flask, approved: dict[str, int], owner: FlaskClient, reader: FlaskClient, stranger: FlaskClient,
    officer: FlaskClient,
) -> None:  # fmt: skip
    for person, code in ((owner, 403), (reader, 403), (stranger, 404)):
        assert person.get(URL, query_string=REPORT).status_code == code
        assert person.post(URL, data=REPORT | FIELDS).status_code == code
    minutes = {"kind": "minutes", "subject": f"meeting:{approved['meeting']}"}
    assert officer.post(URL, data=minutes | FIELDS).status_code == 403
    assert issued_rows(app) == []


@pytest.mark.parametrize("change", ["UPDATE issued_document SET title = 'Annat'", "DELETE FROM issued_document"])
def test_the_database_refuses_any_change(
    app: Flask, approved: dict[str, int], officer: FlaskClient, change: str
) -> None:
    officer.post(URL, data=REPORT | FIELDS)
    with app.app_context(), pytest.raises(DBAPIError, match="only grows"):
        db.session.execute(text(change))


def test_the_log_tells_of_the_issue_without_the_bytes(
    app: Flask, approved: dict[str, int], officer: FlaskClient
) -> None:
    officer.post(URL, data=REPORT | FIELDS)
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.table_name == "issued_document")).one()
        assert entry.changes["content"][1].endswith("byte)")


def test_issued_documents_are_found_by_search_as_far_as_visible(
    app: Flask, world: World, approved: dict[str, int], coordinator: FlaskClient
) -> None:
    coordinator.post(URL, data=REPORT | FIELDS | {"for": "authorities"})
    with app.app_context(), app.test_request_context():
        search = registry.searches["issued_document"]
        found = [
            len(search({world.partnerships["sergels"]: reader}, ["118"], 10))
            for reader in (Audience.AUTHORITIES.reader, Reader())
        ]
    assert found == [1, 0]


def test_the_list_is_a_page_a_fragment_and_a_file(approved: dict[str, int], officer: FlaskClient, parse: Any) -> None:
    officer.post(URL, data=REPORT | FIELDS)
    page = parse(officer.get(LIST))
    fragment = parse(officer.get(LIST, headers={"HX-Request": "true"}))
    assert str(page.select_one("#issued")) == str(fragment.select_one("#issued"))
    assert "SDF 2026/118" in officer.get(f"{LIST}?format=csv").text
    assert officer.get(f"{LIST}/maluppfyllelse?ar=2025&period=t2").location.endswith("/maluppfyllelse/2025/t2")
    assert officer.get(f"{LIST}/maluppfyllelse?ar=x&period=t2").status_code == 404


def test_two_who_issue_at_the_same_moment_issue_no_version_unseen(
    app: Flask, approved: dict[str, int], officer: FlaskClient, coordinator: FlaskClient
) -> None:
    first, second = overlapping(*(partial(who.post, URL, data=REPORT | FIELDS) for who in (officer, coordinator)))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Någon annan utfärdade version 1 under tiden" in second.text
    assert "SDF 2026/118" in second.text
    assert [version for _, version, _, _ in issued_rows(app)] == [1]
