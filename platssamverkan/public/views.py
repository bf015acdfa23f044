"""What anyone may read: the places, and the page of each."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import public
from platssamverkan.core.rendering import render_page
from platssamverkan.core.tables import build_table
from platssamverkan.public import queries

bp = Blueprint("public", __name__)


@bp.get("/plats")
@public
def index() -> ResponseReturnValue:
    table = build_table(*queries.published_places())
    return render_page("public/index.html", fragment="public/_list.html", table=table)


@bp.get("/plats/<place_slug>")
@public
def show(place_slug: str) -> ResponseReturnValue:
    page = queries.public_page(place_slug, clock.now())
    return render_template(
        "public/show.html", page=page, shared_source=queries.shared_source, most_shown=queries.MOST_SHOWN
    )
