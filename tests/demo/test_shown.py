"""What the seed file says can be read in the program: each text on a page that names its source."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.agreements.models import Agreement
from platssamverkan.core.db import db
from platssamverkan.demo.seed import WORDS
from platssamverkan.goals.models import Goal, Indicator
from platssamverkan.measures.models import Measure
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.builders import a_user, add

#: Pages that every partnership has, and those that belong to none.
FIXED = ("om", "mal", "mal/studier", "moten", "platsaktivering")
COMMON = ("/kallor", "/kartlaggning", "/kartlaggning/ssr-2023")
#: Model → page of each row.
PAGES: dict[Any, str] = {
    Agreement: "avtal",
    Goal: "mal",
    Indicator: "mal/indikatorer",
    Measure: "atgarder",
}
#: Fields whose values are codes, dates or years that pages write in words.
IN_OTHER_WORDS = {
    "id", "source", "kind", "level", "levels", "status", "method", "cpted", "state", "change", "scene_state",
    "place_types", "bands", "recurrence", "target_period", "direction", "desired_direction", "effect_during",
    "effect_after", "report_due", "start_month_day", "printed_date", "inquiry_date", "date", "net_change", "scope",
    "used_for_meetings", "round", "previous", "ended_in_round",
}  # fmt: skip


@pytest.fixture
def everywhere(loaded: Flask) -> FlaskClient:
    """A reader in every partnership of the file."""
    with loaded.app_context():
        user = a_user("revisor")
        outsider = db.session.scalars(select(Actor.id).where(Actor.seed_key == "polismyndigheten")).one()
        for partnership_id in db.session.scalars(select(Partnership.id)):
            membership_id = (
                db.session.scalar(select(Membership.id).where(Membership.partnership_id == partnership_id).limit(1))
                or add(Membership(partnership_id=partnership_id, actor_id=outsider)).id
            )
            add(RoleGrant(user_id=user.id, membership_id=membership_id, role=Role.READER))
        token = db.session.scalars(select(User.session_token).where(User.id == user.id)).one()
        db.session.commit()
    client = loaded.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return client


def addresses(app: Flask) -> Iterator[str]:
    """Yield the pages that show what was loaded."""
    with app.app_context():
        slugs = {row.id: row.slug for row in db.session.scalars(select(Partnership))}
        yield from COMMON
        yield from (f"/samverkan/{slug}/{page}" for slug in slugs.values() for page in FIXED)
        for model, page in PAGES.items():
            statement = select(model.partnership_id, model.id).where(model.seed_key.is_not(None))
            yield from (f"/samverkan/{slugs[home]}/{page}/{row}" for home, row in db.session.execute(statement))
        members = select(Membership.partnership_id, Membership.id).where(Membership.seed_key.is_not(None))
        yield from (f"/samverkan/{slugs[home]}/aktorer/{row}" for home, row in db.session.execute(members))


def plain(text: str) -> str:
    """Return the text without the signs that typography puts in."""
    for sign, instead in (("\u00a0", " "), ("\u202f", " "), ("\u00ad", ""), ("\u2011", "-")):
        text = text.replace(sign, instead)
    return " ".join(text.split()).casefold()


def said(item: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (field, text) of all that an item of the file says in words or figures that pages repeat."""
    if isinstance(item, dict):
        for key, value in item.items():
            yield from said(value, key)
    elif isinstance(item, list):
        for value in item:
            yield from said(value, name)
    elif not (item is None or isinstance(item, bool) or name in IN_OTHER_WORDS or name.endswith("_basis")):
        yield name, str(item)


def variants(text: str, names: dict[str, str]) -> set[str]:
    """Return how a page may write the text: a key by its name, a decimal with a comma, thousands with a space."""
    found = {names.get(text, text), WORDS.get(text, text).rstrip("."), text.replace(".", ",")}
    if text.isdecimal():
        found.add(f"{int(text):,}".replace(",", " "))
    return {plain(one).rstrip(".") for one in found}


def test_every_text_of_the_file_stands_on_a_page_that_names_its_source(
    loaded: Flask, everywhere: FlaskClient, seed_file: dict[str, Any]
) -> None:
    pages = {}
    for address in addresses(loaded):
        response = everywhere.get(address)
        assert response.status_code == 200, address
        main = BeautifulSoup(response.get_data(as_text=True), "lxml").select_one("main")
        assert main is not None
        pages[address] = plain(main.get_text(" "))
    titles = {source["file"]: plain(source["title"]) for source in seed_file["meta"]["sources"]}
    kinds = {kind: items for kind, items in seed_file.items() if kind != "meta"}
    names = {item["id"]: item.get("name") or item.get("title") or "" for items in kinds.values() for item in items
             if "id" in item}  # fmt: skip
    missing = []
    for kind, items in kinds.items():
        for item in items:
            shown = [text for text in pages.values() if titles[item["source"]] in text]
            for name, text in said(item):
                wanted = variants(text, names)
                if not any(one in page for one in wanted for page in shown):
                    missing.append(f"{kind} {item.get('id', '')} {name}: {text}")
    assert missing == []


def test_each_note_of_a_source_leads_to_what_is_said_of_it(loaded: Flask, everywhere: FlaskClient) -> None:
    sections = {tag["id"] for tag in BeautifulSoup(everywhere.get("/kallor").text, "lxml").select("[id^=kalla-]")}
    followed = set()
    for address in addresses(loaded):
        for note in BeautifulSoup(everywhere.get(address).text, "lxml").select("main .source-note"):
            if note.text.startswith("Källa: "):
                page, _, section = str(note.select_one("a")["href"]).partition("#")
                assert page == "/kallor", address
                followed.add(section)
    assert followed == sections


def test_a_source_is_shown_with_its_dates_and_the_one_that_can_not_be_right(everywhere: FlaskClient) -> None:
    page = plain(BeautifulSoup(everywhere.get("/kallor").get_data(as_text=True), "lxml").get_text(" "))
    assert "tryckt datum 21 mars 2021" in page
    assert "attesterat 8 mars 2024" in page
    assert "är tidigare än skrivelsen som besvaras, 14 december 2023. det kan inte stämma" in page
    assert "inkom 14 december 2023" in page
    assert "slag politisk källa utgivare centerpartiet järfälla" in page
    assert "stadsdelsdirektör, 8 mars 2024" in page


def test_a_plan_leads_to_its_goals_and_a_goal_to_its_plan(loaded: Flask, everywhere: FlaskClient) -> None:
    with loaded.app_context():
        goal_id, plan_id = db.session.execute(select(Goal.id, Goal.plan_id).where(Goal.seed_key == "uppsala-1")).one()
    plans = BeautifulSoup(everywhere.get("/samverkan/uppsala/mal/studier").get_data(as_text=True), "lxml")
    goal = BeautifulSoup(everywhere.get(f"/samverkan/uppsala/mal/{goal_id}").get_data(as_text=True), "lxml")
    assert plans.select_one(f"#plan-{plan_id} a[href='/samverkan/uppsala/mal/{goal_id}']")
    assert goal.select_one(f"a[href='/samverkan/uppsala/mal/studier#plan-{plan_id}']")


def test_every_file_of_texts_says_who_may_read_each(everywhere: FlaskClient) -> None:
    lists = ("avtal", "avtal/ataganden", "mal/alla", "mal/indikatorer", "atgarder", "atgarder/problem")
    for page in (*lists, "platsaktivering", "lagesbild"):
        for slug in ("boras", "platssamverkan-sergels-torg"):
            file = everywhere.get(f"/samverkan/{slug}/{page}?format=csv").get_data(as_text=True)
            heads, *lines = list(csv.reader(io.StringIO(file.removeprefix("\ufeff")), delimiter=";"))
            assert heads[-1] == "Vem får läsa", page
            assert {line[-1] for line in lines} <= {"Offentlig", "Samverkan"}, page


def test_a_number_stays_on_the_line_of_what_it_counts(loaded: Flask, everywhere: FlaskClient) -> None:
    with loaded.app_context():
        guards = db.session.scalars(select(Measure.id).where(Measure.seed_key == "m-jakobsberg-trygghetsteam")).one()
    for page in (
        *("/kartlaggning", "/kallor", "/samverkan/orebro/avtal", "/samverkan/vision-klara/utstallningar"),
        *(f"/samverkan/samverkan-jakobsberg/atgarder/{guards}", "/samverkan/boras/rapporter/maluppfyllelse/2025/t1"),
    ):
        main = BeautifulSoup(everywhere.get(page).get_data(as_text=True), "lxml").select_one("main")
        assert re.findall(r"\d (?:av \d|procent|april|augusti|mars|december)", main.text) == [], page


def test_where_a_row_stands_is_called_the_same_in_every_list(everywhere: FlaskClient) -> None:
    home = "/samverkan/vision-klara"
    for page in ("utstallningar", "moten", "atgarder", "platsaktivering", "avtal", "mal/alla"):
        main = BeautifulSoup(everywhere.get(f"{home}/{page}").get_data(as_text=True), "lxml").select_one("main")
        labels = {label.text.strip() for label in main.select(".filter label")}
        assert "Läge" in labels, page
        assert not labels & {"Status", "Tillstånd"}, page
