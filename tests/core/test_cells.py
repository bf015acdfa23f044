"""What a cell of a file stands for in a form."""

import pytest
from flask import Flask

from platssamverkan.core.cells import how_to_write, posted_values
from platssamverkan.core.fields import IdMany
from platssamverkan.core.forms import BaseForm


class Goals(BaseForm):
    """A form with one list of choices, as the columns of goals have."""

    goal_ids = IdMany("Mål")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Mål 4", ["4"]),
        ("mål\u00a04", ["4"]),
        ("Mål 1; Mål 4: En öppen scen.", ["1", "4"]),
        ("Mål  1, Mål 4", ["1", "4"]),
    ],
)
def test_a_choice_is_known_with_any_kind_of_space(app: Flask, written: str, meant: list[str]) -> None:
    with app.test_request_context("/", method="POST"):
        form = Goals()
        form.goal_ids.offer([(1, "Mål\u00a01: En hel plats."), (4, "Mål\u00a04: En öppen\u00a0scen.")])
        assert posted_values(form.goal_ids, written) == meant


def test_choices_that_begin_alike_are_named_whole(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        form = Goals()
        form.goal_ids.offer(
            [(1, "Övergripande mål: Färre brott"), (2, "Övergripande mål: Fler besök"), (3, "Mål 1: Ren")]
        )
        assert how_to_write(form.goal_ids) == (
            "Ett eller flera, med semikolon mellan: Övergripande mål: Färre brott; Övergripande mål: Fler besök; Mål 1."
        )
        assert posted_values(form.goal_ids, "övergripande mål: fler besök; Mål 1") == ["2", "3"]
        with pytest.raises(
            ValueError, match=r"^Flera val börjar så\. Skriv hela namnet: Övergripande mål: Färre brott eller"
        ):
            posted_values(form.goal_ids, "Övergripande mål")
