"""The goal-fulfilment report as PDF, beside WeasyPrint alone on the same finished HTML."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import weasyprint
from flask import Flask
from weasyprint.urls import URLFetcher, URLFetcherResponse

from platssamverkan.core import clock
from platssamverkan.core.visibility import Audience
from platssamverkan.demo.bench_base import SLUG
from platssamverkan.reports.cli import partnership_called
from platssamverkan.reports.documents import html_of, make, pdf_of
from platssamverkan.reports.registry import GOAL_FULFILMENT

SITE = "https://bench.invalid"


class StaticFiles(URLFetcher):
    """Reads static/ and nothing else; the least that the page's style sheet and fonts need."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def fetch(self, url: str, headers: object = None) -> Any:
        """Return the file that the address names."""
        path = self.folder / urlsplit(url).path.removeprefix("/static/")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _kind(path)})


def _kind(path: Path) -> str:
    return {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}.get(path.suffix, "text/plain")


def report_makers(app: Flask) -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    """Return how the program makes the report's PDF, queries and template and all, and how WeasyPrint alone does."""
    subject = f"{clock.today().year - 1}-vb"
    static = Path(str(app.static_folder))

    def ours() -> bytes:
        with app.test_request_context(base_url=SITE):
            return pdf_of(_document(subject))

    with app.test_request_context(base_url=SITE):
        html = html_of(_document(subject))

    def floor() -> bytes:
        page = weasyprint.HTML(string=html, base_url=f"{SITE}/", url_fetcher=StaticFiles(static))
        content: bytes = page.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
        return content

    return ours, floor


def _document(subject: str) -> Any:
    return make(GOAL_FULFILMENT, partnership_called(SLUG), subject, Audience.PARTNERSHIP)
