"""A table that someone uploads or pastes, as rows of text. What can't be read is refused in one plain sentence."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl

from platssamverkan.core.sheets import FORMULA_MARKS, as_text

MAX_BYTES = 2_000_000
#: Rows below the heads.
MAX_ROWS = 1_000
MAX_COLUMNS = 100

#: What an Excel file may hold when it is unpacked: far above any honest one of the size that is taken.
_MAX_UNPACKED = 20_000_000
_MAX_PARTS = 1_000
# A text without marks is one long cell, which is then refused in words of our own.
csv.field_size_limit(_MAX_UNPACKED)
#: How far down a sheet is looked for rows, however empty it is.
_DEEPEST_ROW = 20_000
_ENDINGS = {"csv": "text", "txt": "text", "tsv": "text", "xlsx": "excel"}
_AGAIN = "Öppna den i ett kalkylprogram, spara den som Excel (.xlsx) eller CSV och försök igen."
_UNREADABLE = f"Filen gick inte att läsa. {_AGAIN}"
_TOO_LARGE = "Filen är för stor. Högst 2 MB får plats. Dela upp den i flera."
_MIXED_CODING = "Filens å, ä och ö gick inte att läsa. Spara den som CSV med teckenkodningen UTF-8 och försök igen."
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: UTF-8 read as Windows-1252: Ã¥, Ã¤, Ã¶ and the like.
_TWICE_CODED = re.compile("Ã[\x80-\xbf„…–]|â€")


class UnreadableFile(Exception):
    """The file is refused. `message` is a Swedish sentence for the user."""

    def __init__(self, message: str = _UNREADABLE) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Upload:
    """What a file held, as text that can be shown in a form and mended there."""

    text: str = field(repr=False)
    #: Names of the sheets in it, to be checked as any text.
    sheet_names: Sequence[str] = field(default=(), repr=False)
    #: The sheet that was read, when there are others.
    chosen_sheet: str | None = field(default=None, repr=False)


def read_upload(name: str, content: bytes) -> Upload:
    """Return the text of a .csv or .xlsx file.

    :raises UnreadableFile: when it is empty, too large, broken, protected or of another kind
    """
    kind = _ENDINGS.get(name.rpartition(".")[2].lower().strip())
    if kind is None:
        raise UnreadableFile(f"Filen ska vara Excel (.xlsx) eller CSV (.csv). {_AGAIN}")
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_TOO_LARGE)
    if not content.strip():
        raise UnreadableFile("Filen är tom. Välj en annan fil.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(f"Filen har lösenord eller ett äldre format. {_AGAIN}")
    return _read_excel(content) if kind == "excel" else Upload(_decoded(content))


def _decoded(content: bytes) -> str:
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise UnreadableFile(_UNREADABLE) from None
        if _TWICE_CODED.search(text):
            raise UnreadableFile(_MIXED_CODING) from None
    if _CONTROL.search(text):
        raise UnreadableFile
    return text


def _check_archive(content: bytes) -> None:
    """Refuse what unpacks to far more than it is, and XML that brings definitions of its own."""
    with ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
            raise UnreadableFile(_TOO_LARGE)
        for part in parts:
            # Zip files bound what is read by the size they state, which was added up above.
            if b"<!doctype" in archive.read(part).replace(b"\x00", b"").lower():
                raise UnreadableFile


def _read_excel(content: bytes) -> Upload:
    try:
        _check_archive(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return _first_sheet(book)
        finally:
            book.close()
    except UnreadableFile:
        raise
    except BadZipFile:
        raise UnreadableFile from None
    except Exception as error:
        # A broken file breaks the library in any of many ways. What it says may hold the file's text.
        raise UnreadableFile from error


def _first_sheet(book: Any) -> Upload:
    names = [str(sheet.title) for sheet in book.worksheets]
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        rows = list(_sheet_rows(sheet))
        while rows and not any(rows[-1]):
            rows.pop()
        if rows:
            out = io.StringIO()
            # Blank rows stay, so that rows have the numbers that the spreadsheet shows.
            csv.writer(out, delimiter=";", lineterminator="\n").writerows(row if any(row) else [] for row in rows)
            return Upload(out.getvalue(), names, str(sheet.title) if len(names) > 1 else None)
    raise UnreadableFile("Filen är tom. Välj en annan fil.")


def _sheet_rows(sheet: Any) -> Iterator[list[str]]:
    filled = 0
    for cells in sheet.iter_rows(max_row=_DEEPEST_ROW, max_col=MAX_COLUMNS + 1):
        row = [_cell_text(cell) for cell in cells]
        while row and not row[-1]:
            row.pop()
        if len(row) > MAX_COLUMNS:
            raise UnreadableFile(f"Filen har för många kolumner. Högst {MAX_COLUMNS} får plats.")
        filled += bool(row)
        # One more than is taken, so that the reader of rows can say that they are too many.
        if filled > MAX_ROWS + 1 + 1:
            return
        yield row


def _cell_text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _moment_text(value, str(cell.number_format or ""))
    if isinstance(value, timedelta):
        return _moment_text(datetime(1899, 12, 31) + value, "h")  # noqa: DTZ001  (spreadsheets know no time zones)
    if isinstance(value, time):
        return as_text(_whole_minute(datetime.combine(date(1900, 1, 1), value)).time())
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    return _CONTROL.sub("", as_text(value)).strip()


def _moment_text(value: datetime, number_format: str) -> str:
    """Return a day, a month or a year as the spreadsheet shows it, or an hour when there is no day."""
    value = _whole_minute(value)
    # Hours without a day are parts of the days before spreadsheets begin to count.
    if value.year < 1901:
        return as_text(value.time())
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]', "", number_format).lower()
    if "y" in shown and "d" not in shown:
        return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
    return as_text(value) if value.time() != time(0) else value.date().isoformat()


def _whole_minute(value: datetime) -> datetime:
    return (value + timedelta(seconds=30)).replace(second=0, microsecond=0)


# Text to rows.


def read_rows(text: str, known: Sequence[str]) -> list[list[str]]:
    """Return the rows of a pasted or uploaded text, cells stripped, blank rows as []. The mark between cells is the
    one that gives most of the `known` heads.

    :raises UnreadableFile: when quotation marks don't match
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    wanted = {plain_head(head) for head in known}

    def heads_found(mark: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=mark), [])
        return sum(plain_head(cell) in wanted for cell in cells), len(cells)

    mark = max(";\t,", key=heads_found)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[list[str]] = []
    try:
        for cells in reader:
            row = [_plain_cell(cell) for cell in cells]
            rows.append(row if any(row) else [])
    except csv.Error:
        raise UnreadableFile(
            f"Citattecknen går inte ihop på rad {len(rows) + 1} eller efter den. Ta bort dem eller sätt ett på var "
            "sida om texten."
        ) from None
    while rows and not rows[-1]:
        rows.pop()
    return rows


def plain_head(head: str) -> str:
    """Return a head as it is compared: "Vem får läsa?" and "vem  får läsa" are the same."""
    return " ".join(head.casefold().split()).strip(" ?:*.")


def _plain_cell(cell: str) -> str:
    text = cell.strip().replace("\r\n", "\n")
    # The mark that our own text files put before what looks like a formula.
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_MARKS) else text
