"""The list of measures as a file, and such a file brought in again: also what is closed, with its answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.db import db
from platssamverkan.core.formatting import swedish_sort_key
from platssamverkan.core.importing import ImportColumn, Importer
from platssamverkan.core.tables import Column
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures import form_makers, neighbours, services
from platssamverkan.measures.forms import MaintenanceNeed
from platssamverkan.measures.import_form import MeasureImportForm
from platssamverkan.measures.models import Measure, MeasureMethod, MeasureStatus
from platssamverkan.partnerships.queries import actor_choices
from platssamverkan.partnerships.services import lock_partnership
from platssamverkan.partnerships.workspace import current_workspace

#: What a source leaves open.
MISSING = "uppgift saknas"
#: Field of the form, or name of what can't be brought in → head of its column, in the order of the file.
HEADS = {
    "title": "Åtgärd",
    "number": "Nr",
    "responsible_actor_id": "Ansvarig aktör",
    "due_on": "Klart senast",
    "status": "Läge",
    "methods": "Metod",
    "cpted": "CPTED",
    "place_id": "Plats",
    "place_text": "Var på platsen",
    "starts": "Börjar",
    "ends": "Slutar",
    "resources": "Resurser",
    "has_cause": "Orsaksanalys",
    "goal_ids": "Mål",
    "affected_actor_ids": "Berörda aktörer",
    "description": "Beskrivning",
    "follow_up_on": "Följs upp",
    "planned_count": "Planerat antal",
    "outcome_text": "Vad åtgärden har gett",
    "is_especially_valuable": "Särskilt värdefull",
    "closed_on": "Avslutad",
    "cancel_reason": "Varför den avbröts",
    "need": "Behöver vidmakthållas",
    "reason": "Varför inget behöver vidmakthållas",
    "what": "Vad som vidmakthålls",
    "actor_id": "Vem som vidmakthåller",
    "until_on": "Vidmakthålls till och med",
    "funding": "Hur det betalas",
    "relapse_signal": "Tecken på återfall",
    "review_on": "Ses över",
    "visibility": "Vem får läsa",
}
NEEDED = {"title", "responsible_actor_id", "methods"}
#: What a file holds to be read, and the import makes anew or leaves out.
NOT_BROUGHT_IN = {"number", "has_cause"}
_OF_ANSWER = ("reason", "what", "until_on", "funding", "relapse_signal", "review_on")
#: Statuses that a button leads to from "Pågår".
_MOVED_TO = {MeasureStatus.DELAYED, MeasureStatus.PAUSED}


def _label(value: Any) -> str | None:
    return value.label if value else None


def _in_order(chosen: Iterable[LabelledEnum]) -> str:
    """Return the labels as a measure's page lists them; the database keeps them in no order."""
    return ", ".join(sorted((one.label for one in chosen), key=swedish_sort_key))


_CELLS: dict[str, Callable[[Measure], Any]] = {
    "responsible_actor_id": lambda row: row.responsible.name if row.responsible else MISSING,
    "status": lambda row: _label(row.status) or MISSING,
    "methods": lambda row: _in_order(link.method for link in row.methods),
    "cpted": lambda row: _in_order(link.category for link in row.cpted),
    "place_id": lambda row: row.place.name if row.place else None,
    "has_cause": lambda row: row.cause_id is not None,
    "affected_actor_ids": lambda row: "; ".join(actor.name for actor in row.affected),
    "visibility": lambda row: row.visibility.label,
}


def file_columns(goals: Mapping[int, list[str]], reader: Reader) -> list[Column]:
    """Return the columns of the file of the list. `goals` holds the goals of each measure by its id, in words; the
    measures must have all else that is theirs."""

    def answer(name: str, row: Measure) -> Any:
        kept = row.maintenance
        if kept is None or not reader.may_read(kept.visibility, kept.owner_actor_id):
            return None
        if name == "need":
            return (MaintenanceNeed.YES if kept.is_needed else MaintenanceNeed.NO).label
        if name == "actor_id":
            return kept.actor.name if kept.actor else None
        return getattr(kept, name)

    def cell(name: str) -> Callable[[Measure], Any]:
        if name == "goal_ids":
            return lambda row: "; ".join(goals[row.id])
        if name in {"need", "actor_id", *_OF_ANSWER}:
            return partial(answer, name)
        return _CELLS.get(name) or (lambda row: getattr(row, name))

    return [Column(name, head, value=cell(name)) for name, head in HEADS.items()]


def importer() -> Importer:
    """Return how measures are brought in by one who may change all of them."""
    workspace = current_workspace()
    form = MeasureImportForm(formdata=None, meta={"csrf": False})
    form_makers.offer_choices(form)
    # What is closed may have served goals that have ended.
    goals = neighbours.goals(workspace.partnership.id, workspace.reader).values()
    form.goal_ids.offer([(goal.id, goal.label) for goal in goals])
    form.status.offer(MeasureStatus)
    form.actor_id.offer(actor_choices(workspace.partnership.id))
    fields = {name: head for name, head in HEADS.items() if name not in NOT_BROUGHT_IN}
    return Importer(
        noun="åtgärd",
        nouns="åtgärder",
        columns=[ImportColumn(head, name, name in NEEDED) for name, head in fields.items()],
        form=form,
        read=_read,
        key=lambda row: _key(
            row.title.data, row.responsible_actor_id.data, row.place_id.data, row.due_on.data, row.starts.data
        ),
        known=lambda: _known(workspace.partnership.id, workspace.reader),
        lock=lambda: lock_partnership(workspace.partnership.id),
        save=_save,
        same="Två rader är lika när de har samma åtgärd, ansvarig, plats, början och dag då den ska vara klar.",
        note="Åtgärderna får nya nummer.",
        rules=(
            "Lämnas Läge tomt blir det Beslutad, ej påbörjad.",
            "Läget Genomförd kräver Avslutad och Varför inget behöver vidmakthållas.",
            "Läget Vidmakthålls kräver Avslutad, Vad som vidmakthålls och Vem som vidmakthåller.",
            "Läget Avbruten kräver Varför den avbröts.",
            "CPTED är bara för metoden Situationell.",
        ),
        examples=(
            {
                "title": "Exempel: byt trasiga armaturer",
                "responsible_actor_id": workspace.actor.name,
                "methods": MeasureMethod.SITUATIONAL.label,
                "status": MeasureStatus.DECIDED.label,
                "due_on": clock.today(),
            },
            {
                "title": "Exempel: städa trapporna extra",
                "responsible_actor_id": workspace.actor.name,
                "methods": f"{MeasureMethod.SITUATIONAL.label}; {MeasureMethod.SOCIAL.label}",
                "status": MeasureStatus.COMPLETED.label,
                "closed_on": clock.today(),
                "reason": "Städningen ingår nu i den vanliga driften.",
            },
        ),
    )


def _key(title: str, *rest: Any) -> tuple[Any, ...]:
    return title.casefold(), *rest


def _known(partnership_id: int, reader: Reader) -> frozenset[Any]:
    statement = select(
        Measure.title, Measure.responsible_actor_id, Measure.place_id, Measure.due_on, Measure.starts
    ).where(Measure.partnership_id == partnership_id, visible_to(Measure, reader))
    return frozenset(_key(*row) for row in db.session.execute(statement))


def _read(form: MeasureImportForm) -> dict[str, Any]:
    values = {name: form[name].data for name in services.EDITABLE if name in form}
    ending = {name: form[name].data or None for name in ("closed_on", "cancel_reason", "actor_id", *_OF_ANSWER)}
    return {"values": values | form.links(), "status": form.status.data, "ending": ending}


def _save(rows: Sequence[dict[str, Any]]) -> None:
    """Add the measures as they were begun, and let them come by the usual ways to where they stand."""
    workspace = current_workspace()
    new = [_begun(row, workspace.actor.id) for row in rows]
    ended = []
    for measure, row in zip(services.create_measures(new, partnership_id=workspace.partnership.id), rows, strict=True):
        status, ending = row["status"], dict(row["ending"])
        closed_on, reason = ending.pop("closed_on"), ending.pop("cancel_reason")
        if status in _MOVED_TO:
            services.move(measure, status, on=clock.today())
        elif status is MeasureStatus.CANCELLED:
            services.cancel(measure, reason=reason or "", on=closed_on or clock.today())
        elif status in {MeasureStatus.COMPLETED, MeasureStatus.MAINTAINED}:
            is_needed = status is MeasureStatus.MAINTAINED
            ended.append((measure, services.Ending(on=closed_on, is_needed=is_needed, **ending)))
    services.close_all(ended)
    db.session.flush()


def _begun(row: dict[str, Any], actor_id: int) -> services.NewMeasure:
    goes_on = row["status"].is_waiting
    status = row["status"] if goes_on else MeasureStatus.ONGOING
    return services.NewMeasure(owner_actor_id=actor_id, status=status, **row["values"])
