"""Ids in addresses: no larger than the database holds, so that a made-up number is a 404 and not an error."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

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


def init_app(app: Flask) -> None:
    """Let `<int:…>` in every address mean a row's id. Called before any address is added."""
    app.url_map.converters["int"] = RowId
