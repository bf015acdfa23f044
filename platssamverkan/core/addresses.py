"""Ids in addresses: no larger than the database holds, so that a made-up number is a 404 and not an error; and lists
of addresses that differ only in the id, built quickly."""

from typing import Any

from flask import Flask, g, has_request_context
from werkzeug.routing import IntegerConverter, Map

from platssamverkan.core.reading import ReadableRequest

#: The largest value of an integer column.
LARGEST_ID = 2**31 - 1


class RowId(IntegerConverter):
    """A row's id."""

    def __init__(
        self,
        url_map: Map,
        fixed_digits: int = 0,
        min: int | None = None,
        max: int | None = None,
    ) -> None:
        super().__init__(url_map, fixed_digits, 0 if min is None else min, LARGEST_ID if max is None else max)


class Site(Flask):
    """The application. Within a request it remembers an address but for its id, since lists have hundreds of them."""

    request_class = ReadableRequest

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Return what Flask returns; where one value is a number and the rest are text, only that is put in anew."""
        numbers = [name for name, value in values.items() if not isinstance(value, str)]
        if len(numbers) != 1 or type(values[numbers[0]]) is not int or not has_request_context():
            return super().url_for(endpoint, **values)
        name = numbers[0]
        number = values.pop(name)
        known: dict[object, tuple[str, str]] = g.setdefault("addresses", {})
        key = (endpoint, name, *values.items())
        if key not in known:
            pattern = super().url_for(endpoint, **{**values, name: LARGEST_ID})
            before, _, after = pattern.rpartition(str(LARGEST_ID))
            known[key] = before, after
        before, after = known[key]
        return f"{before}{number}{after}"


def init_app(app: Flask) -> None:
    """Let `<int:…>` in every address mean a row's id. Called before any address is added."""
    app.url_map.converters["int"] = RowId
