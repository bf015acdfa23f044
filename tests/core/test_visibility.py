"""One rule decides who reads what; in SQL and for a row at hand it must be the same rule."""

import itertools
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.fields import ExplainedSelect
from platssamverkan.core.forms import BaseForm
from platssamverkan.core.visibility import Audience, Reader, Visibility, audiences_for, visible_to
from platssamverkan.measures.models import Problem
from tests.builders import World, add

READERS = [
    Reader(actor_ids=actors, is_member=member, sees_authorities=authorities)
    for actors, member, authorities in itertools.product(
        (frozenset(), frozenset({1}), frozenset({2})), (True, False), (True, False)
    )
]


def test_the_sql_condition_and_the_rule_for_one_row_agree_for_every_reader(app: Flask, world: World) -> None:
    with app.app_context():
        for number, (visibility, owner) in enumerate(itertools.product(Visibility, (None, 1, 2)), start=1):
            add(
                Problem(
                    partnership_id=world.partnerships["klara"],
                    number=number,
                    text="Mörkt",
                    visibility=visibility,
                    owner_actor_id=owner,
                )
            )
        rows = list(db.session.scalars(select(Problem)))
        for reader in READERS:
            seen = {row.id for row in db.session.scalars(select(Problem).where(visible_to(Problem, reader)))}
            allowed = {row.id for row in rows if reader.may_read(row.visibility, row.owner_actor_id)}
            assert seen == allowed, reader
        db.session.rollback()


def test_each_audience_sees_less_than_the_one_before() -> None:
    def readable(audience: Audience) -> set[Visibility]:
        return {visibility for visibility in Visibility if audience.reader.may_read(visibility, 1)}

    assert readable(Audience.PUBLIC) == {Visibility.PUBLIC}
    assert readable(Audience.PARTNERSHIP) == {Visibility.PUBLIC, Visibility.PARTNERSHIP}
    assert readable(Audience.AUTHORITIES) == {*Visibility} - {Visibility.ACTOR_INTERNAL}


def test_who_is_not_bound_by_the_secrecy_act_can_make_no_document_for_authorities() -> None:
    assert Audience.AUTHORITIES not in audiences_for(Reader(sees_authorities=False))
    assert Audience.AUTHORITIES in audiences_for(Reader(sees_authorities=True))


def forms_below(form: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for below in form.__subclasses__():
        yield below
        yield from forms_below(below)


def test_every_form_that_asks_who_may_read_explains_the_choices(app: Flask) -> None:
    own = [form for form in forms_below(BaseForm) if form.__module__.startswith("platssamverkan.")]
    asked = {f"{form.__module__}.{form.__name__}": form.visibility for form in own if hasattr(form, "visibility")}
    rooms = {name.split(".")[1] for name in asked}
    assert rooms == {"activations", "agreements", "briefings", "goals", "measures", "meetings", "reports"}
    assert {name for name, field in asked.items() if field.field_class is not ExplainedSelect} == set()
    assert {field.args[0] for field in asked.values()} == {"Vem får läsa?"}
