"""Static files stay with the browser: their addresses change with what is in them, so that a page on a weak line asks
for none of them twice."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, session

#: A year, as long as any browser keeps a file.
KEPT = "public, max-age=31536000, immutable"
#: The style sheet names the fonts by file alone, so a new one must come through within a month.
FONTS, FONTS_KEPT = "fonts/", "public, max-age=2592000"


@lru_cache(maxsize=256)
def _digest(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else None


def init_app(app: Flask) -> None:
    """Add `v` to the addresses of static files and let browsers keep what answers to it. Not while developing, when
    files change under a running program."""
    if app.debug or app.static_folder is None:
        return
    folder = Path(app.static_folder)

    @app.url_defaults
    def _with_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (version := _digest(folder / values["filename"])):
            values.setdefault("v", version)

    @app.after_request
    def _kept(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            # A file is the same for all. Browsers that are told that it varies with the cookie, which is renewed with
            # every page, would ask for it again with every page.
            session.accessed = False
            name = (request.view_args or {})["filename"]
            if request.args.get("v") == _digest(folder / name):
                response.headers["Cache-Control"] = KEPT
            elif name.startswith(FONTS):
                response.headers["Cache-Control"] = FONTS_KEPT
        return response
