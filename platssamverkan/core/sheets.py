"""Tables as files, for people who work in a spreadsheet: CSV and Excel (XLSX), written here."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter
from flask import Response

from platssamverkan.core import clock

MIMETYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: What a list can be fetched as, with the words of its link.
FORMATS = {"xlsx": "Hämta som Excel", "csv": "Hämta som CSV"}
#: A text that begins so would be run as a formula by a spreadsheet.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")

_WIDEST = 60
_FORMATS_OF = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", time: "hh:mm"}


def file_response(kind: str, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return the rows as a file to fetch. `kind` is a key of FORMATS, `name` the file's without its ending."""
    content = write_xlsx(heads, rows) if kind == "xlsx" else write_csv(heads, rows).encode()
    response = Response(content, mimetype=MIMETYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return text that Swedish spreadsheets open: semicolons, a mark first that tells UTF-8, and no formulas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow(["'" + cell if _is_formula(cell) else as_text(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def as_text(value: Any) -> str:
    """Return how a value is written in a text file and in the forms: 2026-10-02, 18.00, 4,6, Ja."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, datetime):
        return f"{_local(value):%Y-%m-%d %H.%M}"
    if isinstance(value, time):
        return f"{value:%H.%M}"
    if isinstance(value, float | Decimal):
        text = f"{Decimal(str(value)):f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
    return str(value)


def write_xlsx(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return an Excel file with days, hours and numbers as what they are, and every text as text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Blad1")
    of_type = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS_OF.items()}
    as_it_stands = book.add_format({"quote_prefix": True})
    sheet.write_row(0, 0, heads, book.add_format({"bold": True}))
    widths = [len(head) for head in heads]
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            text = as_text(value)
            widths[place] = max(widths[place], min(_WIDEST, len(text)))
            if isinstance(value, datetime | date | time):
                moment = _local(value).replace(tzinfo=None) if isinstance(value, datetime) else value
                sheet.write_datetime(number, place, moment, of_type[type(value)])
            elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                sheet.write_number(number, place, value)
            elif text:
                sheet.write_string(number, place, text, as_it_stands if _is_formula(value) else None)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width + 2)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def _local(value: datetime) -> datetime:
    return clock.to_local(value) if value.tzinfo else value


def _is_formula(value: Any) -> bool:
    return (
        isinstance(value, str) and value.startswith(FORMULA_MARKS) and not re.fullmatch(r"[-+][0-9]+(,[0-9]+)?", value)
    )
