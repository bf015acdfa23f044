"""Pages: the mails to users, for administrators. What a mail says is not shown: it is about a partnership."""

from datetime import timedelta

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.accounts import queries
from platssamverkan.core import clock, leases, outbox, worker
from platssamverkan.core.access import admin_only
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table

bp = Blueprint("mails", __name__, url_prefix="/e-post")
#: The worker looks each minute; after this long without a look it is not running.
SILENT = timedelta(minutes=10)


@bp.get("")
@admin_only
def index() -> ResponseReturnValue:
    table = build_table(*queries.mails())
    looked = leases.last_done(worker.MAIL)
    return render_page(
        "accounts/mails.html",
        fragment="accounts/_mails.html",
        table=table,
        people=queries.people({mail.user_id for mail in table.rows}),
        failed=queries.failed_mails(),
        has_server=bool(current_app.config["SMTP_HOST"]),
        is_silent=looked is None or looked < clock.now() - SILENT,
        looked=looked,
    )


@bp.post("/<int:mail_id>/igen")
@admin_only
def retry(mail_id: int) -> ResponseReturnValue:
    tried = outbox.retry(mail_id)
    return commit_and_go(
        "Brevet skickas igen." if tried else "Brevet skickas inte igen: det är inte längre bland de misslyckade.",
        url_for(".index"),
    )


@bp.post("/igen")
@admin_only
def retry_all() -> ResponseReturnValue:
    tried = outbox.retry()
    return commit_and_go(f"{tried} brev skickas igen.", url_for(".index"))
