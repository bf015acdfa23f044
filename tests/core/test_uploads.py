"""Files read as rows: what is understood, and what is refused in one sentence."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
import xlsxwriter

from platssamverkan.core import sheets, uploads
from platssamverkan.core.uploads import UnreadableFile

Fill = Callable[[xlsxwriter.Workbook], None]


def a_book(fill: Fill) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(book)
    book.close()
    return out.getvalue()


def an_archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the Excel file with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


PLAIN = sheets.write_xlsx(["Vad"], [["Dans"]])


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_text_files_are_read_in_every_usual_coding_and_with_every_usual_mark(coding: str, mark: str) -> None:
    content = f'Vad{mark}Plats\r\n"Två{mark} delar"{mark}Åhléns – torget\r\n\r\nTre{mark}Här'.encode(coding)
    text = uploads.read_upload("lista.CSV", content).text
    rows = uploads.read_rows(text, ["Vad", "Plats"])
    assert rows == [["Vad", "Plats"], [f"Två{mark} delar", "Åhléns – torget"], [], ["Tre", "Här"]]


def test_an_excel_file_gives_days_hours_and_numbers_as_forms_take_them() -> None:
    row = [
        date(2026, 10, 2),
        time(18),
        datetime(2026, 10, 2, 16, 30, tzinfo=UTC),
        Decimal("4.6"),
        12,
        True,
        "=1+1",
        None,
    ]
    content = sheets.write_xlsx([str(n) for n in range(len(row))], [row, [None] * len(row), row])
    rows = uploads.read_rows(uploads.read_upload("lista.xlsx", content).text, [])
    assert rows[1] == ["2026-10-02", "18.00", "2026-10-02 18.30", "4,6", "12", "Ja", "=1+1"]
    assert rows[2:] == [[], rows[1]]


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [("yyyy-mm-dd", "2026-05-01"), ("mmm-yy", "2026-05"), ("yyyy", "2026"), ("yyyy-mm-dd hh:mm", "2026-05-01")],
)
def test_a_month_that_the_spreadsheet_made_a_day_of_stays_a_month(number_format: str, shown: str) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet().write_datetime(0, 0, date(2026, 5, 1), book.add_format({"num_format": number_format}))

    assert uploads.read_upload("tid.xlsx", a_book(fill)).text.strip() == shown


def test_the_first_visible_sheet_with_rows_is_read_and_all_are_named() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Tomt").activate()
        hidden = book.add_worksheet("Dolt")
        hidden.write(0, 0, "dolt")
        hidden.hide()
        book.add_worksheet("Program").write(0, 0, "Vad")

    upload = uploads.read_upload("lista.xlsx", a_book(fill))
    assert (upload.text.strip(), upload.chosen_sheet) == ("Vad", "Program")
    assert upload.sheet_names == ["Tomt", "Dolt", "Program"]


def test_the_mark_before_a_formula_in_our_own_files_is_taken_away() -> None:
    text = sheets.write_csv(["Vad"], [["=1+1"], ["'citat'"]]).removeprefix("\ufeff")
    assert uploads.read_rows(text, ["Vad"])[1:] == [["=1+1"], ["'citat'"]]


def a_wide_sheet(book: xlsxwriter.Workbook) -> None:
    book.add_worksheet().write_row(0, 0, ["x"] * 101)


def a_far_cell(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Vad")
    sheet.write(1_048_575, 0, "längst ner")


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
LATE_ENTITIES = ENTITIES.replace(b"<!DOCTYPE", b"<!--" + b"x" * 10_000 + b"--><!DOCTYPE")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("tom.csv", b"", "Filen är tom"),
        ("tom.csv", b" \r\n ", "Filen är tom"),
        ("tom.xlsx", a_book(lambda book: book.add_worksheet()), "Filen är tom"),
        ("bild.png", b"\x89PNG", "Excel (.xlsx) eller CSV"),
        ("gammal.xls", b"\xd0\xcf\x11\xe0", "Excel (.xlsx) eller CSV"),
        ("skyddad.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 100, "har lösenord"),
        ("utan", b"Vad\nDans", "Excel (.xlsx) eller CSV"),
        ("bild.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "gick inte att läsa"),
        ("excel.csv", PLAIN, "gick inte att läsa"),
        ("text.xlsx", b"Vad;Typ", "gick inte att läsa"),
        ("stympad.xlsx", PLAIN[: len(PLAIN) // 2], "gick inte att läsa"),
        ("arkiv.xlsx", an_archive(readme=b"hej"), "gick inte att läsa"),
        ("bomb.xlsx", an_archive(**{"xl/worksheets/sheet1.xml": b" " * 30_000_000}), "för stor"),
        ("delar.xlsx", an_archive(**{f"del{n}": b"" for n in range(1_001)}), "för stor"),
        ("stor.csv", b"x" * 2_000_001, "för stor"),
        ("bred.xlsx", a_book(a_wide_sheet), "för många kolumner"),
        ("entiteter.xlsx", with_part(PLAIN, "xl/worksheets/sheet1.xml", lambda _: ENTITIES), "gick inte att läsa"),
        ("sent.xlsx", with_part(PLAIN, "xl/worksheets/sheet1.xml", lambda _: LATE_ENTITIES), "gick inte att läsa"),
        ("trasig.xlsx", with_part(PLAIN, "xl/worksheets/sheet1.xml", lambda xml: xml[:-40]), "gick inte att läsa"),
        ("cell.xlsx", with_part(PLAIN, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v>0", b"<v>99")), "läsa"),
        ("blandad.csv", "Åtgärd\n".encode() + b"\xe5", "å, ä och ö"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_what_cannot_be_read_is_refused_in_one_sentence(name: str, content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        uploads.read_upload(name, content)
    assert says in refused.value.message


def test_quotation_marks_that_do_not_match_are_told_by_row() -> None:
    with pytest.raises(UnreadableFile, match="rad 2"):
        uploads.read_rows('Vad;Typ\n"Dans;Konst\nSång;Konst', ["Vad"])


def test_a_cell_far_down_does_not_take_long() -> None:
    assert uploads.read_upload("lista.xlsx", a_book(a_far_cell)).text.split() == ["Vad"]


def test_one_long_line_is_one_cell() -> None:
    assert uploads.read_rows("å" * 300_000, ["Vad"]) == [["å" * 300_000]]
    assert uploads.read_rows("Vad\n" + "å" * 300_000, ["Vad"])[1] == ["å" * 300_000]
