"""Pages of the summing up of a period: written, corrected, removed. It is read in the report itself."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core import clock, drafts, locks
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import DomainError, EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.visibility import Audience, Visibility
from platssamverkan.goals.models import ReportingPeriod
from platssamverkan.goals.wording import period_text
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace
from platssamverkan.reports import summaries
from platssamverkan.reports.blueprint import PERIOD, bp
from platssamverkan.reports.documents import version_url
from platssamverkan.reports.forms import SummaryCorrectionForm, SummaryForm
from platssamverkan.reports.models import PeriodSummary, SummaryCorrection
from platssamverkan.reports.subjects import year_and_period

PATH = f"/maluppfyllelse/{PERIOD}/sammanfattning"


def draft_key(partnership_id: int, year: int, period: ReportingPeriod) -> str:
    """Return the key under which the text is kept while it is written."""
    return f"period_summary:{partnership_id}:{year}:{period.value}:text"


def _asked(year: int, period: str) -> tuple[int, ReportingPeriod, PeriodSummary | None]:
    """Return the period in the address and its summing up; 404 when the year is none."""
    year, name = year_and_period(f"{year}-{period}")
    workspace = current_workspace()
    return year, name, summaries.summary_of(workspace.partnership.id, year, name, workspace.reader)


def _asked_or_404(year: int, period: str) -> tuple[int, ReportingPeriod, PeriodSummary]:
    year, name, found = _asked(year, period)
    if found is None:
        abort(404)
    return year, name, found


def _address(endpoint: str, year: int, period: ReportingPeriod) -> str:
    return url_for(f"reports.{endpoint}", year=year, period=period.value)


def _report(year: int, period: ReportingPeriod, found: PeriodSummary | None) -> str:
    """Return the address of the report in a version where the text can be read: its top, where a save is told of."""
    closed = found is not None and found.visibility is Visibility.AUTHORITIES_ONLY
    audience = Audience.AUTHORITIES if closed else Audience.PARTNERSHIP
    return version_url("reports.goal_fulfilment", audience, year=year, period=period.value)


def _present(found: PeriodSummary | None) -> dict[str, Any]:
    if found is None:
        return {"version": 0}
    return {"text": found.text, "visibility": found.visibility, "version": found.version}


@bp.get(PATH)
@requires(Permission.ASSESS_GOALS)
def edit_summary(year: int, period: str) -> ResponseReturnValue:
    """Show the form of the summing up, new or not yet issued; lead from an issued one to its correction."""
    year, name, found = _asked(year, period)
    if found is not None and found.is_locked:
        return redirect(_address("ask_summary_correction", year, name))
    _check_not_hidden(year, name, found)
    form = SummaryForm(visibilities=current_workspace().visibilities(None), data=_present(found))
    return _form_page(form, year, name, found)


def _check_not_hidden(year: int, period: ReportingPeriod, found: PeriodSummary | None) -> None:
    workspace = current_workspace()
    if found is None and summaries.is_hidden(workspace.partnership.id, year, period, workspace.reader):
        raise DomainError(summaries.HIDDEN)


def _form_page(
    form: SummaryForm, year: int, period: ReportingPeriod, found: PeriodSummary | None, *, status: int = 200
) -> Response:
    key = draft_key(current_workspace().partnership.id, year, period)
    kept = drafts.drafts_of(current_user.id, key).get(key)
    draft = kept if kept and status == 200 and kept.text.strip() != (found.text if found else "") else None
    if draft and request.args.get("utkast") == "1":
        form.text.data, draft = draft.text, None
    return _page("summary_form", year, period, found, form=form, draft=draft, draft_key=key, status=status)


def _page(template: str, year: int, period: ReportingPeriod, found: PeriodSummary | None, **context: Any) -> Response:
    return render_page(
        f"reports/{template}.html",
        summary=found,
        title=period_text(year, period),
        report_url=_report(year, period, found) + "#summary",
        year=year,
        period=period,
        **context,
    )


@bp.post(PATH)
@requires(Permission.ASSESS_GOALS)
def save_summary(year: int, period: str) -> ResponseReturnValue:
    """Save the summing up, new or not yet issued."""
    year, name, found = _asked(year, period)
    workspace = current_workspace()
    form = SummaryForm(visibilities=workspace.visibilities(None))
    if not form.validate_on_submit():
        return _form_page(form, year, name, found, status=422)
    try:
        saved = _save(form, year, name, found)
    except EditConflict:
        saved = _asked_or_404(year, period)[2]
        return conflict_page(
            form,
            _present(saved),
            title=f"Sammanfattande bedömning, {period_text(year, name)}",
            cancel_url=_report(year, name, saved) + "#summary",
            drafts={"text": draft_key(workspace.partnership.id, year, name)},
        )
    drafts.settle(current_user.id, draft_key(workspace.partnership.id, year, name))
    return commit_and_go("Den sammanfattande bedömningen är sparad.", _report(year, name, saved))


def _save(form: SummaryForm, year: int, period: ReportingPeriod, found: PeriodSummary | None) -> PeriodSummary:
    workspace = current_workspace()
    values: dict[str, Any] = {
        "text": form.text.data or "",
        "visibility": form.visibility.data,
        "on": clock.today(),
        "by_function": current_user.function,
    }
    if found is not None:
        summaries.revise(found, posted_version=form.version.data, **values)
        return found
    return summaries.write(
        workspace.partnership.id, year=year, period=period, owner_actor_id=workspace.actor.id, **values
    )


@bp.get(f"{PATH}/rattelse")
@requires(Permission.ASSESS_GOALS)
def ask_summary_correction(year: int, period: str) -> Response:
    """Show the form of a correction to an issued summing up."""
    return _correction_page(year, period, SummaryCorrectionForm())


@bp.post(f"{PATH}/rattelse")
@requires(Permission.ASSESS_GOALS)
def correct_summary(year: int, period: str) -> ResponseReturnValue:
    """Add a dated correction to an issued summing up."""
    form = SummaryCorrectionForm()
    if not form.validate_on_submit():
        return _correction_page(year, period, form, status=422)
    year, name, found = _asked_or_404(year, period)
    locks.correct(
        found,
        SummaryCorrection(summary_id=found.id),
        text=form.text.data or "",
        reason=form.reason.data or "",
        by_function=current_user.function,
    )
    return commit_and_go("Rättelsen är sparad.", _report(year, name, found))


def _correction_page(year: int, period: str, form: SummaryCorrectionForm, *, status: int = 200) -> Response:
    year, name, found = _asked_or_404(year, period)
    return _page("summary_correction", year, name, found, form=form, status=status)


@bp.get(f"{PATH}/ta-bort")
@requires(Permission.ASSESS_GOALS)
def ask_discard_summary(year: int, period: str) -> Response:
    """Ask whether to remove a summing up that is not yet issued."""
    year, name, found = _asked_or_404(year, period)
    return _page("summary_delete", year, name, found)


@bp.post(f"{PATH}/ta-bort")
@requires(Permission.ASSESS_GOALS)
def discard_summary(year: int, period: str) -> ResponseReturnValue:
    """Remove a summing up that is not yet issued."""
    year, name, found = _asked_or_404(year, period)
    locks.discard(found)
    return commit_and_go("Den sammanfattande bedömningen är borttagen.", _report(year, name, None))
