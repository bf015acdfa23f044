"""How a document is made: for an audience, from one template, as a page to look at and as a PDF."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from pathlib import Path
from typing import Any

from flask import current_app, render_template, request, url_for
from markupsafe import Markup

from platssamverkan.core import clock
from platssamverkan.core.pdf import PdfAttachment, render_document
from platssamverkan.core.visibility import Audience
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.roles import Permission


@dataclass(frozen=True)
class CitedSource:
    """One numbered source: the record that a figure comes from, and its address on the site."""

    number: int
    label: str
    url: str
    #: The document that the record itself was taken from, when it was.
    origin: str = ""


class SourceBook:
    """Numbers the records that figures come from, in the order they are first printed."""

    def __init__(self) -> None:
        self._cited: dict[tuple[str, str], CitedSource] = {}

    def cite(self, url: str, label: str, origin: str = "") -> Markup:
        """Return the mark "[3]" that leads to the source in the list at the end. A record whose figures were taken from
        several documents is a source for each of them."""
        number = self._cited.setdefault((url, origin), CitedSource(len(self._cited) + 1, label, url, origin)).number
        return Markup('<sup class="cite"><a href="#kalla-{0}" title="Källa {0}">[{0}]</a></sup>').format(number)

    @property
    def sources(self) -> list[CitedSource]:
        return list(self._cited.values())


@dataclass(frozen=True)
class Stamp:
    """What issuing adds: version, diary number, who approved, when."""

    version: int
    diary_number: str | None
    function: str
    on: date


@dataclass(frozen=True)
class Content:
    """What one document says to one audience."""

    title: str
    #: What the template of the kind reads.
    context: dict[str, Any]
    is_draft: bool
    #: How many records are kept from the audience.
    left_out: int
    #: The page of the record that the document is made from.
    record_url: str
    attachments: Sequence[PdfAttachment] = ()


@dataclass(frozen=True)
class DocumentKind:
    """One kind of document that the program makes."""

    key: str
    name: str
    template: str
    #: Who may approve and issue it.
    permission: Permission
    audiences: Sequence[Audience]
    #: (partnership, subject, audience) → content; 404 when there is no such subject.
    collect: Callable[[Partnership, str, Audience], Content]
    #: (partnership id, subject): raises DomainError with what to do first.
    check_ready: Callable[[int, str], None]
    #: (partnership id, subject) → which one it is, for the page that asks; 404 when there is no such subject.
    which: Callable[[int, str], str]
    #: The address of the preview of a subject: (slug, subject, audience) → URL.
    preview_url: Callable[[str, str, Audience], str]
    #: (document, function): locks what else the issued document prints.
    lock_with: "Callable[[Document, str], None] | None" = None
    #: (partnership id, subject, audience) → what the page that asks says of the summing up.
    issue_note: Callable[[int, str, Audience], str] | None = None
    #: Classes tried in turn until the document is one page; empty when it may be as long as it gets.
    one_page_sizes: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Document:
    """A document of one kind, filled for one audience."""

    kind: DocumentKind
    partnership: Partnership
    subject: str
    audience: Audience
    content: Content


def make(kind: DocumentKind, partnership: Partnership, subject: str, audience: Audience) -> Document:
    """Return the document with only what `audience` may see."""
    return Document(kind, partnership, subject, audience, kind.collect(partnership, subject, audience))


def left_out_text(document: Document) -> str:
    """Return the line that says how much is left out, "" when nothing is."""
    number = document.content.left_out
    if not number:
        return ""
    what = "1 punkt är utelämnad" if number == 1 else f"{number} punkter är utelämnade"
    return f"{what} i den här versionen, som är gjord för: {document.audience.label}."


def html_of(document: Document, *, stamp: Stamp | None = None, bar: object = None, size: str = "") -> str:
    """Return the document as a page; `bar` is what stands above it on the screen and never in the file."""
    return render_template(
        document.kind.template,
        document=document,
        content=document.content,
        partnership=document.partnership,
        audience=document.audience,
        left_out=left_out_text(document),
        stamp=stamp,
        bar=bar,
        size=size or (document.kind.one_page_sizes or ("",))[0],
        book=SourceBook(),
        today=clock.today(),
        site=site_url(),
        **document.content.context,
    )


def version_url(endpoint: str, audience: Audience, **values: Any) -> str:
    """Return the address of what is made for `audience`."""
    values["for"] = audience.value
    return url_for(endpoint, **values)


def site_url() -> str:
    """Return the address of the site that links in the file lead to: the setting, else that of the request."""
    return str(current_app.config.get("SITE_URL") or request.url_root)


def pdf_of(document: Document, *, stamp: Stamp | None = None) -> bytes:
    """Return the document as PDF/A and PDF/UA. One that must be one page is set in the first size that fits."""
    static = current_app.static_folder
    assert static is not None  # noqa: S101  (the app is made with one)
    content = b""
    sizes = list(document.kind.one_page_sizes or ("",))
    while sizes:
        size = sizes.pop(0)
        made = render_document(
            html_of(document, stamp=stamp, size=size),
            base_url_static=Path(static),
            attachments=document.content.attachments,
            site_url=site_url(),
        )
        content = made.content
        if made.page_count == 1 or not sizes:
            break
        sizes = may_fit(sizes, size, made.page_count)
    return content


def may_fit(sizes: Sequence[str], tried: str, pages: int) -> list[str]:
    """Return the sizes left to try after `tried` ("size-130" is 13 points) took so many pages; the last always stays.

    What fills more than `pages` - 1 pages takes room by the square of its type size, so larger sizes can't do.
    """
    most = int(tried.partition("-")[2]) / sqrt(max(1, pages - 1))
    return [size for size in sizes if int(size.partition("-")[2]) <= most or size == sizes[-1]]
