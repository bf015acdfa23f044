"""The goal-fulfilment report: its headings, its trail, and that each audience gets only its own."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.core.db import db
from platssamverkan.core.sources import Source, SourceKind
from platssamverkan.core.visibility import Audience, Visibility
from platssamverkan.goals.models import EvidenceLink, Goal, GoalAssessment, GoalLevel, Indicator, IndicatorKind
from platssamverkan.reports.cli import partnership_called
from platssamverkan.reports.documents import html_of, make
from platssamverkan.reports.registry import GOAL_FULFILMENT
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.measures.builders import a_measure
from tests.reports.builders import SECRET, a_period
from tests.support.pdf_check import pdf_attachments, pdf_text

HEADINGS = [
    "Rapport och period",
    "Sammanfattande bedömning",
    "Vision och mål",
    "Måluppfyllelse per inriktningsmål",
    "Indikatorer – samlad tabell med förbehåll",
    "Åtaganden enligt överenskommelser",
    "Platsaktivering",
    "Avvikelser och risker",
    "Förslag till justering av mål",
    "Källor och metod",
    "Bilagor",
]
OF_A_GOAL = ["Bedömning", "Motivering", "Indikatorer", "Genomförda åtgärder", "Avvikelser", "Fortsatt arbete"]
URL = "/samverkan/sergels/rapporter/maluppfyllelse/2026/vb"
Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


@pytest.fixture
def ids(app: Flask, world: World) -> dict[str, int]:
    with app.app_context():
        made = a_period(world)
        db.session.commit()
        return made


def test_headings_stand_in_the_order_of_the_template(coordinator: FlaskClient, ids: dict[str, int], parse: Any) -> None:
    page = parse(coordinator.get(URL))
    assert [heading.text for heading in page.select("main h2")] == HEADINGS
    assert [heading.text for heading in page.select("main h4")] == OF_A_GOAL


def test_the_page_has_a_list_of_contents_and_the_file_has_not(
    coordinator: FlaskClient, ids: dict[str, int], parse: Any
) -> None:
    page = parse(coordinator.get(URL))
    links = page.select("nav.contents > ol > li > a")
    assert [a.text for a in links] == HEADINGS
    assert [page.select_one(a["href"]).text for a in links] == HEADINGS
    assert [a["href"] for a in page.select("nav.contents ul a")] == [f"#mal-{ids['goal']}"]
    assert "Innehåll" not in pdf_text(coordinator.get(f"{URL}.pdf").data)


def test_every_cell_says_on_a_phone_which_column_it_is_in(
    coordinator: FlaskClient, ids: dict[str, int], parse: Any
) -> None:
    page = parse(coordinator.get(URL))
    for table in page.select("main .table"):
        heads = [head.text.split(" (")[0] for head in table.select("thead th")]
        for row in table.select("tbody tr"):
            found = [cell.get("data-label", heads[place]) for place, cell in enumerate(row.select("th, td"))]
            assert found == heads


def test_tables_of_one_kind_have_the_same_columns(
    coordinator: FlaskClient, ids: dict[str, int], parse: Any, app: Flask
) -> None:
    css = (Path(str(app.static_folder)) / "css" / "document.css").read_text()
    by_head: dict[str, set[str]] = {}
    for table in parse(coordinator.get(URL)).select("main .table:not(.keep)"):
        by_head.setdefault(table.thead.text, set()).add(" ".join(table["class"]))
    assert len(by_head) > 3
    for found in by_head.values():
        (classes,) = found
        assert f".{classes.split()[-1]} thead th:nth-child(1)" in css


def test_months_without_events_are_no_rows(coordinator: FlaskClient, ids: dict[str, int], parse: Any) -> None:
    page = parse(coordinator.get(URL))
    table = page.select_one("[aria-label='Platsaktiveringar per månad']")
    assert [row.th.text for row in table.select("tbody tr")] == ["oktober\xa02026"]
    assert "Övriga månader i perioden har inga platsaktiveringar." in page.text


def test_a_month_that_has_not_come_is_a_gap_in_the_chart(
    coordinator: FlaskClient, ids: dict[str, int], parse: Any
) -> None:
    chart = parse(coordinator.get(URL)).select_one("svg[aria-labelledby^=diagram-platsaktivering]")
    assert len(chart.select("rect")) == 11
    assert "dec" in [text.text for text in chart.select("text")]


def test_decision_measure_event_and_figure_are_followed_back(
    coordinator: FlaskClient, ids: dict[str, int], parse: Any
) -> None:
    page = parse(coordinator.get(URL))
    links = {a["href"] for a in page.select("main a[href]")}
    base = "/samverkan/sergels"
    for path in (
        f"/atgarder/{ids['measure']}", f"/moten/{ids['meeting']}", f"/platsaktivering/{ids['event']}",
        f"/mal/indikatorer/{ids['indicator']}",
    ):  # fmt: skip
        assert base + path in links
    assert "Strategiskt samverkansforum 5 november 2026, § 10, beslut 1" in page.text.replace("\xa0", " ")
    assert "färre än 5" in page.text.replace("\xa0", " ")


def test_each_citation_leads_to_a_numbered_source(coordinator: FlaskClient, ids: dict[str, int], parse: Any) -> None:
    page = parse(coordinator.get(URL))
    cited = [a["href"] for a in page.select("sup.cite a")]
    known = {f"#{li['id']}" for li in page.select("ol.sources > li")}
    assert cited
    assert set(cited) == known
    numbers = [li["id"] for li in page.select("ol.sources > li")]
    assert numbers == [f"kalla-{n}" for n in range(1, len(numbers) + 1)]


def test_words_are_printed_and_never_drawn_and_later_values_are_left_out(
    coordinator: FlaskClient, ids: dict[str, int], parse: Any
) -> None:
    page = parse(coordinator.get(URL))
    assert len(page.select("svg[role=img]")) == 2
    assert "Har minskat enligt polisen" in page.text
    assert "99" not in page.select_one("svg[role=img]").text
    assert "2027" not in page.text
    assert page.text.count("Urvalet är litet.") == 3


def test_values_that_the_table_has_no_room_for_are_said_to_stand_in_the_attached_file(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"], "Klotter per år")
        for year in range(2016, 2026):
            an_observation(indicator, str(year), str(year - 2000))
        db.session.commit()
    told = [li.text.replace("\xa0", " ") for li in parse(coordinator.get(URL)).select("ul.observations li")]
    assert told[0] == "2 tidigare uppgifter står i underlag.csv."
    assert [line.split(":")[0] for line in told[1:]] == [str(year) for year in range(2018, 2026)]
    assert "2016;16" in pdf_attachments(coordinator.get(f"{URL}.pdf").data)["underlag.csv"].decode()


def test_a_report_whose_assessments_are_open_is_marked_as_draft(
    coordinator: FlaskClient, ids: dict[str, int], parse: Any
) -> None:
    assert parse(coordinator.get(URL)).select_one(".draft-mark").text == "Utkast"


def test_the_partnership_version_lacks_what_only_authorities_may_read(
    coordinator: FlaskClient, ids: dict[str, int]
) -> None:
    for suffix in ("", ".pdf"):
        response = coordinator.get(f"{URL}{suffix}")
        text = pdf_text(response.data) if suffix else response.text
        assert SECRET not in text
        assert SECRET.encode() not in response.data
        assert "2 punkter är utelämnade i den här versionen" in " ".join(text.split())
        assert "Alla aktörer i samverkan" in " ".join(text.split())
    attached = pdf_attachments(coordinator.get(f"{URL}.pdf").data)["underlag.csv"]
    assert SECRET not in attached.decode()


def test_the_version_for_authorities_holds_it(coordinator: FlaskClient, ids: dict[str, int]) -> None:
    response = coordinator.get(f"{URL}?for=authorities")
    assert SECRET in response.text
    assert "utelämna" not in response.text


def test_a_property_owner_gets_no_version_beyond_its_sight(owner: FlaskClient, ids: dict[str, int]) -> None:
    assert owner.get(f"{URL}?for=authorities").status_code == 403
    assert owner.get(f"{URL}.pdf?for=authorities").status_code == 403
    assert owner.get(URL).status_code == 200
    assert owner.get(f"{URL}?for=alla").status_code == 404
    assert owner.get("/samverkan/klara/rapporter/maluppfyllelse/2026/vb").status_code == 404


def test_nothing_of_the_partnership_is_in_the_public_version(owner: FlaskClient, ids: dict[str, int]) -> None:
    page = owner.get(f"{URL}?for=public").text
    assert "Räknat på det som får läsas i den här versionen." in page
    assert "Inga platsaktiveringar" not in page
    assert "Torget är en trygg plats" not in page
    assert "Ny belysning" not in page
    assert "Polisen tar fram en plan" not in page


def test_a_hidden_assessment_is_not_called_unassessed(app: Flask, world: World, owner: FlaskClient, parse: Any) -> None:
    with app.app_context():
        made = a_period(world)
        assessment = db.session.get_one(GoalAssessment, made["assessment"])
        assessment.visibility = Visibility.AUTHORITIES_ONLY
        db.session.commit()
    page = parse(owner.get(URL))
    assert "Bedömningen är utelämnad i den här versionen" in page.text
    assert "Färre störs" not in page.text
    assert page.text.count("utelämnat i den här versionen") == 2
    assert "Inga förslag i den här versionen." in page.text
    line = page.select_one("#summary").find_next("li").text.replace("\xa0", " ")
    assert line == "1 mål[1]: 1 utelämnad bedömning[2] (utfall)."
    counted = parse(owner.get(f"{URL}/underlag/mal-utelamnade"))
    assert [row.get_text(" ", strip=True).split()[-1] for row in counted.select("#counted tbody tr")] == ["utelämnad"]
    assert not parse(owner.get(f"{URL}/underlag/mal-ej-bedomt")).select("#counted tbody tr")


@pytest.mark.parametrize(
    "path", ["2026/t3", "1999/vb", "2026/vb/x", "26/vb"], ids=["no period", "too early", "too long", "short year"]
)
def test_what_is_no_period_is_404(owner: FlaskClient, path: str) -> None:
    assert owner.get(f"/samverkan/sergels/rapporter/maluppfyllelse/{path}").status_code == 404


def test_overall_goals_are_assessed_where_there_are_no_others(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        a_goal(world.partnerships["klara"], "Våldsbrotten ska minska", level=GoalLevel.OVERALL, number=1)
        db.session.commit()
    page = parse(coordinator.get("/samverkan/klara/rapporter/maluppfyllelse/2026/vb"))
    assert "Här bedöms de övergripande målen" in page.text
    assert [h.text.replace("\xa0", " ") for h in page.select("main h3.goal-title")] == [
        "Övergripande mål 1: Våldsbrotten ska minska"
    ]


def test_t2_is_a_forecast_and_vb_the_outcome(coordinator: FlaskClient, ids: dict[str, int]) -> None:
    assert "prognos för året" in coordinator.get(URL.replace("vb", "t2")).text
    assert "utfall" in coordinator.get(URL).text
    assert "prognos för året" not in coordinator.get(URL).text


def test_the_figures_are_attached_as_csv(coordinator: FlaskClient, ids: dict[str, int]) -> None:
    content = pdf_attachments(coordinator.get(f"{URL}.pdf").data)["underlag.csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    assert {row["Avsnitt"] for row in rows} == {"Indikator", "Åtgärd", "Platsaktivering"}
    values = {row["Period"]: row["Värde"] for row in rows if row["Benämning"] == "Störs av narkotikahandel"}
    assert values == {"2024": "58", "2025": "41,5", "2026": "34"}
    event = next(row for row in rows if row["Avsnitt"] == "Platsaktivering")
    assert (event["Värde"], event["I ord"]) == ("", "Genomförd, färre än 5 besök")
    assert event["Adress"] == f"http://localhost/samverkan/sergels/platsaktivering/{ids['event']}"


def test_queries_do_not_grow_with_the_report(app: Flask, world: World, count_queries: Queries) -> None:
    def cost(more: int) -> int:
        with app.app_context():
            where = world.partnerships["sergels"]
            for number in range(more):
                goal = a_goal(where, f"Mål nummer {number}", number=10 + number + more)
                told = a_source(f"{more}-{number}")
                indicator = an_indicator(where, f"Indikator {number}", goals=[goal], source_id=told)
                an_observation(indicator, "2026", "4", source_id=told)
                a_measure(world, goal_ids=[goal.id]).source_id = told
                an_event(world, goals=[goal], starts_at=_at(number), ends_at=_at(number) + timedelta(hours=2))
            db.session.commit()
        with app.app_context(), app.test_request_context(), count_queries() as statements:
            partnership = partnership_called("sergels")
            html_of(make(GOAL_FULFILMENT, partnership, "2026-vb", Audience.PARTNERSHIP))
        return len(statements)

    with app.app_context():
        a_period(world)
        db.session.commit()
    assert cost(2) == cost(12)


def a_source(key: str) -> int:
    source = Source(key=key, title=f"Rapport {key}", kind=SourceKind.OFFICIAL_REPORT, years="2024")
    return int(add(source).id)


def test_an_indicator_that_an_assessment_rests_on_is_printed_with_its_origin(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        made = a_period(world)
        db.session.get_one(Indicator, made["indicator"]).source_id = world.source
        add(EvidenceLink(assessment_id=made["assessment"], indicator_id=made["indicator"]))
        db.session.commit()
    page = parse(coordinator.get(URL))
    assert "2027" not in page.text
    sources = page.select("ol.sources > li")
    assert [one for one in sources if "Störs av narkotikahandel. Ursprung: Tjänsteutlåtande" in one.text]


def test_evidence_that_is_kept_from_the_audience_is_told_of_as_left_out(
    app: Flask, world: World, owner: FlaskClient
) -> None:
    with app.app_context():
        made = a_period(world)
        assessment = db.session.get_one(GoalAssessment, made["assessment"])
        assessment.lacks_evidence = False
        add(EvidenceLink(assessment_id=assessment.id, measure_id=made["secret"]))
        db.session.commit()
    text = owner.get(URL).text
    assert SECRET not in text
    assert "Underlaget är utelämnat i den här versionen." in text
    with app.app_context():
        add(EvidenceLink(assessment_id=made["assessment"], measure_id=made["measure"]))
        db.session.commit()
    text = owner.get(URL).text
    assert SECRET not in text
    assert "Annat underlag är utelämnat i den här versionen." in text


def _at(number: int) -> datetime:
    return datetime(2026, 1, 5, 12, 0, tzinfo=UTC) + timedelta(days=number)


def test_a_rate_stands_nowhere_without_its_count_and_its_area(
    app: Flask, world: World, ids: dict[str, int], coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goals = [db.session.get_one(Goal, ids["goal"])]
        sergels = world.partnerships["sergels"]
        rate = an_indicator(sergels, "Våldsbrott per hektar", kind=IndicatorKind.RATE_PER_AREA, goals=goals)
        an_observation(rate, "2026", "44.52", numerator=187, area_hectares=Decimal("4.2"))
        db.session.commit()
    page = parse(coordinator.get(URL))
    rows = [row.get_text(" ") for row in page.select("tr") if "Våldsbrott per hektar" in row.get_text()]
    assert len(rows) == 2
    assert all("187 på 4,2" in row.replace("\xa0", " ") for row in rows)
    content = pdf_attachments(coordinator.get(f"{URL}.pdf").data)["underlag.csv"].decode("utf-8-sig")
    assert "187 på 4,2" in next(line for line in content.splitlines() if "Våldsbrott per hektar" in line).replace(
        "\xa0", " "
    )


def test_goals_without_assessment_are_counted_in_good_swedish(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    said = []
    for number in (1, 2):
        with app.app_context():
            a_goal(world.partnerships["sergels"], f"Torget {number}", number=number)
            db.session.commit()
        line = parse(coordinator.get(URL)).select_one("#summary").find_next("li")
        for mark in line.select(".cite"):
            mark.decompose()
        said.append(" ".join(line.text.split()))
    assert said == ["1 mål: 1 ej bedömt (utfall).", "2 mål: 2 ej bedömda (utfall)."]
