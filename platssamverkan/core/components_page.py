"""/komponenter: every component on one page, with its class name. A component stands here before a room uses it."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, TextAreaField

from platssamverkan.core.access import public
from platssamverkan.core.charts import Point, Target, bar_chart, line_chart, sparkline
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.conflicts import Difference
from platssamverkan.core.fields import DateField, EnumMany, EnumRadio, IdSelect, TextField, Tick, TimeField
from platssamverkan.core.icons import icon_names
from platssamverkan.core.validators import Limit, Voluntary
from platssamverkan.core.visibility import Visibility

bp = Blueprint("components", __name__)


class SampleKind(LabelledEnum):
    """What kind of event it was."""

    STAGE = "stage", "Scenkonst"
    ART = "art", "Konst"
    MUSIC = "music", "Musik och dans"
    CHILDREN = "children", "Barn och unga"


class SampleForm(Form):
    """One field of each sort. Saves nothing."""

    title = TextField("Åtgärd", description="Börja med ett verb: byt, sätt upp, genomför.")
    actor = IdSelect("Ansvarig aktör", empty="Välj aktör")
    starts = TimeField("Från kl.")
    ends = TimeField("Till kl.")
    day = DateField("Klart senast", validators=[Voluntary()])
    kind = EnumRadio("Typ", SampleKind)
    goals = EnumMany("Bidrar till", SampleKind)
    follow_up = Tick("Ta upp på nästa strategiska möte")
    text = TextAreaField("Vad har hänt?", validators=[Limit(2000), Voluntary()])


def _form() -> SampleForm:
    form = SampleForm(data={"kind": SampleKind.ART, "goals": [SampleKind.STAGE], "title": "Byt fyra armaturer"})
    form.actor.offer([(1, "Trafikkontoret"), (2, "Polisen")])
    form.text.flags.privacy = True
    return form


def _form_with_errors() -> SampleForm:
    form = SampleForm(prefix="fel")
    form.actor.offer([(1, "Trafikkontoret")])
    form.title.errors = ["Skriv vad som ska göras."]
    form.actor.errors = ["Välj en aktör i listan."]
    form.kind.errors = ["Välj en typ."]
    return form


def _table(total: int = 240, page: int = 2) -> SimpleNamespace:
    """Return what `core.tables.Table` offers, with rows made up here."""
    here = url_for("components.show")
    names = [("title", "Åtgärd", True), ("actor", "Ansvarig aktör", True), ("due_on", "Klart senast", True)]
    columns: list[Any] = [SimpleNamespace(key=k, label=label, sortable=s, numeric=False) for k, label, s in names]
    columns.append(SimpleNamespace(key="count", label="Ronder", sortable=True, numeric=True))
    columns.append(SimpleNamespace(key="status", label="Status", sortable=False, numeric=False))
    rows = [
        ("Byt trasiga armaturer längs Klarabergsgatan", "Trafikkontoret", date(2026, 11, 7), 3, "error", "Försenad"),
        ("Genomför mörkervandring", "Stadsdelsförvaltningen", date(2026, 12, 15), None, "ongoing", "Pågår"),
        ("Vinterprogram på vardagskvällar", "Platsorganisationen", None, 12, "neutral", "Ej påbörjad"),
    ]
    keys = ("title", "actor", "due_on", "count", "kind", "status")
    filters = [
        SimpleNamespace(name="q", label="Sök åtgärd", kind="search", choices=(), value=""),
        SimpleNamespace(name="status", label="Status", kind="select", choices=[("open", "Pågår")], value="open"),
        SimpleNamespace(name="fran", label="Klar tidigast", kind="date", choices=(), value=""),
        SimpleNamespace(name="sena", label="Bara försenade", kind="checkbox", choices=(), value="1"),
    ]
    return SimpleNamespace(
        id="measures" if total else "nothing", columns=columns, filters=filters if total else [], hidden=[],
        rows=[SimpleNamespace(**dict(zip(keys, row, strict=True))) for row in rows] if total else [],
        sort="due_on", descending=False, page=page, per_page=25,
        sort_urls={key: f"{here}?sortera={key}" for key in keys},
        pages=-(-total // 25), total=total, first=(page - 1) * 25 + 1, last=page * 25, has_filter=bool(total),
        page_url=lambda number: f"{here}?sida={number}", per_page_url=lambda number: f"{here}?antal={number}",
        noun_singular="åtgärd", noun_plural="åtgärder", clear_url=here, action_url=here,
        file_links=[("Hämta som Excel", here)],
    )  # fmt: skip


def _charts() -> dict[str, Any]:
    years = [Point(str(2019 + n), value) for n, value in enumerate((56, 52, None, 44, 41, 37, 34))]
    quarters = [Point(f"K{n % 4 + 1}", value) for n, value in enumerate((195, 210, 240, 305, 204, 298))]
    target = Target(30, "Målnivå: högst 30", lower_is_better=True)
    return {
        "line": line_chart("sample-line", "Otrygghet", "Sjönk från 56 till 34 procent.", years, target=target),
        "bars": bar_chart("sample-bars", "Besök", "Sex kvartal.", quarters, target=Target(260, "Målnivå: minst 260")),
        "sparks": [sparkline(values) for values in ((1, 2, 2, 3, 5), (1, 3, 1, 3, 1), (5, 4, 4, 2, 1))],
    }


@bp.get("/komponenter")
@public
def show() -> ResponseReturnValue:
    """Return the page of components. Registered only when COMPONENTS_PAGE is set."""
    source = SimpleNamespace(id=1, title="Vision Klara, lägesrapport", citation="Vision Klara, lägesrapport, 2025")
    row = SimpleNamespace(
        source=source,
        source_note="Under flera års tid",
        basis={"status": "classified", "due_on": "read"},
        is_example=True,
    )
    decision = SimpleNamespace(label="Strategiskt forum, § 10", url="#mentions", on=date(2026, 11, 5), kind="Beslut")
    late = SampleForm(prefix="sen", data={"text": "Åtta armaturer är trasiga."})
    return render_template(
        "components_page.html",
        sample=_form(), broken=_form_with_errors(), table=_table(), nothing=_table(0, 1), charts=_charts(), row=row,
        classes=[SimpleNamespace(visibility=visibility) for visibility in Visibility], icons=icon_names(),
        mentions=[decision],
        today=date(2026, 11, 21),
        texts=[Difference(late.text, "Nio armaturer är trasiga.", "Åtta armaturer är trasiga.")],
        choices=[], others=[], drafts={}, version=3,
    )  # fmt: skip
