"""Tables written as files."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal

import openpyxl
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.core import sheets
from platssamverkan.core.db import db
from tests.builders import World
from tests.measures.builders import a_measure

ROWS = [
    ("=1+1", 12, Decimal("4.60"), date(2026, 10, 2), time(18), datetime(2026, 10, 2, 16, tzinfo=UTC), True, None),
    ("-5", -5, 0.25, None, time(0), None, False, "@text"),
]


def test_a_text_file_is_as_swedish_spreadsheets_read_it() -> None:
    text = sheets.write_csv(["Vad", "Antal;n"], ROWS)
    assert text.startswith('\ufeffVad;"Antal;n"\r\n')
    assert text.splitlines()[1:] == [
        "'=1+1;12;4,6;2026-10-02;18.00;2026-10-02 18.00;Ja;",
        "-5;-5;0,25;;00.00;;Nej;'@text",
    ]


def test_an_excel_file_has_real_days_hours_and_numbers_and_no_formulas() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.write_xlsx([str(n) for n in range(8)], ROWS)))
    first, second = list(book.active.iter_rows(min_row=2))
    moments = [cell.value.isoformat() for cell in (first[3], first[5])]
    assert moments == ["2026-10-02T00:00:00", "2026-10-02T18:00:00"]
    assert [cell.value for cell in (*first[:3], first[4], *first[6:])] == ["=1+1", 12, 4.6, time(18), "Ja", None]
    assert [cell.value for cell in second] == ["-5", -5, 0.25, None, time(0), None, "Nej", "@text"]
    assert {cell.data_type for cell in (first[0], second[0], second[7])} == {"s"}
    assert first[0].quotePrefix
    assert (first[3].is_date, first[3].number_format) == (True, "yyyy-mm-dd")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_list_can_be_fetched_as_both_kinds_and_hides_what_the_page_hides(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient, parse: Callable[..., BeautifulSoup], kind: str
) -> None:
    with app.app_context():
        a_measure(world, title="Öppen åtgärd")
        a_measure(world, title="Sluten åtgärd", visibility="authorities_only")
        db.session.commit()
    page = parse(owner.get("/samverkan/sergels/atgarder"))
    links = {link.text: link["href"] for link in page.select(".filter-result a")}
    assert set(links) == {"Hämta som Excel", "Hämta som CSV"}
    for client, seen in ((owner, {"Öppen åtgärd"}), (police, {"Öppen åtgärd", "Sluten åtgärd"})):
        response = client.get(links[sheets.FORMATS[kind]])
        assert response.mimetype == sheets.MIMETYPES[kind]
        assert response.headers["Content-Disposition"].endswith(f'.{kind}"')
        if kind == "xlsx":
            rows = openpyxl.load_workbook(io.BytesIO(response.get_data())).active.iter_rows(values_only=True, min_row=2)
            assert {str(row[0]) for row in rows} == seen
        else:
            text = response.get_data(as_text=True)
            assert {line.split(";")[0] for line in text.splitlines()[1:]} == seen
