"""A form that is sent twice is saved once: a button pressed twice, or a page sent again because its answer was lost on
the way, leads to what came of the first. A form is known by all it holds, its page's token among it. Pages made within
one second share their token: a form without words, that may well be sent twice so soon, must hold what it changes."""

import hashlib
from datetime import datetime, timedelta

from flask import Flask, flash, redirect, request
from flask_login import current_user
from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

from platssamverkan.core import clock, drafts
from platssamverkan.core.columns import UTCDateTime
from platssamverkan.core.db import Model, db
from platssamverkan.core.rendering import wants_fragment

#: So long a form is known, and put back by a browser that never got its answer (MAX_AGE in app.js).
KEPT = timedelta(days=14)
#: How a form is refused for what was saved before it, or for a token of a session that has ended since.
REFUSALS = {400, 403, 404, 409, 422}


class SentForm(Model):
    """A form that a user has saved, by the hash of what it held, and where its saving led."""

    __tablename__ = "sent_form"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    url: Mapped[str]
    #: The drafts that were saved with it, for the browser that never got to know.
    drafts: Mapped[list[str]] = mapped_column(JSON, default=list)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)


def init_app(app: Flask) -> None:
    """Answer a form that is already saved before its view runs, and once more when it is refused. Comes after the rules
    of access."""
    app.before_request(answer)
    app.after_request(_not_refused_for_its_twin)


def _digest() -> str | None:
    """Return what the request's form is known by; None for what no page with a token of its own sent."""
    if request.method != "POST" or not request.endpoint or wants_fragment() or not current_user.is_authenticated:
        return None
    # Of several forms on a page each has its own prefix.
    if not any(name.endswith("csrf_token") for name in request.form):
        return None
    # By the names of the fields: a browser that puts a form back does not keep their order.
    held = repr((request.path, sorted(request.form.lists())))
    return hashlib.sha256(held.encode(errors="replace")).hexdigest()


def note(url: str) -> None:
    """Remember, in the transaction that saves it, that the request's form leads to `url`."""
    digest = _digest()
    if digest:
        db.session.add(
            SentForm(user_id=current_user.id, digest=digest, url=url, drafts=drafts.settled_now(), saved_at=clock.now())
        )


def answer() -> Response | None:
    """Return the way to what came of the request's form when it is saved already, else None."""
    digest = _digest()
    if digest is None:
        return None
    statement = select(SentForm.url, SentForm.drafts).where(
        SentForm.user_id == current_user.id, SentForm.digest == digest
    )
    with db.session.no_autoflush:
        found = db.session.execute(statement).one_or_none()
    if found is None:
        return None
    drafts.tell_saved(found.drafts)
    flash("Det var redan sparat och har inte sparats en gång till.", "neutral")
    return redirect(found.url, code=303)


def _not_refused_for_its_twin(response: Response) -> Response:
    """Lead a form to what came of the same form, where that is why it was refused: two presses at the same moment both
    come past `answer`, and the later one meets a new version, a lock, a name that is taken or a row that is gone.
    The token of a session that has ended is refused before `answer` is asked."""
    return (answer() if response.status_code in REFUSALS else None) or response


def prune() -> int:
    """Forget forms that were saved long ago; return how many. Does not commit."""
    return int(db.session.execute(delete(SentForm).where(SentForm.saved_at < clock.now() - KEPT)).rowcount)
