"""What all imports share, beside what the rooms' own tests show."""

import pytest
from flask import Flask
from wtforms import BooleanField

from platssamverkan.core.cells import posted_values
from platssamverkan.core.fields import EnumSelect, IdMany, IdSelect, TextField
from platssamverkan.core.forms import BaseForm
from platssamverkan.core.import_page import save_all
from platssamverkan.core.importing import Importer, Outcome
from platssamverkan.core.validators import Voluntary
from platssamverkan.core.visibility import Visibility


class RowForm(BaseForm):
    name = TextField("Namn")
    place = IdSelect("Plats", empty="Ingen", validators=[Voluntary()])
    goals = IdMany("Mål")
    who = EnumSelect("Vem", Visibility)
    is_done = BooleanField("Klar")


@pytest.fixture
def form(app: Flask):
    with app.test_request_context():
        form = RowForm(formdata=None, meta={"csrf": False})
        form.place.offer([(1, "Sergels torg"), (2, "Plattan"), (3, "plattan")])
        form.goals.offer([(7, "Mål 1: trygg, levande plats"), (8, "Mål\N{NO-BREAK SPACE}2: fler besök")])
        yield form


@pytest.mark.parametrize(
    ("name", "text", "posted"),
    [
        ("name", "Vad som helst", ["Vad som helst"]),
        ("place", "SERGELS TORG", ["1"]),
        ("goals", "Mål 1: trygg, levande plats", ["7"]),
        ("goals", "Mål 1: trygg, levande plats; mål 2", ["7", "8"]),
        ("goals", "Mål 1, Mål 2", ["7", "8"]),
        ("who", "endast myndigheter", ["authorities_only"]),
        ("is_done", "ja", ["y"]),
        ("is_done", "Nej", []),
    ],
)
def test_a_cell_stands_for_what_a_browser_would_post(form, name, text, posted):
    assert posted_values(form[name], text) == posted


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("place", "Odenplan", "Skriv Sergels torg, Plattan eller plattan."),
        ("place", "Plattan", "Flera val heter så. Lämna cellen tom och välj efteråt."),
        ("goals", "Mål 1; Mål 3", "Skriv Mål 1 eller Mål\N{NO-BREAK SPACE}2."),
        ("is_done", "kanske", "Skriv Ja eller Nej."),
    ],
)
def test_a_cell_that_names_no_choice_is_told_what_to_write(form, name, text, says):
    with pytest.raises(ValueError, match=f"^{says}$"):
        posted_values(form[name], text)


def test_a_row_that_someone_saved_since_it_was_looked_through_is_left_out(form):
    saved: list[str] = []
    steps: list[str] = []
    importer = Importer(
        noun="rad",
        nouns="rader",
        columns=[],
        form=form,
        read=str,
        key=str,
        known=lambda: frozenset({"a"}),
        lock=lambda: steps.append("locked"),
        save=saved.extend,
    )
    assert save_all(importer, Outcome(fresh={"a": "Dans", "b": "Sång"})) == 1
    assert (saved, steps) == (["Sång"], ["locked"])
