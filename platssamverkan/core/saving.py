"""How a view ends when all went well: saved, told, and on to the next page."""

from flask import flash, redirect
from werkzeug.wrappers import Response

from platssamverkan.core import once
from platssamverkan.core.db import db


def commit_and_go(message: str, url: str) -> Response:
    """Commit, say `message` on the next page, and lead there.

    Both are written before the commit, after which every row would have to be read again.
    """
    once.note(url)
    db.session.commit()
    flash(message)
    return redirect(url, code=303)
