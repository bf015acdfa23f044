"""The floor: a bare Flask and Jinja page of as many bytes. No database, no session, no layout; only rows of cells.

The second floor is the same page for somebody who has signed in: Flask-Login and one row of the table of users. What
it costs above the first no page behind a sign-in can save.
"""

from flask import Flask, render_template
from flask_login import LoginManager, login_required
from jinja2 import DictLoader
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.core.db import db

PAGE = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>Golv</title></head><body><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table><p>{{ rest }}</p></body></html>"""
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
        count, rest = divmod(max(0, size - EMPTY_BYTES), ROW_BYTES)
        return render_template("floor.html", rows=[ROW] * count, rest="x" * rest)

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
