"""`flask --app wsgi report <slug> --period 2023-vb --out rapport.pdf`: a document from the command line."""

import re
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.exceptions import NotFound

from platssamverkan.core import schema
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError
from platssamverkan.core.visibility import Audience
from platssamverkan.partnerships.models import Partnership
from platssamverkan.reports.documents import make, pdf_of
from platssamverkan.reports.registry import BRIEFING, GOAL_FULFILMENT, KINDS, MINUTES

DEFAULT_SITE = "http://127.0.0.1:5000/"
NOUNS = {MINUTES.key: "meeting", BRIEFING.key: "briefing"}


def _stop(message: str) -> click.ClickException:
    return click.ClickException(message)


def _subject(kind: str, period: str | None, row_id: str | None) -> str:
    if kind == GOAL_FULFILMENT.key:
        if not period:
            raise _stop("Ange period med --period, till exempel 2023-vb.")
        if not re.fullmatch(r"2[01]\d\d-(t1|t2|vb)", period.lower(), flags=re.ASCII):
            raise _stop(f"Perioden {period!r} går inte att läsa. Skriv år och t1, t2 eller vb, till exempel 2023-vb.")
        return period.lower()
    if not row_id:
        raise _stop("Ange vilket möte eller vilken utställning med --id.")
    return f"{NOUNS[kind]}:{row_id}"


def partnership_called(slug: str) -> Partnership:
    """Return the partnership with all that a document reads of it. Raises ClickException when there is none."""
    options = selectinload(Partnership.places), joinedload(Partnership.lead_actor)
    found: Partnership | None = db.session.scalar(select(Partnership).where(Partnership.slug == slug).options(*options))
    if found is None:
        raise _stop(f"Det finns ingen samverkan med namnet {slug!r} i adressen.")
    return found


def _write(out: Path, content: bytes) -> None:
    """Write the file whole, or leave what was there as it is. Raises OSError."""
    half = out.with_name(f"{out.name}.part")
    try:
        half.write_bytes(content)
        half.replace(out)
    except OSError:
        half.unlink(missing_ok=True)
        raise


@click.command("report")
@click.argument("slug")
@click.option("--period", help="År och t1, t2 eller vb, till exempel 2023-vb.")
@click.option("--out", type=click.Path(path_type=Path), help="Filen som skrivs.")
@click.option("--kind", default=GOAL_FULFILMENT.key, help="goal-fulfilment, minutes eller briefing.")
@click.option("--id", "row_id", help="Mötets eller utställningens nummer i adressen.")
@click.option("--for", "audience", default=Audience.PARTNERSHIP.value, help="partnership, authorities eller public.")
@schema.with_database
def report(  # noqa: PLR0917  (click hands them over by name)
    slug: str, period: str | None, out: Path | None, kind: str, row_id: str | None, audience: str
) -> None:
    """Skriv ett dokument som PDF: måluppfyllelserapport, minnesanteckningar eller utställning."""
    if kind not in KINDS:
        raise _stop(f"Det finns inget dokument {kind!r}. Välj {', '.join(KINDS)}.")
    if audience not in {one.value for one in KINDS[kind].audiences}:
        allowed = ", ".join(one.value for one in KINDS[kind].audiences)
        raise _stop(f"{KINDS[kind].name} görs inte för {audience!r}. Välj {allowed}.")
    if out is None:
        raise _stop("Ange filen som ska skrivas med --out, till exempel rapport.pdf.")
    if not out.parent.is_dir():
        raise _stop(f"Mappen {out.parent} finns inte.")
    if out.exists() and not out.is_file():
        raise _stop(f"{out} är ingen fil. Ange en fil med --out, till exempel rapport.pdf.")
    site = current_app.config.get("SITE_URL") or DEFAULT_SITE
    with current_app.test_request_context(base_url=site):
        try:
            document = make(KINDS[kind], partnership_called(slug), _subject(kind, period, row_id), Audience(audience))
        except NotFound:
            raise _stop(f"{KINDS[kind].name} {row_id or period} finns inte i {slug}.") from None
        try:
            content = pdf_of(document)
        except DomainError as error:
            raise _stop(error.message) from error
    try:
        _write(out.resolve(), content)
    except OSError as error:
        raise _stop(f"Det gick inte att skriva {out}: {error.strerror}.") from None
    draft = " Utkast." if document.content.is_draft else ""
    click.echo(f"{document.content.title}: {out}.{draft}")


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(report)
