"""Pages of the room: what can be made, the documents as page and PDF, and what has been issued."""

from dataclasses import dataclass

from flask import Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from platssamverkan.core.access import lets_others_save, requires
from platssamverkan.core.errors import DomainError
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.core.visibility import Audience
from platssamverkan.goals.models import ReportingPeriod
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace
from platssamverkan.reports import counted, queries, services, source_views, summary_views
from platssamverkan.reports.blueprint import PERIOD, bp
from platssamverkan.reports.documents import Document, DocumentKind, html_of, make, pdf_of, version_url
from platssamverkan.reports.forms import IssueForm
from platssamverkan.reports.goal_fulfilment import Report
from platssamverkan.reports.registry import (
    BRIEFING,
    GOAL_FULFILMENT,
    KINDS,
    MINUTES,
    audiences_offered,
    chosen_audience,
)
from platssamverkan.reports.subjects import year_and_period

#: Importing these modules puts their views on the blueprint.
VIEW_MODULES = (summary_views,)
blueprints = [bp, source_views.bp]
#: What ends the name of a file that is not made for all in the partnership.
FILE_MARK = {Audience.AUTHORITIES: "-myndigheter", Audience.PUBLIC: "-allmanheten"}


@dataclass(frozen=True)
class Bar:
    """What stands above a preview: other audiences, the file, and the way to issue it."""

    versions: list[tuple[Audience, str]]
    pdf_url: str
    record_url: str
    #: None when the user may not issue the kind.
    issue_url: str | None
    #: Where the summing up is written, changed or corrected; "" for those who don't.
    summary_url: str = ""
    summary_label: str = ""


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    """Show what can be made and what has been issued."""
    workspace = current_workspace()
    statement, spec = queries.issued_list(workspace.partnership.id, workspace.reader)
    table = build_table(statement, spec, export=wants_file())
    if wants_file():
        return file_response(table, f"dokument-{workspace.partnership.slug}")
    return render_page(
        "reports/index.html",
        fragment="reports/_issued.html",
        table=table,
        kinds=KINDS,
        periods=queries.recent_periods(),
        all_periods=list(ReportingPeriod),
        meetings=queries.latest_meetings(workspace.partnership.id),
        briefings=queries.latest_briefings(workspace.partnership.id),
    )


@bp.get("/maluppfyllelse")
@requires(Permission.READ)
def goal_fulfilment_of() -> ResponseReturnValue:
    """Lead from the form on the first page to the report of the period chosen there."""
    year, period = year_and_period(f"{request.args.get('ar', '')}-{request.args.get('period', '')}")
    return redirect(url_for(".goal_fulfilment", year=year, period=period.value))


@bp.get(f"/maluppfyllelse/{PERIOD}")
@requires(Permission.READ)
def goal_fulfilment(year: int, period: str) -> ResponseReturnValue:
    """Show the goal-fulfilment report."""
    return _preview(GOAL_FULFILMENT, f"{year}-{period}")


@bp.get(f"/maluppfyllelse/{PERIOD}.pdf")
@requires(Permission.READ)
def goal_fulfilment_pdf(year: int, period: str) -> ResponseReturnValue:
    """Return the goal-fulfilment report as a file."""
    return _pdf(GOAL_FULFILMENT, f"{year}-{period}")


@bp.get(f"/maluppfyllelse/{PERIOD}/underlag/<what>")
@requires(Permission.READ)
def counted_records(year: int, period: str, what: str) -> ResponseReturnValue:
    """List the records that one figure of the report counts, for the same audience."""
    workspace = current_workspace()
    audience = chosen_audience(GOAL_FULFILMENT, request.args.get("for"), workspace.reader)
    document = make(GOAL_FULFILMENT, workspace.partnership, f"{year}-{period}", audience)
    report: Report = document.content.context["report"]
    return render_page(
        "reports/counted.html",
        report=report,
        counted=counted.counted(what, report, workspace.partnership.slug),
        audience=audience,
        report_url=GOAL_FULFILMENT.preview_url(workspace.partnership.slug, document.subject, audience),
    )


@bp.get("/minnesanteckningar/<int:meeting_id>")
@requires(Permission.READ)
def minutes(meeting_id: int) -> ResponseReturnValue:
    """Show the minutes."""
    return _preview(MINUTES, f"meeting:{meeting_id}")


@bp.get("/minnesanteckningar/<int:meeting_id>.pdf")
@requires(Permission.READ)
def minutes_pdf(meeting_id: int) -> ResponseReturnValue:
    """Return the minutes as a file."""
    return _pdf(MINUTES, f"meeting:{meeting_id}")


@bp.get("/utstallning/<int:briefing_id>")
@requires(Permission.READ)
def briefing(briefing_id: int) -> ResponseReturnValue:
    """Show the sheet of a briefing."""
    return _preview(BRIEFING, f"briefing:{briefing_id}")


@bp.get("/utstallning/<int:briefing_id>.pdf")
@requires(Permission.READ)
def briefing_pdf(briefing_id: int) -> ResponseReturnValue:
    """Return the sheet of a briefing as a file."""
    return _pdf(BRIEFING, f"briefing:{briefing_id}")


def _preview(kind: DocumentKind, subject: str) -> Response:
    workspace = current_workspace()
    slug = workspace.partnership.slug
    audience = chosen_audience(kind, request.args.get("for"), workspace.reader)
    document = make(kind, workspace.partnership, subject, audience)
    issue_url = version_url(".ask_issue", audience, kind=kind.key, subject=subject)
    summary_url, summary_label = _summary_link(document) if kind is GOAL_FULFILMENT else ("", "")
    bar = Bar(
        versions=[(one, kind.preview_url(slug, subject, one)) for one in audiences_offered(kind, workspace.reader)],
        pdf_url=version_url(f"{request.endpoint}_pdf", audience, **(request.view_args or {})),
        record_url=document.content.record_url,
        issue_url=issue_url if workspace.allows(kind.permission) else None,
        summary_url=summary_url,
        summary_label=summary_label,
    )
    return make_response(html_of(document, bar=bar))


def _summary_link(document: Document) -> tuple[str, str]:
    """Return where those who assess goals write the summing up of the report, and the words of the link."""
    workspace = current_workspace()
    report: Report = document.content.context["report"]
    if not workspace.allows(Permission.ASSESS_GOALS):
        return "", ""
    if report.summary_is_hidden and not workspace.reader.sees_authorities:
        return "", ""
    if report.summary is not None and report.summary.is_locked:
        where, label = ".ask_summary_correction", "Rätta den sammanfattande bedömningen"
    else:
        written = report.summary is not None or report.summary_is_hidden
        where, label = ".edit_summary", f"{'Ändra' if written else 'Skriv'} den sammanfattande bedömningen"
    return url_for(where, year=report.year, period=report.period.value), label


def _pdf(kind: DocumentKind, subject: str) -> Response:
    workspace = current_workspace()
    audience = chosen_audience(kind, request.args.get("for"), workspace.reader)
    document = make(kind, workspace.partnership, subject, audience)
    return _file(pdf_of(document), kind, subject, audience)


def _file(content: bytes, kind: DocumentKind, subject: str, audience: Audience, ending: str = "") -> Response:
    """Return a document under a name that says what it is, of which partnership, which one and for whom; the version
    for all in the partnership has no mark, so that another is not taken for it."""
    which = f"{subject.rpartition(':')[2]}{FILE_MARK.get(audience, '')}{ending}"
    name = f"{kind.name.lower()}-{current_workspace().partnership.slug}-{which}"
    plain = name.translate(str.maketrans("åäö", "aao"))
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{plain}.pdf"'
    return response


def _wanted() -> tuple[DocumentKind, str, Audience]:
    """Return the kind, subject and audience that are to be issued; 404, 403 when they can't be by this user."""
    kind = KINDS.get(request.values.get("kind", ""))
    if kind is None:
        abort(404)
    workspace = current_workspace()
    if not workspace.allows(kind.permission):
        abort(403)
    return kind, request.values.get("subject", ""), chosen_audience(kind, request.values.get("for"), workspace.reader)


@bp.get("/utfarda")
@requires(Permission.READ)
def ask_issue() -> ResponseReturnValue:
    """Ask for diary number and function before a document is issued; say what is to be done first when it can't be."""
    kind, subject, audience = _wanted()
    form = IssueForm(data={"function": current_user.function})
    return _render_issue(form, kind, subject, audience)


def _render_issue(
    form: IssueForm, kind: DocumentKind, subject: str, audience: Audience, *, status: int = 200
) -> Response:
    workspace = current_workspace()
    reason = None
    try:
        kind.check_ready(workspace.partnership.id, subject)
    except DomainError as error:
        reason = error.message
    return render_page(
        "reports/issue.html",
        status=status,
        form=form,
        kind=kind,
        subject=subject,
        audience=audience,
        reason=reason,
        which=kind.which(workspace.partnership.id, subject),
        note=kind.issue_note(workspace.partnership.id, subject, audience) if kind.issue_note and not reason else "",
        version=services.next_version(kind, workspace.partnership.id, subject, audience),
        visibility=services.VISIBILITY[audience],
        earlier=queries.earlier_issues(workspace.partnership.id, kind.key, subject, workspace.reader),
        preview=kind.preview_url(workspace.partnership.slug, subject, audience),
    )


@bp.post("/utfarda")
@lets_others_save
@requires(Permission.READ)
def issue() -> ResponseReturnValue:
    """Issue the document: its bytes are stored and never made anew."""
    kind, subject, audience = _wanted()
    workspace = current_workspace()
    form = IssueForm()
    if not form.validate_on_submit():
        return _render_issue(form, kind, subject, audience, status=422)
    issued = services.issue(
        kind=kind,
        partnership=workspace.partnership,
        subject=subject,
        audience=audience,
        diary_number=form.diary_number.data,
        function=form.function.data or "",
        actor_id=workspace.actor.id,
    )
    address = url_for(".issued", issued_id=issued.id)
    link = Markup('<a href="{}">{}</a>').format(address, issued.title)
    return commit_and_go(Markup("Version {} är utfärdad: {}.").format(issued.version, link), url_for(".index"))


@bp.get("/utfardade/<int:issued_id>.pdf")
@requires(Permission.READ)
def issued(issued_id: int) -> ResponseReturnValue:
    """Return an issued document byte for byte as it was stored."""
    workspace = current_workspace()
    document = queries.issued_or_404(issued_id, workspace.partnership.id, workspace.reader)
    kind, ending = KINDS[document.kind], f"-v{document.version}"
    response = _file(document.content, kind, document.subject, document.audience, ending)
    response.set_etag(document.sha256)
    return response.make_conditional(request)
