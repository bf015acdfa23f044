"""Rows brought in from a file or a pasted text. Each row goes through the room's own form, so that it obeys what a
typed row obeys; all rows are saved or none."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import StringField
from wtforms.widgets import TextArea as TextAreaWidget

from platssamverkan.core import formatting, privacy, sheets, uploads
from platssamverkan.core.cells import how_to_write, posted_values
from platssamverkan.core.errors import DomainError
from platssamverkan.core.forms import BaseForm
from platssamverkan.core.uploads import MAX_BYTES, MAX_ROWS, UnreadableFile, plain_head
from platssamverkan.core.validators import Limit

#: The most faults that are told at once, and the most that stand at the field itself.
MOST_TOLD, MOST_AT_FIELD = 30, 5
#: What lists say where nothing is known.
NOTHING = {"uppgift saknas", "–", "-"}
#: What spreadsheets show where a formula fails.
SHEET_ERRORS = {
    *("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!"),
    *("#SAKNAS!", "#VÄRDEFEL!", "#REFERENS!", "#DIVISION/0!", "#OGILTIGT!", "#NAMN?", "#SKÄRNING!"),
}
_PREVIEWED = 10


class RowsWidget(TextAreaWidget):
    """A field for rows of cells; its hints are its own."""


class RowsField(StringField):
    """Rows as they were written. Only the ends of lines are changed: blank rows count when rows are numbered."""

    widget = RowsWidget()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]).replace("\r\n", "\n").rstrip() if valuelist else None


class ImportForm(BaseForm):
    """A file or pasted rows."""

    # Every cell is checked by itself.
    unchecked = frozenset({"text"})

    file = FileField("Fil", description="Excel (.xlsx) eller CSV. Högst 2 MB och 1 000 rader.")
    text: Any = RowsField(
        "Rader",
        description="Klistra in rader från ett kalkylblad, eller rätta det som lästs in.",
        validators=[Limit(MAX_BYTES)],
    )

    @property
    def wants_save(self) -> bool:
        """Say whether the rows are to be saved, and not only looked through. A new file is always looked through."""
        return request.form.get("step") == "save" and self.upload is None

    @property
    def upload(self) -> FileStorage | None:
        """Return the chosen file, if any."""
        return self.file.data if isinstance(self.file.data, FileStorage) else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a file or rows."""
        valid = super().validate(extra_validators)
        if not self.upload and not self.text.data:
            self.file.errors = ["Välj en fil, eller klistra in rader i rutan."]
            return False
        return valid


@dataclass(frozen=True)
class ImportColumn:
    """A column that can be brought in: its head, as lists print it in their files, and the field of the form."""

    label: str
    field: str
    #: The file must have it.
    needed: bool = False


@dataclass(frozen=True)
class Importer:
    """What a room says of its import."""

    noun: str
    nouns: str
    columns: Sequence[ImportColumn]
    #: Made for rows, with its choices set; used anew for each row.
    form: BaseForm
    #: Returns what to save of a form that holds, and raises DomainError where a service would.
    read: Callable[[Any], Any]
    #: Returns what makes two rows the same.
    key: Callable[[Any], Hashable]
    #: Returns the keys of the rows that are saved already, as far as the user may read them.
    known: Callable[[], frozenset[Any]]
    #: Lets others who import the same wait until this transaction ends.
    lock: Callable[[], None]
    #: Adds what `read` returned of all rows to the session, in as few statements as it takes: others wait meanwhile.
    save: Callable[[Sequence[Any]], object]
    #: Values of fields that a file may leave out.
    start: dict[str, Any] = field(default_factory=dict)
    #: In words, what makes two rows the same, and what else the page should say.
    same: str = ""
    note: str = ""
    #: Sentences on what a row needs beside the columns that a file must have.
    rules: Sequence[str] = ()
    #: Rows of the file that shows how one is written, each by the fields of the form.
    examples: Sequence[Mapping[str, Any]] = ()

    def guide(self, *, needed: bool) -> list[tuple[str, str]]:
        """Return (head, what its cells hold) of the columns that a file must have, or of the others."""
        columns = [column for column in self.columns if column.needed is needed and column.field in self.form]
        return [(column.label, how_to_write(self.form[column.field])) for column in columns]

    def example_file(self) -> Response:
        """Return a file that can be brought in as it is, with every column that can be."""
        columns = [column for column in self.columns if column.field in self.form]
        rows = [[row.get(column.field) for column in columns] for row in self.examples]
        return sheets.file_response("xlsx", f"exempel-{self.nouns}", [column.label for column in columns], rows)


@dataclass
class Outcome:
    """What came of a file or a text."""

    #: Sentences, each with its row and column.
    faults: list[str] = field(default_factory=list)
    #: How many faults are not told.
    more_faults: int = 0
    #: What is to be saved, by its key.
    fresh: dict[Any, Any] = field(default_factory=dict)
    #: Numbers of rows that are saved already, and of those that are as one earlier in the file.
    repeated: list[int] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    #: Heads that can't be brought in.
    left_out: list[str] = field(default_factory=list)
    sheet: str | None = None
    heads: list[str] = field(default_factory=list)
    #: The first rows as they were read.
    preview: list[tuple[int, list[str]]] = field(default_factory=list)

    @property
    def shown_columns(self) -> list[tuple[int, str]]:
        """Return (place, head) of the columns that hold anything in the rows that are shown."""
        return [
            (place, head) for place, head in enumerate(self.heads) if any(cells[place] for _, cells in self.preview)
        ]

    def tell(self, fault: str) -> None:
        """Add a fault, or count it when enough are told."""
        if len(self.faults) < MOST_TOLD:
            self.faults.append(fault)
        else:
            self.more_faults += 1


def take(importer: Importer, form: ImportForm) -> Outcome | None:
    """Return what the posted file or rows hold, or None when something is wrong with the form itself.

    The messages stand at the form's fields, and what a file held stands in the form's text. Nothing is saved here.
    """
    if not form.validate_on_submit():
        return None
    outcome = Outcome()
    try:
        if form.upload:
            _read_file(form, form.upload, outcome)
        rows = uploads.read_rows(form.text.data or "", [column.label for column in importer.columns])
        _Reading(importer, form, outcome).read(rows)
    except UnreadableFile as error:
        at = form.file if form.upload and not form.text.data else form.text
        at.errors = [error.message]
        return None
    if outcome.faults:
        form.text.errors = outcome.faults[:MOST_AT_FIELD]
        if len(outcome.faults) > MOST_AT_FIELD:
            form.text.errors.append("Fler fel står i listan överst på sidan.")
    return outcome


def _read_file(form: ImportForm, file: FileStorage, outcome: Outcome) -> None:
    """Put what the file holds in the form's text. What its name or the names of its sheets hold is told at the file."""
    name = file.filename or ""
    form.text.data = form.text.raw_data = None
    upload = uploads.read_upload(name, file.stream.read(MAX_BYTES + 1))
    form.text.data, outcome.sheet = upload.text.rstrip(), upload.chosen_sheet
    for text, what in ((name, "Filens namn"), *((one, "Bladets namn") for one in upload.sheet_names)):
        message = _name_fault(form, text, what)
        if message:
            form.file.errors = [*form.file.errors, message]


def _name_fault(form: ImportForm, text: str, what: str) -> str:
    findings = privacy.find(text.replace("_", " "))
    if privacy.hard(findings):
        return privacy.stop_message(findings, what)
    if privacy.soft(findings) and not form.may_keep("file", findings):
        return privacy.reason_message(findings, what)
    return ""


class _Reading:
    """Goes through the rows of one text."""

    def __init__(self, importer: Importer, form: ImportForm, outcome: Outcome) -> None:
        self.importer, self.posted, self.outcome = importer, form, outcome
        self.known = importer.known()
        #: Place in the row → column, for those that can be brought in.
        self.columns: dict[int, ImportColumn] = {}

    def read(self, rows: list[list[str]]) -> None:
        """Read every row.

        :raises UnreadableFile: when there is nothing to read
        """
        filled = [(number, row) for number, row in enumerate(rows, start=1) if row]
        if not filled:
            raise UnreadableFile("Det finns inga rader att läsa. Börja med en rad med rubriker.")
        self._read_heads(filled[0][1])
        if self.outcome.faults:
            return
        if len(filled) == 1:
            raise UnreadableFile("Det finns bara rubriker och inga rader under dem.")
        if len(filled) - 1 > MAX_ROWS:
            raise UnreadableFile(f"Högst {formatting.number(MAX_ROWS)} rader kan läsas in åt gången. Dela upp dem.")
        width = len(filled[0][1])
        for number, row in filled[1:]:
            self._read_row(number, row, width)

    def _read_heads(self, heads: list[str]) -> None:
        by_head = {plain_head(column.label): column for column in self.importer.columns}
        for place, head in enumerate(heads):
            stop = privacy.stop_message(privacy.find(head), "Rubriken")
            column = by_head.get(plain_head(head))
            if stop:
                self.outcome.tell(f"Kolumn {place + 1}: {stop}")
            elif column and column in self.columns.values():
                self.outcome.tell(f"Rubriken {column.label} står två gånger. Ta bort den ena kolumnen.")
            elif column and column.field in self.importer.form:
                self.columns[place] = column
            elif head:
                self.outcome.left_out.append(head)
        labels = [column.label for column in self.importer.columns]
        if not self.columns and not self.outcome.faults:
            raise UnreadableFile(f"Första raden ska vara rubriker. Dessa kan läsas in: {', '.join(labels)}.")
        missing = [one.label for one in self.importer.columns if one.needed and one not in self.columns.values()]
        if missing:
            words = "Kolumnen" if len(missing) == 1 else "Kolumnerna"
            self.outcome.tell(f"{words} {', '.join(missing)} saknas. Lägg till rubriken på första raden.")
        self.outcome.heads = [column.label for column in self.columns.values()]

    def _read_row(self, number: int, row: list[str], width: int) -> None:
        if any(row[width:]):
            self.outcome.tell(
                f"Rad {number} har fler värden än det finns rubriker. Sätt citattecken runt text som innehåller ett "
                "skiljetecken."
            )
            return
        told = self._cell_faults(number, row)
        posted: MultiDict[str, str] = MultiDict({"privacy_reason": self.posted.privacy_reason.data or ""})
        for place, column in self.columns.items():
            text = row[place] if place < len(row) else ""
            if text and text.casefold() not in NOTHING:
                try:
                    posted.setlist(column.field, posted_values(self.importer.form[column.field], text))
                except ValueError as error:
                    self._tell_cell(number, column, str(error), told)
        form = self.importer.form
        form.asks_reason = False
        form.process(posted, data=self.importer.start)
        form.form_errors = []
        valid = form.validate()
        self.posted.asks_reason = self.posted.asks_reason or form.asks_reason
        if not valid and not told and self._is_saved():
            # A source may leave out what is asked of those who write; such a row is known by its key all the same.
            self.outcome.repeated.append(number)
        elif not valid:
            self._tell_form(number, told)
        elif not told:
            self._keep(number, row)

    def _is_saved(self) -> bool:
        try:
            return self.importer.key(self.importer.form) in self.known
        except (AttributeError, TypeError, ValueError, DomainError):
            # The key can't be made of what is missing.
            return False

    def _cell_faults(self, number: int, row: list[str]) -> set[str]:
        """Tell of what may stand in no cell; return the fields that are told of, or "" for a column left out."""
        told: set[str] = set()
        for place, text in enumerate(row):
            column = self.columns.get(place)
            stop = privacy.stop_message(privacy.find(text))
            words = privacy.mixed_script_words(text) if column else []
            message = stop
            if column and text.upper() in SHEET_ERRORS:
                message = "Cellen innehåller ett fel från kalkylprogrammet. Skriv värdet i stället."
            elif words and not stop:
                message = f"Ordet {words[0]} blandar latinska och kyrilliska bokstäver. Skriv om det."
            if message:
                label = column.label if column else f"kolumn {place + 1}"
                self.outcome.tell(f"Rad {number}, {label}: {message}")
                told.add(column.field if column else "")
        return told

    def _tell_cell(self, number: int, column: ImportColumn, message: str, told: set[str]) -> None:
        if column.field not in told:
            self.outcome.tell(f"Rad {number}, {column.label}: {message}")
            told.add(column.field)

    def _tell_form(self, number: int, told: set[str]) -> None:
        labels = {column.field: column.label for column in self.importer.columns}
        form = self.importer.form
        for message in form.form_errors:
            self.outcome.tell(f"Rad {number}: {message}")
        # The reason was given once, for all rows.
        reason = form.privacy_reason.errors
        self.posted.privacy_reason.errors = reason or self.posted.privacy_reason.errors
        for one in form:
            if one.errors and one.short_name not in told | {"privacy_reason"}:
                label = labels.get(one.short_name) or one.label.text
                self.outcome.tell(f"Rad {number}, {label}: {one.errors[0]}")

    def _keep(self, number: int, row: list[str]) -> None:
        key = self.importer.key(self.importer.form)
        if len(self.outcome.preview) < _PREVIEWED:
            cells = [row[place] if place < len(row) else "" for place in self.columns]
            self.outcome.preview.append((number, cells))
        if key in self.known:
            self.outcome.repeated.append(number)
            return
        if key in self.outcome.fresh:
            self.outcome.doubled.append(number)
            return
        try:
            self.outcome.fresh[key] = self.importer.read(self.importer.form)
        except DomainError as error:
            self.outcome.tell(f"Rad {number}: {error.message}")
