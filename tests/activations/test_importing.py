"""Platsaktiveringar brought in from files and pasted rows."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.test import TestResponse

from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.activations.services import Details
from platssamverkan.core.audit import AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.forms import PrivacyOverride
from platssamverkan.core.visibility import Visibility
from tests.activations.builders import an_event
from tests.goals.builders import a_goal
from tests.support.html_check import check_html

URL = "/samverkan/sergels/platsaktivering"
HEADS = "Vad;Typ;Datum;Från kl.;Till kl."
ROW = "Kvällsdans;Scenkonst;2026-10-02;18.00;21.30"
Parse = Callable[..., BeautifulSoup]


def send(client: FlaskClient, text: str = "", *, file: tuple[str, bytes] | None = None, **more: Any) -> TestResponse:
    data: dict[str, Any] = {"text": text, "step": "check", **more}
    if file:
        data["file"] = (io.BytesIO(file[1]), file[0])
    return client.post(f"{URL}/importera", data=data, content_type="multipart/form-data")


def events(app: Flask) -> list[ActivationEvent]:
    with app.app_context():
        return list(db.session.scalars(select(ActivationEvent).order_by(ActivationEvent.id)))


def told(page: BeautifulSoup) -> list[str]:
    return [item.text for item in page.select("[data-error-summary] li")]


def test_a_file_is_looked_through_first_and_saved_when_the_user_says_so(app, owner, world, parse):
    page = parse(send(owner, file=("program.csv", f"{HEADS};Väder\n{ROW};Regn\n".encode())))
    assert "1 platsaktivering kan sparas" in page.text.replace("\xa0", " ")
    assert "En kolumn läses inte in: Väder." in page.text
    assert [cell.text for cell in page.select("tbody tr")[0].select("td")][:2] == ["Kvällsdans", "Scenkonst"]
    assert events(app) == []
    response = send(owner, page.select_one("#text").text, step="save")
    assert (response.status_code, response.location) == (303, URL)
    (event,) = events(app)
    assert (event.title, event.status, event.organiser_id) == ("Kvällsdans", EventStatus.HELD, world.actors["owner"])
    with app.app_context():
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.table_name == "activation_event"))
        assert (entry.row_id, entry.user_id) == (event.id, world.users["owner"])


def test_faults_are_told_by_row_and_column_and_nothing_is_saved(app, owner, parse):
    rows = [ROW, "", "Dans;Bio;2026-10-03;18.00;21.30", "Dans;Konst/gestaltning;3 okt;18.00;17.00", ";;;;"]
    response = send(owner, "\n".join([HEADS, *rows]), step="save")
    page = parse(response)
    assert response.status_code == 422
    assert page.title.text.startswith("Fel: ")
    assert told(page)[0].startswith("Rad 4, Typ: Skriv Konst/gestaltning, Scenkonst,")
    assert told(page)[1] == "Rad 5, Datum: Skriv datumet som år-månad-dag, till exempel 2026-11-21."
    assert len(told(page)) == 2
    assert {link["href"] for link in page.select("[data-error-summary] a")} == {"#text"}
    assert page.select_one("#text-error").text == told(page)[0]
    assert page.select_one("#text")["aria-invalid"] == "true"
    assert page.select_one("#text").text.splitlines()[-5:] == rows
    assert events(app) == []


def test_a_row_obeys_what_a_typed_row_obeys(owner, parse):
    page = parse(
        send(owner, f"{HEADS}\nDans;Scenkonst;2026-10-02;18.00;17.00\n{'x' * 121};Konst/gestaltning;2026-10-02;9;10")
    )
    assert told(page) == [
        "Rad 2, Till kl.: Sluttiden måste vara efter starttiden. Fyll i Sista dag om det slutar en annan dag.",
        "Rad 3, Vad: Texten är 1 tecken för lång. Högst 120 får plats.",
    ]


def test_rows_that_are_there_already_are_told_and_not_doubled(app, owner, world, parse):
    text = f"{HEADS}\n{ROW}\n{ROW.upper()}\n"
    page = parse(send(owner, text))
    assert "1 rad är lika en tidigare rad och sparas inte en gång till: rad 3." in page.text.replace("\xa0", " ")
    assert send(owner, text, step="save").status_code == 303
    page = parse(send(owner, f"{text}Konst;Konst/gestaltning;2026-10-02;9;10\n", step="save"))
    assert len(events(app)) == 2
    page = parse(send(owner, text, step="save"))
    assert "Det finns inget nytt att spara" in page.text
    assert "2 rader finns redan och sparas inte igen: raderna 2, 3." in page.text.replace("\xa0", " ")
    assert page.select_one("button[value=save]") is None
    assert len(events(app)) == 2


def test_a_row_that_the_user_may_not_read_is_not_told_of(app, owner, world, parse):
    with app.app_context():
        an_event(world, title="Kvällsdans", visibility=Visibility.AUTHORITIES_ONLY)
        db.session.commit()
    page = parse(send(owner, f"{HEADS}\n{ROW}"))
    assert "finns redan" not in page.text
    assert page.select_one("button[value=save]")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("Samtal med 811218-9876;Scenkonst;2026-10-02;18.00;21.30;", "Rad 2, Vad: "),
        ("Dans;811218-9876;2026-10-02;18.00;21.30;", "Rad 2, Typ: "),
        ("Dans;Scenkonst;2026-10-02;18.00;21.30;8112189876", "Rad 2, kolumn 6: "),
    ],
)
def test_a_personnummer_in_any_cell_stops_the_import(app, owner, parse, row, where):
    for reason in ("", "Det behövs"):
        response = send(owner, f"{HEADS};Väder\n{row}", step="save", privacy_reason=reason)
        page = parse(response)
        assert response.status_code == 422
        (fault,) = told(page)
        assert fault.startswith(f"{where}Texten innehåller ett personnummer. Ta bort det.")
        assert page.select_one("#text-error").text == fault
    assert events(app) == []


def test_a_telephone_number_needs_a_reason_which_is_logged_without_the_text(app, owner, parse):
    text = f"{HEADS};Anteckning\n{ROW};Ring 070-123 45 67"
    page = parse(send(owner, text, step="save"))
    assert told(page)[0].startswith("Rad 2, Anteckning: Texten ser ut att innehålla ett telefonnummer.")
    assert page.select_one("#privacy_reason")
    assert events(app) == []
    again = parse(send(owner, text, privacy_reason="Växeln har 08-508 00 000"))
    assert "Skälet innehåller ett telefonnummer." in again.find(id="privacy_reason-error").text
    assert "Varför måste uppgiften stå kvar" not in again.select_one("[data-error-summary] ul").text
    assert send(owner, text, privacy_reason="Arrangörens växel").status_code == 200
    assert send(owner, text, step="save", privacy_reason="Arrangörens växel").status_code == 303
    with app.app_context():
        (kept,) = db.session.scalars(select(PrivacyOverride))
        assert (kept.field, kept.kinds, kept.reason) == ("note", "phone", "Arrangörens växel")


@pytest.mark.parametrize("name", ["811218-9876.csv", "lista_8112189876_ny.csv"])
def test_a_personnummer_in_the_file_name_is_refused_beside_the_field(app, owner, parse, name):
    response = send(owner, file=(name, f"{HEADS}\n{ROW}".encode()), step="save")
    page = parse(response)
    assert response.status_code == 422
    assert page.select_one("#file-error").text.startswith("Filens namn innehåller ett personnummer.")
    assert page.select_one("#text").text.strip().endswith(ROW)
    assert events(app) == []


def test_a_personnummer_in_the_name_of_any_sheet_is_refused_beside_the_field(app, owner, parse):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name in ("Program", "811218-9876"):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate([HEADS.split(";"), ROW.split(";")]):
                sheet.write_row(row, 0, cells)
    response = send(owner, file=("program.xlsx", out.getvalue()))
    assert response.status_code == 422
    assert parse(response).select_one("#file-error").text.startswith("Bladets namn innehåller ett personnummer.")


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (("tom.csv", b""), "Filen är tom"),
        (("bild.png", b"x"), "Filen ska vara Excel (.xlsx) eller CSV (.csv)"),
        (("trasig.xlsx", b"PK\x03\x04 trasig"), "Filen gick inte att läsa"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_beside_its_field(owner, parse, file, says):
    response = send(owner, file=file)
    page = parse(response)
    assert response.status_code == 422
    assert says in page.select_one("#file-error").text
    assert page.select_one("[data-error-summary] a")["href"] == "#file"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Välj en fil, eller klistra in rader i rutan."),
        ("Prov", "Första raden ska vara rubriker. Dessa kan läsas in: Vad, Typ, Datum,"),
        (HEADS, "Det finns bara rubriker och inga rader under dem."),
        (f"{HEADS};Vad\n{ROW};Igen", "Rubriken Vad står två gånger. Ta bort den ena kolumnen."),
        ("Vad;Typ;Datum\nDans;Konst;2026-10-02", "Kolumnerna Från kl., Till kl. saknas."),
        (f"{HEADS};811218-9876\n{ROW};1", "Kolumn 6: Rubriken innehåller ett personnummer."),
        (f"{HEADS}\n{ROW};för;många", "Rad 2 har fler värden än det finns rubriker."),
        (f'{HEADS}\n"{ROW}', "Citattecknen går inte ihop på rad 2"),
        (f"{HEADS}\n" + f"{ROW}\n" * 1_001, "Högst 1 000 rader kan läsas in åt gången."),
        (f"{HEADS}\n{ROW}\ufffd", "Texten innehåller tecken som inte går att läsa."),
        (f"{HEADS}\n#VÄRDEFEL!;Scenkonst;2026-10-02;18;19", "Rad 2, Vad: Cellen innehåller ett fel"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_read_are_told_and_kept(app, owner, parse, text, says):
    response = send(owner, text, step="save")
    page = parse(response)
    assert response.status_code == 422
    assert says in " ".join(told(page)).replace("\xa0", " ")
    assert page.select_one("#text").text.strip() == text.strip()
    assert events(app) == []


def test_a_word_of_two_alphabets_is_told(owner, parse):
    page = parse(send(owner, f"{HEADS}\nVid drogsцен;Scenkonst;2026-10-02;18.00;21.30"))
    assert told(page) == ["Rad 2, Vad: Ordet drogsцен blandar latinska och kyrilliska bokstäver. Skriv om det."]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_the_list_exports_can_be_brought_in_in_an_empty_partnership(app, coordinator, world, kind, parse):
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"], "Fler vistas på torget")
        an_event(
            world, title="=Dans", goals=[goal], visitor_count=250, count_method="Klickräknare", spot="Nedre plan",
            note="Två rader\nmed; semikolon", visibility=Visibility.AUTHORITIES_ONLY,
        )  # fmt: skip
        an_event(world, title="Få", visitor_count=3, count_method="Räknade på plats")
        an_event(world, title="Inställd", status=EventStatus.CANCELLED, cancel_reason="Storm", organiser="police")
        an_event(world, title="Till midnatt", ends_at=datetime(2026, 10, 2, 22, tzinfo=UTC))
        an_event(world, title="Tre dagar", ends_at=datetime(2026, 10, 4, 22, tzinfo=UTC))
        db.session.commit()
    before = everything(app)
    content = coordinator.get(f"{URL}?format={kind}").get_data()
    with app.app_context():
        for event in db.session.scalars(select(ActivationEvent)):
            db.session.delete(event)
        db.session.commit()
    page = parse(send(coordinator, file=(f"lista.{kind}", content)))
    assert told(page) == []
    assert "läses inte in:" not in page.text
    assert send(coordinator, page.select_one("#text").text, step="save").status_code == 303
    # How few they were is not in the file, and so neither is how they were counted.
    before["Få"] |= {"visitor_count": None, "count_method": None}
    assert everything(app) == before


def everything(app: Flask) -> dict[str, dict[str, Any]]:
    """Return what is said of each event, by its title."""
    names = [name for name in Details.__dataclass_fields__ if name != "goal_ids"]
    with app.app_context():
        statement = select(ActivationEvent).options(selectinload(ActivationEvent.goals))
        return {
            event.title: {name: getattr(event, name) for name in (*names, "status", "cancel_reason")}
            | {"goals": [goal.id for goal in event.goals]}
            for event in db.session.scalars(statement)
        }


def test_participants_bring_in_for_their_own_actor_only(owner, coordinator, parse):
    text = f"{HEADS};Arrangör\n{ROW};Polisen"
    assert told(parse(send(owner, text))) == ["Rad 2, Arrangör: Skriv Fastighetsbolaget."]
    assert send(coordinator, text, step="save").status_code == 303


def test_only_those_who_log_may_import(anonymous, reader, stranger, owner, parse):
    for client, status in ((reader, 403), (stranger, 404), (anonymous, 302)):
        assert client.get(f"{URL}/importera").status_code == status
    for client, status in ((reader, 403), (stranger, 404), (anonymous, 400)):
        assert send(client, f"{HEADS}\n{ROW}", step="save").status_code == status
    assert "Importera" not in [link.text for link in parse(reader.get(URL)).select("main a")]
    assert "Importera" in [link.text for link in parse(owner.get(URL)).select("main a")]
    assert owner.get(f"{URL}/importera").status_code == 200


def test_the_page_is_valid_html_in_every_state(owner):
    texts = {
        "good": f"{HEADS};Väder\n{ROW};\n{ROW};Sol",
        "bad": f"{HEADS};Anteckning\n{ROW};Ring 070-123 45 67\n" + "Dans;Bio;;;\n" * 40,
        "empty": "",
    }
    pages = [(name, send(owner, text).get_data(as_text=True)) for name, text in texts.items()]
    pages.append(("file", send(owner, file=("811218-9876.csv", b"Vad;Typ")).get_data(as_text=True)))
    assert "Och 131 till." in pages[1][1].replace("\xa0", " ")
    assert check_html(pages) == []


def test_many_rows_take_few_queries_to_look_through(owner, count_queries):
    def cost(rows: int) -> int:
        text = "\n".join([HEADS, *(f"Dans {n};Scenkonst;2026-10-02;18.00;21.30" for n in range(rows))])
        with count_queries() as statements:
            assert send(owner, text).status_code == 200
        return len(statements)

    assert cost(1) == cost(50)


def test_the_page_tells_what_a_file_holds_and_its_example_can_be_brought_in(app, owner, parse):
    page = parse(owner.get(f"{URL}/importera"))
    guide = {head.text: text.text for head, text in zip(page.select("form dt"), page.select("form dd"), strict=True)}
    assert guide["Datum"] == "En dag, till exempel 2026-11-21."
    assert "Scenkonst; Kultur; Evenemang" in guide["Typ"]
    assert "Läget Inställd kräver Varför den ställdes in." in page.text
    example = owner.get(page.select_one("a[href*=exempel]")["href"])
    found = parse(send(owner, file=("exempel.xlsx", example.data)))
    assert "2 platsaktiveringar kan sparas" in found.text.replace("\xa0", " ")


def test_rows_without_end_are_refused_in_words_of_our_own(owner, parse):
    # Not in parts: the client leaves the file open that it puts parts of this size in.
    response = owner.post(f"{URL}/importera", data={"text": "x" * 2_100_000, "step": "check"})
    assert response.status_code == 422
    assert "100000 tecken för lång" in parse(response).select_one(".error-text").text


def test_a_reason_that_does_not_do_is_told_at_the_reason(owner, parse):
    text = f"{HEADS}\n{ROW}".replace("Kvällsdans", "Ring 08-508 00 000")
    page = parse(send(owner, text, privacy_reason="Gäller 19900101-0017."))
    field = page.select_one("[name=privacy_reason][aria-invalid=true]")
    assert field["value"] == "Gäller 19900101-0017."
    assert "Skälet innehåller ett personnummer." in page.find(id=field["aria-describedby"].split()[0]).text
    assert not [fault for fault in told(page) if fault.startswith("Rad") and "personnummer" in fault]
