"""The database orders names as Swedish does; the same on SQLite and PostgreSQL."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db, swedish
from platssamverkan.places.models import Place
from tests.builders import World, add
from tests.measures.builders import a_measure

ORDERED = ["café", "Caj", "mål 2", "mål 10", "Zeta", "Åhléns", "älv", "Öst"]


def test_names_come_in_swedish_order(app: Flask, world: World) -> None:
    with app.app_context():
        for number, name in enumerate(reversed(ORDERED)):
            add(Place(slug=f"plats-{number}", name=name))
        statement = select(Place.name).where(Place.name.in_(ORDERED)).order_by(swedish(Place.name))
        assert list(db.session.scalars(statement)) == ORDERED


def test_lists_sort_their_texts_so(
    app: Flask, world: World, coordinator: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    with app.app_context():
        for name in reversed(ORDERED):
            a_measure(world, title=name)
        db.session.commit()
    for key, wanted in (("titel", ORDERED), ("-titel", ORDERED[::-1])):
        page = parse(coordinator.get(f"/samverkan/sergels/atgarder?sortera={key}"))
        assert [link.get_text(strip=True) for link in page.select("tbody th a")] == wanted
