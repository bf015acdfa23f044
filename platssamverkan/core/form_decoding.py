"""How a posted form is read: what is not UTF-8 becomes a mark that the forms refuse at the field (see `core.forms`), so
that the rest of what the user wrote is kept. Werkzeug's own reading would drop the whole form."""

from io import BytesIO
from typing import IO
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

Parsed = tuple[IO[bytes], "MultiDict[str, str]", "MultiDict[str, FileStorage]"]


class ReadableForm(FormDataParser):
    """The parser of forms, with unreadable bytes marked."""

    def _parse_urlencoded(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> Parsed:
        text = stream.read().decode(errors="replace")
        # Each field costs far more than its few bytes, and Werkzeug counts only those that come with files.
        if self.max_form_parts is not None and text.count("&") >= self.max_form_parts:
            raise RequestEntityTooLarge
        return stream, self.cls(parse_qsl(text, keep_blank_values=True, errors="replace")), self.cls()


class ReadableRequest(Request):
    """A request whose form holds everything that could be read."""

    form_data_parser_class = ReadableForm

    def _get_file_stream(self, *_: object, **_about: object) -> IO[bytes]:
        # Werkzeug would lay a large file on the disk, which may be full. It is no larger than what is taken in at all.
        return BytesIO()
