"""The one list: filter, sort and page, all in the URL and in SQL. `templates/components/table.html` prints it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, url_for
from sqlalchemy import ColumnElement, Enum, Select, String, and_, case, func, nulls_last, or_, true
from sqlalchemy.orm import raiseload
from sqlalchemy.sql.functions import FunctionElement

from platssamverkan.core import privacy, sheets
from platssamverkan.core.db import db, swedish
from platssamverkan.core.fields import day_of

PAGE_SIZES = (25, 50, 100)


@dataclass(frozen=True)
class Column:
    """One column. `sort` is the SQL expression it sorts by (None: not sortable); `value` gives the exported cell.
    `is_key` says that its text is a key, sorted as it stands, and not words in Swedish order."""

    key: str
    label: str
    sort: Any = None
    numeric: bool = False
    value: Callable[[Any], Any] | None = None
    is_key: bool = False

    @property
    def sortable(self) -> bool:
        return self.sort is not None


#: The class of a row's text, which follows it into every file (DOMAIN 9, R7).
READERS = Column("visibility", "Vem får läsa", value=lambda row: row.visibility.label)


@dataclass(frozen=True)
class Filter:
    """One filter field. `condition` turns the chosen value into SQL. A value off the list filters nothing away, nor
    does a date that can't be read or a personnummer: `error` says so. What was written stays, to be put right."""

    name: str
    label: str
    condition: Callable[[Any], ColumnElement[bool]]
    kind: str = "select"
    choices: Sequence[tuple[str, str]] = ()
    value: str = ""
    error: str = ""

    def parsed(self, text: str) -> Any:
        """Return the filter value that `text` stands for, or None when it is empty.

        :raises ValueError: with a Swedish sentence, for no date, no choice on the list and for a personnummer
        """
        text = text.strip()
        if not text:
            return None
        if self.kind == "date":
            try:
                return day_of(text)
            except ValueError as told:
                raise ValueError(f"Datumet gick inte att läsa och påverkar inte listan. {told}") from None
        if self.kind in {"search", "text"}:
            if stop := privacy.stop_message(privacy.find(text[:200]), "Sökningen"):
                raise ValueError(f"{stop} Listan visas utan den.")
            return text[:200]
        if text not in ({"1"} if self.kind == "checkbox" else {value for value, _ in self.choices}):
            raise ValueError("Valet i adressen finns inte, så listan visas utan det.")
        return text


def contains(text: str, *columns: Any) -> ColumnElement[bool]:
    """Return the condition that every word of `text` occurs in one of `columns`, whatever its case."""
    conditions = []
    for word in text.split():
        pattern = "%" + word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append(or_(*(func.lower(column).like(pattern, escape="\\") for column in columns)))
    return and_(true(), *conditions)


@dataclass
class ListSpec:
    """How one list looks and what it can be filtered and sorted by. Made by the room's query function."""

    id: str
    noun_singular: str
    noun_plural: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    default_sort: str = ""
    default_descending: bool = False
    #: Breaks ties so that paging is stable; usually the primary key.
    tie: Any = None
    export: bool = True


@dataclass
class Table:
    """What the template prints: one page of rows and the addresses of its neighbours."""

    spec: ListSpec
    rows: Sequence[Any]
    total: int
    page: int
    per_page: int
    sort: str
    descending: bool
    filters: Sequence[Filter]
    endpoint: str
    view_args: dict[str, Any]
    hidden: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def columns(self) -> Sequence[Column]:
        return self.spec.columns

    @property
    def noun_singular(self) -> str:
        return self.spec.noun_singular

    @property
    def noun_plural(self) -> str:
        return self.spec.noun_plural

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return 0 if not self.total else (self.page - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        return min(self.total, self.page * self.per_page)

    @property
    def has_filter(self) -> bool:
        """Whether something was asked of a filter, also what it could not do."""
        return any(filter_.value or filter_.error for filter_ in self.filters)

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter holds rows back."""
        return any(filter_.value and not filter_.error for filter_ in self.filters)

    @cached_property
    def _base(self) -> tuple[str, dict[str, str]]:
        """The address of the list, and the arguments that say what it shows now."""
        args = {filter_.name: filter_.value for filter_ in self.filters if filter_.value and not filter_.error}
        if self.sort != self.spec.default_sort or self.descending != self.spec.default_descending:
            args["sortera"] = ("-" if self.descending else "") + self.sort
        if self.per_page != PAGE_SIZES[0]:
            args["antal"] = str(self.per_page)
        return url_for(self.endpoint, **self.view_args), args

    def _url(self, name: str, value: object) -> str:
        url, args = self._base
        query = urlencode(args if value is None else args | {name: value})
        return f"{url}?{query}" if query else url

    @cached_property
    def sort_urls(self) -> dict[str, str]:
        """The address that sorts by each sortable column, the other way round when it is sorted so already."""
        turned = {self.sort: "" if self.descending else "-"}
        keys = [column.key for column in self.columns if column.sortable]
        return {key: self._url("sortera", turned.get(key, "") + key) for key in keys}

    def page_url(self, number: int) -> str:
        """Return the address of page `number`, counted from 1."""
        return self._url("sida", number if number > 1 else None)

    def per_page_url(self, number: int) -> str:
        """Return the address that shows `number` rows a page."""
        return self._url("antal", number)

    @property
    def clear_url(self) -> str:
        return self._base[0]

    @property
    def action_url(self) -> str:
        return self.clear_url

    @property
    def file_links(self) -> list[tuple[str, str]]:
        """Return (words, address) of each kind of file that the list can be fetched as."""
        kinds = sheets.FORMATS if self.spec.export else {}
        return [(words, self._url("format", kind)) for kind, words in kinds.items()]


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text[:8]) if text.isdecimal() else default


def _is_text(expression: Any) -> bool:
    kind = getattr(expression, "type", None)
    # What lower() gives is text too, though its type does not say so.
    is_lowered = isinstance(expression, FunctionElement) and getattr(expression, "name", "") == "lower"
    return is_lowered or (isinstance(kind, String) and not isinstance(kind, Enum))


def _sorting(expression: Any) -> Any:
    """Return what puts rows in the order that readers expect: choices as they are listed, text as Swedish has it."""
    choices = getattr(getattr(expression, "type", None), "enum_class", None)
    if choices is not None:
        return case(*((expression == choice, place) for place, choice in enumerate(choices)))
    return swedish(expression) if _is_text(expression) else expression


def build_table(
    statement: "Select[Any]", spec: ListSpec, *, export: bool = False, values: Mapping[str, object] | None = None
) -> Table:
    """Return one page of `statement` as the request's URL asks: two queries, one that counts and one that loads.

    :param values: what the bound parameters of the statement stand for
    """
    chosen: list[Filter] = []
    for filter_ in spec.filters:
        # No text of PostgreSQL holds the character; nobody means it.
        text = request.args.get(filter_.name, "").replace("\x00", "")
        value, error = None, ""
        try:
            value = filter_.parsed(text)
        except ValueError as told:
            error = str(told)
        if value is not None:
            statement = statement.where(filter_.condition(value))
        kept = "" if error and filter_.kind in {"select", "checkbox"} else text.strip()[:200]
        chosen.append(replace(filter_, value=kept, error=error))
    wanted = request.args.get("sortera", "")
    key, descending = wanted.lstrip("-"), wanted.startswith("-")
    by_key = {column.key: column for column in spec.columns if column.sortable}
    if key not in by_key:
        key, descending = spec.default_sort, spec.default_descending
    # A made-up page or size means the nearest one there is.
    asked = _number("antal", PAGE_SIZES[0])
    per_page = min(PAGE_SIZES, key=lambda size: abs(size - asked))
    counted = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = db.session.scalar(counted, values) or 0
    page = min(max(1, _number("sida", 1)), max(1, -(-total // per_page)))
    if key in by_key:
        order = by_key[key].sort
        orders = order if isinstance(order, tuple | list) else (order,)
        sorts = orders if by_key[key].is_key else [_sorting(one) for one in orders]
        statement = statement.order_by(*(nulls_last(o.desc() if descending else o.asc()) for o in sorts))
    if spec.tie is not None:
        statement = statement.order_by(spec.tie)
    if not export:
        statement = statement.limit(per_page).offset((page - 1) * per_page)
    # A list prints no sources; what it needs beside the row itself, its statement says.
    statement = statement.options(raiseload("*"))
    rows = _loaded(statement, values) if total else []
    # What the filter form carries along, so that filtering keeps the order and the page size.
    hidden = [("sortera", wanted)] if wanted and wanted.lstrip("-") == key else []
    if per_page != PAGE_SIZES[0]:
        hidden.append(("antal", str(per_page)))
    return Table(
        spec=spec,
        rows=rows,
        total=total,
        page=page,
        per_page=per_page,
        sort=key,
        descending=descending,
        filters=chosen,
        endpoint=request.endpoint or "",
        view_args=dict(request.view_args or {}),
        hidden=hidden,
    )


def _loaded(statement: Any, values: Mapping[str, object] | None) -> Sequence[Any]:
    """Return entities where the statement selects one, else rows of columns, whose first is then the row's own id."""
    result = db.session.execute(statement, values)
    if len(result.keys()) == 1:
        return list(result.scalars().unique())
    return list(result)


def wants_file() -> bool:
    """Say whether the list is asked for as a file."""
    return request.args.get("format") in sheets.FORMATS


def file_response(table: Table, name: str, columns: Sequence[Column] | None = None) -> Response:
    """Return the list as the file that the request asks for, with every column that has a value to export. `columns`
    are those of the file, when it holds others than the page."""
    values = [(column.label, column.value) for column in columns or table.columns if column.value is not None]
    heads = [label for label, _ in values]
    cells = ([value(row) for _, value in values] for row in table.rows)
    return sheets.file_response(request.args["format"], name, heads, cells)
