"""What now: my partnerships, a partnership's overview, calendar, search and help."""

from datetime import date

from flask import Blueprint, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from platssamverkan.core import clock, privacy
from platssamverkan.core.access import public, requires, signed_in
from platssamverkan.core.db import db
from platssamverkan.core.formatting import local_day
from platssamverkan.core.registry import Window
from platssamverkan.core.rendering import render_page
from platssamverkan.core.visibility import Visibility
from platssamverkan.overview import queries
from platssamverkan.overview.months import Month, month_of
from platssamverkan.partnerships.roles import RIGHTS, Permission, Role
from platssamverkan.partnerships.workspace import current_workspace, my_workspaces

bp = Blueprint("overview", __name__)
HISTORY_SHOWN = 50
#: More than any month holds.
MONTH_SHOWN = 1000
HITS_SHOWN = 20
MOST_WORDS = 8


@bp.get("/")
@signed_in
def home() -> ResponseReturnValue:
    now = clock.now()
    page = queries.home_page(current_user.id, now, administers=current_user.is_admin)
    return render_template("overview/home.html", page=page, today=clock.to_local(now).date())


@bp.get("/samverkan/<slug>/")
@requires(Permission.READ)
def show() -> ResponseReturnValue:
    now = clock.now()
    page = queries.overview_page(current_workspace(), now)
    return render_template("overview/show.html", page=page, today=clock.to_local(now).date(), now=now)


def _asked_month() -> date | None:
    """Return the first day of the month that the address asks for, or None. One that there is not is told."""
    asked = request.args.get("manad")
    first = month_of(asked) if asked else None
    if asked and not first:
        flash("Månaden i adressen finns inte, så sidan visas utan den.", "neutral")
    return first


@bp.get("/samverkan/<slug>/historik")
@requires(Permission.READ)
def history() -> ResponseReturnValue:
    workspace = current_workspace()
    first = _asked_month()
    month = Month(first) if first else None
    window = Window(MONTH_SHOWN, month.first, month.last) if month else Window(HISTORY_SHOWN)
    hits = queries.latest(workspace.partnership.id, workspace.reader, window)
    reached = hits[-1].at if hits and not month else None
    oldest = Month(local_day(reached).replace(day=1)) if reached else None
    return render_template("overview/history.html", hits=hits, month=month, oldest=oldest, window=window)


@bp.get("/kalender")
@signed_in
def calendar() -> ResponseReturnValue:
    today = clock.today()
    month = queries.calendar_month(current_user.id, _asked_month() or today.replace(day=1), today)
    return render_page("overview/calendar.html", fragment="overview/_calendar.html", month=month)


@bp.get("/sok")
@signed_in
def search() -> ResponseReturnValue:
    asked = request.args.get("q", "").replace("\x00", "").strip()[:200]
    stop = privacy.stop_message(privacy.find(asked), "Sökningen")
    words = [] if stop else asked.lower().split()[:MOST_WORDS]
    workspaces = my_workspaces(current_user.id, clock.today())
    found = queries.search_hits(workspaces, words, HITS_SHOWN) if words else []
    return render_page("overview/search.html", fragment="overview/_hits.html", asked=asked, found=found, stop=stop)


@bp.get("/hjalp")
@signed_in
def help_page() -> ResponseReturnValue:
    return render_template("overview/help.html", roles=Role, permissions=Permission, rights=RIGHTS, classes=Visibility)


@bp.get("/tillganglighet")
@public
def accessibility() -> ResponseReturnValue:
    site = current_app.config["SITE_URL"] or request.url_root
    statement = current_app.config["ACCESSIBILITY_STATEMENT"]
    return render_template("overview/accessibility.html", address=site, statement=statement)


@bp.get("/halsa")
@public
def health() -> ResponseReturnValue:
    try:
        db.session.execute(text("SELECT 1"))
    except OperationalError:
        return {"status": "database"}, 503
    return {"status": "ok"}
