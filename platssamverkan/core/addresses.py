"""Ids in addresses: no larger than the database holds, so that a made-up number is a 404 and not an error."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

#: The largest value of an integer column.
LARGEST_ID = 2**31 - 1


class RowId(IntegerConverter):
    """A row's id."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=0, max=LARGEST_ID)


def init_app(app: Flask) -> None:
    """Let `<int:…>` in every address mean a row's id. Called before any address is added."""
    app.url_map.converters["int"] = RowId
