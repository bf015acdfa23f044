"""What was observed of an indicator as a file, and such a file brought in again."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.importing import ImportColumn, Importer
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import Column
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import indicator_services
from platssamverkan.goals.forms import ObservationForm
from platssamverkan.goals.indicator_services import Reading
from platssamverkan.goals.models import Indicator, IndicatorKind, Observation, QualitativeDirection
from platssamverkan.partnerships.services import lock_partnership
from platssamverkan.partnerships.workspace import current_workspace

#: Field of the form → head of its column, in the order of the file.
HEADS = {
    "starts": "Från",
    "ends": "Till",
    "period_text": "Tiden med källans ord",
    "value": "Värde",
    "numerator": "Antal",
    "area_hectares": "Yta i hektar",
    "is_approximate": "Ungefärligt",
    "direction": "Riktning i ord",
    "statement": "Beskrivning",
    "origin": "Varifrån",
    "visibility": "Vem får läsa",
}
#: What only a rate has.
OF_RATES = {"numerator", "area_hectares"}


def _heads(indicator: Indicator) -> dict[str, str]:
    is_rate = indicator.kind is IndicatorKind.RATE_PER_AREA
    return {name: head for name, head in HEADS.items() if is_rate or name not in OF_RATES}


def _origin(row: Any) -> str | None:
    """Return where the figure comes from in words; for one of a loaded source, the source's title."""
    return row.origin or (row.source.title if row.source else None)


def file_columns(indicator: Indicator) -> list[Column]:
    """Return the columns of the file of the list of observations; the caveat stands at every value."""

    def cell(name: str) -> Callable[[Any], Any]:
        if name == "origin":
            return _origin
        if name in {"direction", "visibility"}:
            return lambda row: getattr(row, name).label if getattr(row, name) else None
        return lambda row: getattr(row, name)

    caveat = Column("caveat", "Att tänka på", value=lambda _: " ".join(indicator.caveats))
    *columns, readers = [Column(name, head, value=cell(name)) for name, head in _heads(indicator).items()]
    return [*columns, caveat, readers]


def importer(indicator: Indicator, read: Callable[[Any], Reading]) -> Importer:
    """Return how rows are brought in to the indicator; `read` gives what a form that holds says."""
    workspace = current_workspace()
    is_rate = indicator.kind is IndicatorKind.RATE_PER_AREA
    visibilities = workspace.visibilities(None)
    form = ObservationForm(is_rate=is_rate, visibilities=visibilities, formdata=None, meta={"csrf": False})
    said = "Antal och Yta i hektar" if is_rate else "Värde"
    figures = {"numerator": 12, "area_hectares": Decimal("4.6")} if is_rate else {"value": Decimal("4.6")}
    return Importer(
        noun="mätvärde",
        nouns="mätvärden",
        columns=[ImportColumn(head, name, needed=name == "origin") for name, head in _heads(indicator).items()],
        form=form,
        start={"visibility": indicator.visibility},
        read=read,
        key=lambda row: _key(read(row)),
        known=lambda: _known(indicator, workspace.reader),
        lock=lambda: lock_partnership(workspace.partnership.id),
        save=lambda rows: indicator_services.record_all(indicator, rows, owner_actor_id=workspace.actor.id),
        same="Två rader är lika när de har samma tid och källa.",
        note="Värdet per hektar räknas ut av antalet och ytan." if is_rate else "",
        rules=(
            "Varje rad ska säga när: fyll i Från, Till eller Tiden med källans ord.",
            f"Varje rad ska säga vad som iakttagits: fyll i {said}, Riktning i ord eller Beskrivning.",
        ),
        examples=(
            {"starts": "2025", "origin": "Exempel: attitydundersökning 2025", **figures},
            {
                "starts": "2026-05",
                "direction": QualitativeDirection.INCREASED.label,
                "statement": "Fler rör sig på platsen på kvällarna.",
                "origin": "Exempel: intervjuer våren 2026",
            },
        ),
    )


def _key(row: Any, origin: str | None = None) -> tuple[Any, ...]:
    """Return time and origin, and for what is said in words also the words: a source may say several things."""
    has_value = row.value is not None or row.numerator is not None
    said = "value" if has_value else (row.direction, row.statement)
    return row.starts, row.ends, row.period_text, (origin or row.origin or "").casefold(), said


def _known(indicator: Indicator, reader: Reader) -> frozenset[Any]:
    statement = (
        select(Observation, Source)
        .outerjoin(Source, Source.id == Observation.source_id)
        .where(Observation.indicator_id == indicator.id, visible_to(Observation, reader))
    )
    return frozenset(
        _key(row, row.origin or (source.title if source else None)) for row, source in db.session.execute(statement)
    )
