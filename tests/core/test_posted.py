"""What was posted is told in the words of its page, also when the form itself is not at hand."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from platssamverkan.core.posted import Said, said
from platssamverkan.measures.forms import MeasureForm

MEASURE = [
    ("title", "Byt armaturer"), ("status", "ongoing"), ("methods", "situational"), ("methods", "social"),
    ("responsible_actor_id", "7"), ("is_especially_valuable", "y"), ("place_text", ""), ("version", "3"),
]  # fmt: skip


def test_labels_stand_for_names_and_values() -> None:
    assert said(MEASURE) == [
        Said("Åtgärd", "Byt armaturer"),
        Said("Läge", "Pågår"),
        Said("Metod", "Situationell, Social"),
        Said("Särskilt värdefull åtgärd", "ja"),
    ]


def test_the_form_that_the_view_made_knows_the_names_of_rows(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        form = MeasureForm(MultiDict(MEASURE))
        form.responsible_actor_id.offer([(7, "Polisen")])
        assert Said("Ansvarig aktör", "Polisen") in said(MEASURE)


def test_forms_that_share_a_page_are_told_by_their_prefix() -> None:
    posted = [
        ("situation-text", "Mörkt vid trappan"),
        ("situation-raise_to_forum", "y"),
        ("situation-visibility", "partnership"),
    ]
    assert [one.text for one in said(posted)] == [
        "Mörkt vid trappan",
        "ja",
        "Samverkan: alla aktörer",
    ]


@pytest.mark.parametrize(
    "posted", [[], [("csrf_token", "x"), ("version", "2")], [("status", "påhittat"), ("title", " ")]]
)
def test_what_says_nothing_is_left_out(posted: list[tuple[str, str]]) -> None:
    assert said(posted) == []


def test_text_of_an_unknown_form_is_kept_without_a_label() -> None:
    assert said([("okänt", "Mörkt")]) == [Said("", "Mörkt")]
