"""Ids in addresses: no larger than the database holds, so that a made-up number is a 404 and not an error; and lists
of addresses that differ only in the id, built quickly."""

from typing import Any

from flask import Flask, Response, g, has_request_context, request
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

from platssamverkan.core.form_decoding import ReadableRequest

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


class Name(UnicodeConverter):
    """A row's own name, without the character that no text of PostgreSQL holds."""

    def __init__(
        self, url_map: Map, minlength: int = 1, maxlength: int | None = None, length: int | None = None
    ) -> None:
        super().__init__(url_map, minlength, maxlength, length)
        self.regex = self.regex.replace("[^/]", r"[^/\x00]")


def asked_id(name: str) -> int | None:
    """Return the id that follows `name` in the address's question, None when there is none or it is no id."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < len(str(LARGEST_ID)) else None


#: So many patterns of addresses are remembered before all are forgotten; those with search words are many.
MOST_REMEMBERED = 5000


class Site(Flask):
    """The application. It remembers addresses but for the id in them: a page has dozens, a list hundreds."""

    request_class = ReadableRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[object, tuple[str, str]] = {}

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Return what Flask returns. Only a number among the values is put in anew; the rest is looked up."""
        # These make an address depend on more than the values in it. Code that calls flask.url_for hands over all of
        # them, mostly as None.
        get = values.get
        if not has_request_context() or get("_external") or get("_scheme") or get("_method"):
            return super().url_for(endpoint, **values)
        name, number = "", 0
        for key, value in values.items():
            if type(value) is int:
                if name:
                    return super().url_for(endpoint, **values)
                name, number = key, value
            elif value is not None and not isinstance(value, str):
                return super().url_for(endpoint, **values)
        where = (request.script_root, g.get("slug"), request.blueprint if endpoint[:1] == "." else None)
        known = (endpoint, where, name, *((key, value) for key, value in values.items() if key != name))
        # Looked up once: another thread may forget all addresses at any moment.
        parts = self._addresses.get(known)
        if parts is None:
            pattern = super().url_for(endpoint, **({**values, name: LARGEST_ID} if name else values))
            before, _, after = pattern.rpartition(str(LARGEST_ID)) if name else (pattern, "", "")
            parts = before, after
            if len(self._addresses) >= MOST_REMEMBERED:
                self._addresses.clear()
            self._addresses[known] = parts
        return f"{parts[0]}{number}{parts[1]}" if name else parts[0]


def init_app(app: Flask) -> None:
    """Let `<int:…>` in every address mean a row's id and `<…>` its name, and lead from address to address by paths.
    Called before any address is added."""
    app.url_map.converters |= {"int": RowId, "default": Name}

    @app.after_request
    def _by_path(response: Response) -> Response:
        # Where a slash is lacking, Werkzeug leads to a whole address: the one by which a proxy calls us, without https.
        own = request.host_url.rstrip("/")
        if response.location and response.location.startswith(f"{own}/"):
            response.location = "/" + response.location.removeprefix(own).lstrip("/")
        return response
