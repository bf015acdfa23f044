"""What the overview, the start page, the calendar and the search show. The queries grow neither with rows nor with the
partnerships that the user belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from flask import url_for
from markupsafe import Markup
from sqlalchemy import Select, bindparam, case, func, select

from platssamverkan.activations import across
from platssamverkan.activations import queries as activations
from platssamverkan.activations.models import EventStatus
from platssamverkan.actors.models import Actor
from platssamverkan.briefings import queries as briefings
from platssamverkan.briefings.counts import is_raised
from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.charts import sparkline
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.db import db, prepared, swedish
from platssamverkan.core.registry import Hit, Window, registry
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.goals import queries as goals
from platssamverkan.measures import queries as measures
from platssamverkan.meetings import queries as meetings
from platssamverkan.meetings.models import MeetingState, MinutesItem
from platssamverkan.overview.months import Entry, Month, build_month
from platssamverkan.partnerships.models import Membership, Partnership, Representative
from platssamverkan.partnerships.queries import without_coordinator
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import Workspace, my_workspaces, readers

RowT = TypeVar("RowT", briefings.BriefingRow, meetings.MeetingRow)
ACTORS_SHOWN = 6
FEED_SHOWN = 7
OVERDUE_SHOWN = 5


@dataclass(frozen=True)
class Member:
    """An actor of the partnership and what it does there: its task, the functions that speak for it, or its lead."""

    membership_id: int
    name: str
    role: str


@dataclass(frozen=True)
class Overdue:
    """A measure whose day has passed, with the goals of the overview that it serves and when it was decided."""

    measure: Any
    goals: Sequence[Any]
    decided: meetings.Decided | None


@dataclass(frozen=True)
class Overview:
    """What now in one partnership, as far as the reader may see it."""

    briefing: tuple[briefings.BriefingRow, briefings.Progress] | None
    #: What goes on at the place, else what begins next, and what comes after it.
    events: Sequence[activations.EventRow]
    meeting: tuple[meetings.MeetingRow, meetings.Agenda] | None
    goals: Sequence[Any]
    overdue: Sequence[Overdue]
    measure_total: int
    month: Month
    feed: Sequence[Hit]
    members: Sequence[Member]
    member_total: int
    #: goal id → the small line of its main indicator, where there are two values to draw.
    sparks: dict[int, Markup]


@prepared
def _readable_lines(reader: Reader) -> Select[int]:
    return select(BriefingItem.id).where(visible_to(BriefingItem, reader))


def overview_page(workspace: Workspace, at: datetime) -> Overview:
    """Return everything that `overview/show.html` reads."""
    partnership, reader, today = workspace.partnership, workspace.reader, clock.to_local(at).date()
    members, member_total = _members(partnership, today)
    goal_rows = goals.overview_rows(partnership.id, reader)
    return Overview(
        briefing=briefings.next_briefing(partnership.id, reader),
        events=activations.now_and_next(partnership.id, reader, at),
        meeting=meetings.next_agenda(partnership.id, reader, _readable_lines(reader)),
        goals=goal_rows,
        overdue=_overdue(partnership, reader, today, goal_rows),
        measure_total=measures.measure_count(partnership.id, reader),
        month=partnership_month(partnership, today.replace(day=1), today),
        feed=latest(partnership.id, reader, Window(FEED_SHOWN)),
        members=members,
        member_total=member_total,
        sparks={
            row.goal_id: sparkline(row.spark_values, row.spark_target) for row in goal_rows if len(row.spark_values) > 1
        },
    )


def _overdue(partnership: Partnership, reader: Reader, today: date, goal_rows: Sequence[Any]) -> list[Overdue]:
    """Return the measures whose day passed first. Three queries; one when there are none."""
    late = measures.overdue(partnership.id, reader, today, OVERDUE_SHOWN)
    ids = [measure.id for measure in late]
    served = measures.goal_ids_of(ids)
    decided = meetings.decided(partnership.id, partnership.slug, ids, reader)
    return [
        Overdue(measure, [goal for goal in goal_rows if goal.goal_id in served[measure.id]], decided.get(measure.id))
        for measure in late
    ]


@prepared
def _members_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(Membership.id, Membership.actor_id, Actor.name, Membership.task, func.count().over().label("total"))
        .join(Actor, Actor.id == Membership.actor_id)
        .where(Membership.partnership_id == bindparam("partnership_id"))
        .where(Membership.takes_part_on(bindparam("today")))
        .order_by(
            case((Membership.actor_id == bindparam("lead_id"), 0), else_=1),
            Membership.task.is_(None),
            swedish(Actor.name),
        )
        .limit(ACTORS_SHOWN)
    )


@prepared
def _functions_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(Representative.membership_id, Representative.function)
        .where(Representative.membership_id.in_(bindparam("ids", expanding=True)))
        .where(Representative.speaks_on(bindparam("today")))
        .order_by(Representative.level.desc(), Representative.id)
    )


def _members(partnership: Partnership, today: date) -> tuple[list[Member], int]:
    """Return the first actors, who leads before those with a task before the rest, and how many there are in all. Two
    queries."""
    lead_id = partnership.lead_actor_id
    given = {"partnership_id": partnership.id, "today": today, "lead_id": lead_id}
    found = db.session.execute(_members_statement(), given).all()
    functions: dict[int, dict[str, None]] = {row.id: {} for row in found}
    for membership_id, function in db.session.execute(_functions_statement(), {"ids": list(functions), "today": today}):
        functions[membership_id][function] = None
    return [
        Member(
            row.id,
            row.name,
            row.task or ", ".join(functions[row.id]) or ("Samordnar" if row.actor_id == lead_id else ""),
        )
        for row in found
    ], found[0].total if found else 0


def latest(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the latest happenings of every room in the window, newest first; one query a room and kind.

    A meeting whose minutes are approved ahead of its day has not happened yet.
    """
    window = replace(window, last=min(window.last, clock.today()))
    found: list[Hit] = []
    # The rooms where most happens registered last. What they found tells the others how far back to look.
    for provider in reversed(registry.feeds.values()):
        found.extend(hit for hit in provider(partnership_id, reader, window) if window.holds(hit.at))
        found.sort(key=_moment, reverse=True)
        if len(found) >= window.most:
            found = found[: window.most]
            window = replace(window, first=max(window.first, _moment(found[-1]).date()))
    return found


def _moment(hit: Hit) -> datetime:
    if isinstance(hit.at, datetime):
        return clock.to_local(hit.at).replace(tzinfo=None)
    return datetime.combine(hit.at, datetime.min.time()) if hit.at else datetime.min  # noqa: DTZ901  (only for sorting)


def partnership_month(partnership: Partnership, first: date, today: date) -> Month:
    """Return the month's briefings and meetings of one partnership."""
    return build_month(first, today, _dated({partnership.id: partnership}, first, with_names=False))


def _dated(partnerships: dict[int, Partnership], first: date, *, with_names: bool) -> list[Entry]:
    start, end = first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    found: list[Entry] = []
    for briefing in briefings.briefings_between(list(partnerships), start, end):
        owner = partnerships[briefing.partnership_id]
        url = url_for("briefings.show", slug=owner.slug, briefing_id=briefing.id)
        title = _said_off("Utställning", briefing.state, BriefingState.CANCELLED, BriefingState.MISSED)
        found.append(_entry(briefing.starts_at, title, url, "briefing", owner, named=with_names))
    for meeting in meetings.meetings_between(list(partnerships), start, end):
        owner = partnerships[meeting.partnership_id]
        url = url_for("meetings.show", slug=owner.slug, meeting_id=meeting.id)
        title = _said_off(meeting.kind.label, meeting.state, MeetingState.CANCELLED)
        found.append(_entry(meeting.starts_at, title, url, "meeting", owner, named=with_names))
    return found


def _said_off(title: str, state: LabelledEnum, *off: LabelledEnum) -> str:
    """Return the title; of what does not come off it says so: "Utställning, inställd"."""
    return f"{title}, {state.label.lower()}" if state in off else title


def _entry(at: datetime, title: str, url: str, kind: str, owner: Partnership, *, named: bool) -> Entry:
    return Entry(at, title, url, kind, owner.name if named else "")


@dataclass(frozen=True)
class MyPartnership:
    """One of the user's partnerships on the start page."""

    workspace: Workspace
    briefing: briefings.BriefingRow | None
    meeting: meetings.MeetingRow | None
    #: The next meeting where lines of briefings are taken up.
    strategic: meetings.MeetingRow | None


@dataclass(frozen=True)
class Home:
    """What the start page shows: my partnerships, and what waits for me in them."""

    partnerships: Sequence[MyPartnership]
    measures: Sequence[Any] = ()
    #: Late measures of others, for those who keep the whole partnership together.
    late: Sequence[Any] = ()
    drafts: Sequence[meetings.MeetingRow] = ()
    #: Partnership id → how many lines of briefings the user is asked to take up at a strategic meeting.
    raised: dict[int, int] = field(default_factory=dict)
    #: Periods whose assessments the user may approve.
    assessed: Sequence[goals.OpenPeriod] = ()
    tonight: Sequence[briefings.BriefingRow] = ()
    #: Planned events that are over, of which the user may say whether they took place.
    unanswered: Sequence[activations.EventRow] = ()
    by_id: dict[int, Partnership] = field(default_factory=dict)
    #: For who administers: how many partnerships nobody coordinates.
    uncoordinated: int = 0


def home_page(user_id: int, at: datetime, *, administers: bool = False) -> Home:
    """Return everything that `overview/home.html` reads; the queries do not grow with partnerships or rows.

    Nothing waits in what has ended.
    """
    today = clock.to_local(at).date()
    workspaces = my_workspaces(user_id, today)
    going_on = [workspace for workspace in workspaces if not workspace.ended]
    ids = [workspace.partnership.id for workspace in going_on]
    held = [workspace.partnership.id for workspace in going_on if workspace.allows(Permission.MANAGE_MEETINGS)]
    filled = {workspace.partnership.id for workspace in going_on if workspace.allows(Permission.FILL_BRIEFING)}
    ahead = briefings.all_coming(ids)
    coming = meetings.all_coming(ids)
    strategic = [meeting for meeting in coming if meeting.kind in meetings.STRATEGIC_KINDS]
    return Home(
        partnerships=[
            MyPartnership(
                workspace,
                _first_in(workspace.partnership.id, ahead),
                _first_in(workspace.partnership.id, coming),
                _first_in(workspace.partnership.id, strategic),
            )
            for workspace in workspaces
        ],
        measures=measures.open_for_actor(readers(going_on), today),
        late=measures.late_in(readers(w for w in going_on if w.allows(Permission.MANAGE_MEASURES)), today),
        drafts=meetings.unapproved(held),
        raised=_raised(readers(w for w in going_on if w.partnership.id in held)),
        assessed=goals.open_periods(readers(w for w in going_on if w.allows(Permission.ASSESS_GOALS))),
        tonight=[b for b in ahead if b.partnership_id in filled and clock.to_local(b.starts_at).date() <= today],
        unanswered=across.unanswered(going_on, at),
        by_id={workspace.partnership.id: workspace.partnership for workspace in workspaces},
        uncoordinated=len(without_coordinator()) if administers else 0,
    )


def _first_in(partnership_id: int, rows: Sequence[RowT]) -> RowT | None:
    return next((row for row in rows if row.partnership_id == partnership_id), None)


def _raised(readers: Readers) -> dict[int, int]:
    """Return partnership id → how many lines of its briefings are to be taken up and stand on no agenda yet, of those
    that `readers` may see. One query, none without readers."""
    if not readers:
        return {}
    allowed = in_each(readers, Briefing.partnership_id, lambda reader: visible_to(BriefingItem, reader))
    taken_up = meetings.on_agendas().where(MinutesItem.briefing_item_id == BriefingItem.id)
    statement = (
        select(Briefing.partnership_id, func.count(BriefingItem.id).label("lines"))
        .join(BriefingItem.briefing)
        .where(allowed, is_raised(), ~taken_up.exists())
        .group_by(Briefing.partnership_id)
    )
    return {row.partnership_id: row.lines for row in db.session.execute(statement)}


def calendar_month(user_id: int, first: date, today: date) -> Month:
    """Return the month of all the user's partnerships: briefings, meetings and events that the user may see."""
    workspaces = my_workspaces(user_id, today)
    found = _dated({w.partnership.id: w.partnership for w in workspaces}, first, with_names=True)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    # An event that reaches several of them is told of in the first.
    told = {event.id: event for event in reversed(across.events_between(readers(workspaces), first, last))}
    for event in told.values():
        url = activations.event_url(event.id, event.slug)
        title = _said_off(event.title, event.status, EventStatus.CANCELLED)
        # What does not come off goes on no longer than it stands on its day.
        ends = None if event.status is EventStatus.CANCELLED else event.ends_at
        found.append(Entry(event.starts_at, title, url, "event", event.reached, ends))
    return build_month(first, today, found)


def search_hits(workspaces: Sequence[Workspace], words: Sequence[str], limit: int) -> list[tuple[Workspace, list[Hit]]]:
    """Return the hits in each partnership that has any, as far as the user may see them there; at most `limit` of a
    kind in each. A fixed number of queries."""
    found: dict[int | None, list[Hit]] = {}
    for provider in registry.searches.values():
        for hit in provider(readers(workspaces), words, limit):
            found.setdefault(hit.partnership_id, []).append(hit)
    return [
        (workspace, found[workspace.partnership.id]) for workspace in workspaces if workspace.partnership.id in found
    ]
