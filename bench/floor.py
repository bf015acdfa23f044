"""The floor: a bare Flask and Jinja page of as many bytes. No database, no session, no layout; only rows of cells.

The second floor is the same page for somebody who has signed in: Flask-Login and one row of the table of users. What
it costs above the first no page behind a sign-in can save. The third is the same cells on a page of the program that
reads nothing: sign-in, membership and layout, which every page of a partnership has.
"""

from functools import cache
from typing import Any

from flask import Flask, render_template
from flask_login import LoginManager, login_required
from jinja2 import DictLoader
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.core.access import requires
from platssamverkan.core.db import db
from platssamverkan.demo.bench_base import SLUG
from platssamverkan.partnerships.roles import Permission

PAGE = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>Golv</title></head><body><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table><p>{{ rest }}</p></body></html>"""
#: The table is one piece, as those of the program are: each cell would else go up through every layout by itself.
EMPTY_PAGE = """{% extends "layouts/workspace.html" %}{% block title %}Tom sida{% endblock %}
{% block content %}{% set table %}
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}{% endset %}<table>{{ table }}</table><p>{{ rest }}</p>{% endblock %}"""
ROW = tuple(f"En cell med text, nr {number}" for number in range(8))
ROW_BYTES = len("<tr></tr>\n") + sum(len(f"<td>{cell}</td>") for cell in ROW)
EMPTY_BYTES = len(
    '<!doctype html>\n<html lang="sv"><head><meta charset="utf-8"><title>Golv</title></head><body><table>\n'
) + len("</table><p></p></body></html>")


def floor_app() -> Flask:
    """Return an app whose page /<size> has `size` bytes, as near as a row of cells allows below and text above.

    The template is compiled once and kept, as the program's own are; compiling it for each request would lift the
    floor by a millisecond and every ratio would look better than it is.
    """
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"floor.html": PAGE})
    app.jinja_env.auto_reload = False

    @app.get("/<int:size>")
    def page(size: int) -> str:
        return render_template("floor.html", **_filling(size - EMPTY_BYTES))

    return app


def signed_in_floor_app(program: Flask) -> Flask:
    """Return the floor behind a sign-in; it takes the cookies and the users of `program`."""
    app = floor_app()
    for key in ("SECRET_KEY", "SESSION_COOKIE_NAME", "SQLALCHEMY_DATABASE_URI"):
        app.config[key] = program.config[key]
    db.init_app(app)

    LoginManager(app).user_loader(_load)
    app.view_functions["page"] = login_required(app.view_functions["page"])
    return app


def _load(token: str) -> User | None:
    found: User | None = db.session.scalar(select(User).where(User.session_token == token))
    return found


def add_empty_page(program: Flask) -> None:
    """Give `program`, before its first request, a page of a partnership that reads nothing: `empty_page_path`."""
    page = program.jinja_env.from_string(EMPTY_PAGE)

    def render(size: int) -> str:
        return render_template(page, **_filling(size))

    layout_bytes = cache(lambda: len(render(0).encode()))

    @requires(Permission.READ)
    def empty(size: int) -> str:
        return render(size - layout_bytes())

    program.add_url_rule("/samverkan/<slug>/tom/<int:size>", "bench.empty", empty)


def empty_page_path(size: int) -> str:
    """Return the address of the empty page that has `size` bytes, or those of the layout where it has more."""
    return f"/samverkan/{SLUG}/tom/{size}"


def _filling(size: int) -> dict[str, Any]:
    count, rest = divmod(max(0, size), ROW_BYTES)
    return {"rows": [ROW] * count, "rest": "x" * rest}
