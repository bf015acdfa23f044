"""What anyone may read of a place: only text of the class public, and facts that have a source or were reviewed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from platssamverkan.activations.models import ActivationEvent
from platssamverkan.activations.queries import GOING_AHEAD
from platssamverkan.actors.models import Actor
from platssamverkan.agreements.models import Agreement, AgreementKind, AgreementStatus
from platssamverkan.core import clock
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.columns import Sourced
from platssamverkan.core.db import db, one_or_404, rows, swedish
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Audience, visible_to
from platssamverkan.goals.goal_queries import has_begun_on, holding_on, in_order
from platssamverkan.goals.indicator_queries import running
from platssamverkan.goals.models import Goal, GoalLevel, GoalVersion, Indicator, Observation
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.measures.queries import DONE
from platssamverkan.partnerships.models import Membership, Partnership, partnership_place
from platssamverkan.places.models import Place, PlaceType
from platssamverkan.surveys.models import RoundStatus, SurveyEntry, SurveyRound

MOST_SHOWN = 12
READER = Audience.PUBLIC.reader
TOP = (GoalLevel.VISION, GoalLevel.OVERALL)
#: What is done, and what nobody has decided yet.
NOT_OTHER = (*DONE, MeasureStatus.PROPOSED)
#: Kinds of places that one is on, not in.
OPEN_GROUND = {PlaceType.SQUARE, PlaceType.PLAYGROUND}


def _is_published(place: Any) -> ColumnElement[bool]:
    """Return the condition that a place has a public page; the same as `Place.has_public_page`."""
    return or_(place.source_id.is_not(None), place.reviewed_on.is_not(None))


PUBLISHED = _is_published(Place)


def published_places() -> tuple[Select[*tuple[Any, ...]], ListSpec]:
    """Return the select of (id, slug, name, district, municipality, whole) of every place with a public page, and how
    its list looks. `whole` names the place that it is part of, when that one has a public page too."""
    whole = aliased(Place)
    columns = [
        Column("plats", "Plats", func.lower(Place.name)),
        Column("stadsdel", "Stadsdel", func.lower(Place.district)),
        Column("kommun", "Kommun", func.lower(Place.municipality)),
    ]
    statement = (
        select(Place.id, Place.slug, Place.name, Place.district, Place.municipality, whole.name.label("whole"))
        .outerjoin(whole, and_(whole.id == Place.part_of_id, _is_published(whole)))
        .where(PUBLISHED)
    )
    spec = ListSpec(
        id="places",
        noun_singular="plats",
        noun_plural="platser",
        columns=columns,
        filters=[
            Filter(
                "text",
                "Sök plats",
                lambda text: contains(text, Place.name, Place.district, Place.municipality),
                kind="text",
            )
        ],
        default_sort="plats",
        tie=Place.id,
        export=False,
    )
    return statement, spec


@dataclass(frozen=True)
class PublicPage:
    """Everything that `public/show.html` reads."""

    place: Place
    at: datetime
    #: The whole that the place is part of, and the parts of it, as far as they have a public page.
    whole: Place | None
    parts: Sequence[Place]
    #: The latest that is said of the place's class; None when no survey names it.
    survey: SurveyEntry | None
    observations: Sequence[Observation]
    #: The one that covers the fewest places comes first.
    partnerships: Sequence[Partnership]
    goals: Sequence[GoalVersion]
    done: Sequence[Measure]
    other: Sequence[Measure]
    events: Sequence[ActivationEvent]
    agreements: Sequence[Agreement]
    members: Sequence[Membership]
    #: When something on the page was last changed.
    updated_at: datetime | None

    @property
    def where(self) -> str:
        """Return "på Sergels torg", "i Blackeberg", "vid Jakobsbergs centrum och Jakobsbergs station"."""
        kinds = set(self.place.types)
        preposition = "i" if not kinds else "på" if kinds <= OPEN_GROUND else "i" if len(kinds) == 1 else "vid"
        return f"{'vid' if PlaceType.STATION in kinds else preposition} {self.place.name}"

    @property
    def actor_count(self) -> int:
        return len({member.actor_id for member in self.members})

    @property
    def leading(self) -> Actor | None:
        """Return who leads the first partnership, if it takes part in it."""
        lead = self.answering
        return lead if lead and lead.id in {member.actor_id for member in self.members} else None

    @property
    def answering(self) -> Actor | None:
        """Return who answers for what the page says: the one that leads the first partnership (DOMAIN 6.1, 9)."""
        return self.partnerships[0].lead_actor if self.partnerships else None

    @property
    def main_goals(self) -> list[GoalVersion]:
        """Return the first partnership's goals of the highest level that have a source."""
        first = [v for v in self.goals if v.goal.partnership_id == self.partnerships[0].id and v.goal.source_id]
        return [v for v in first if v.goal.level is first[0].goal.level and v.goal.level in TOP]


def shared_source(found: Iterable[Sourced]) -> Source | None:
    """Return the source that all the rows have; None when they have different ones, or some have none."""
    sources = {row.source_id: row.source for row in found}
    return next(iter(sources.values())) if len(sources) == 1 else None


def public_page(slug: str, at: datetime) -> PublicPage:
    """Return the public page of the place; 404 when there is none, or when nothing of it has a source or a review."""
    place: Place = one_or_404(
        select(Place).where(Place.slug == slug, PUBLISHED).options(joinedload(Place.part_of), joinedload(Place.source))
    )
    parts = rows(select(Place).where(Place.part_of_id == place.id, PUBLISHED).order_by(swedish(Place.name)))
    partnerships = _partnerships(place)
    ids = [partnership.id for partnership in partnerships]
    whole = place.part_of
    found: dict[str, Any] = {
        "survey": db.session.scalar(_survey(place)),
        "observations": _observations(place),
        "goals": _goals(ids),
        "done": _measures(place, Measure.status.in_(DONE)),
        "other": _measures(place, or_(Measure.status.is_(None), Measure.status.not_in(NOT_OTHER))),
        "events": _events([place.id, *(part.id for part in parts)], at),
        "agreements": _agreements(ids),
        "members": _members(ids),
    }
    return PublicPage(
        place=place,
        at=at,
        whole=whole if whole and whole.has_public_page else None,
        parts=parts,
        partnerships=partnerships,
        updated_at=_last_change([place, *partnerships, *_all_rows(found)]),
        **found,
    )


def _partnerships(place: Place) -> list[Partnership]:
    other = aliased(partnership_place)
    places = select(func.count()).where(other.c.partnership_id == Partnership.id).scalar_subquery()
    statement = (
        select(Partnership)
        .join(partnership_place, partnership_place.c.partnership_id == Partnership.id)
        .where(partnership_place.c.place_id == place.id, Partnership.is_active)
        .order_by(places, swedish(Partnership.name))
        .options(*map(joinedload, (Partnership.lead_actor, Partnership.co_lead_actor, Partnership.source)))
    )
    return rows(statement)


def _survey(place: Place) -> Any:
    return (
        select(SurveyEntry)
        .outerjoin(SurveyEntry.round)
        .where(SurveyEntry.place_id == place.id, SurveyEntry.source_id.is_not(None))
        .where(or_(SurveyEntry.round_id.is_(None), SurveyRound.status == RoundStatus.PUBLISHED))
        .order_by(SurveyRound.year.desc().nulls_last(), SurveyEntry.id.desc())
        .limit(1)
        .options(contains_eager(SurveyEntry.round), joinedload(SurveyEntry.source))
    )


def _observations(place: Place) -> list[Observation]:
    """Return the latest observation of each indicator of the place that says where it comes from."""
    one = aliased(Observation)
    latest = (
        select(one.id)
        .where(one.indicator_id == Indicator.id, visible_to(one, READER))
        .where(or_(one.source_id.is_not(None), one.origin.is_not(None)))
        .order_by(one.sort_key.desc(), one.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(Observation)
        .join(Observation.indicator)
        .where(Indicator.place_id == place.id, visible_to(Indicator, READER), running(Indicator, clock.today()))
        .where(Observation.id == latest)
        .order_by(swedish(Indicator.name), Indicator.id)
        .limit(MOST_SHOWN)
        .options(contains_eager(Observation.indicator), joinedload(Observation.source))
    )
    return rows(statement)


def _goals(partnership_ids: Sequence[int]) -> list[GoalVersion]:
    today = clock.today()
    statement = (
        select(GoalVersion)
        .join(GoalVersion.goal)
        .where(Goal.partnership_id.in_(partnership_ids), visible_to(Goal, READER))
        .where(running(Goal, today), holding_on(today.isoformat()), has_begun_on(today.isoformat()))
        .options(contains_eager(GoalVersion.goal).joinedload(Goal.source))
    )
    return rows(in_order(statement))


def _measures(place: Place, condition: ColumnElement[bool]) -> list[Measure]:
    statement = (
        select(Measure)
        .where(Measure.place_id == place.id, visible_to(Measure, READER), condition)
        .order_by(Measure.starts.desc().nulls_last(), Measure.id)
        .limit(MOST_SHOWN)
        .options(joinedload(Measure.responsible), joinedload(Measure.source))
    )
    return rows(statement)


def _events(place_ids: Sequence[int], at: datetime) -> list[ActivationEvent]:
    statement = (
        select(ActivationEvent)
        .where(ActivationEvent.place_id.in_(place_ids), ActivationEvent.ends_at >= at)
        .where(ActivationEvent.status.in_(GOING_AHEAD), visible_to(ActivationEvent, READER))
        .order_by(ActivationEvent.starts_at, ActivationEvent.id)
        .limit(MOST_SHOWN)
        .options(joinedload(ActivationEvent.organiser), joinedload(ActivationEvent.place))
    )
    return rows(statement)


def _agreements(partnership_ids: Sequence[int]) -> list[Agreement]:
    """Return what the partnerships rest on: no draft, and no contract for a service, such as one of guards."""
    statement = (
        select(Agreement)
        .where(Agreement.partnership_id.in_(partnership_ids), visible_to(Agreement, READER))
        .where(Agreement.kind != AgreementKind.SERVICE_CONTRACT)
        .where(Agreement.status.is_distinct_from(AgreementStatus.DRAFT))
        .order_by(func.coalesce(Agreement.starts, Agreement.signed).desc().nulls_last(), swedish(Agreement.title))
        .options(joinedload(Agreement.source))
    )
    return rows(statement)


def _members(partnership_ids: Sequence[int]) -> list[Membership]:
    statement = (
        select(Membership)
        .join(Membership.actor)
        .where(Membership.partnership_id.in_(partnership_ids), Membership.is_example.is_(False))
        .where(Membership.takes_part_on(clock.today()))
        .order_by(swedish(Actor.name))
        .options(contains_eager(Membership.actor), joinedload(Membership.source))
    )
    return rows(statement)


def _all_rows(found: dict[str, Any]) -> Iterable[Any]:
    for value in found.values():
        yield from value if isinstance(value, list) else [value] if value else []
    yield from (version.goal for version in found["goals"])
    yield from (observation.indicator for observation in found["observations"])


def _last_change(shown: Iterable[Any]) -> datetime | None:
    """Return when one of the rows was last written, as the log has it."""
    ids: dict[str, list[int]] = {}
    for row in shown:
        ids.setdefault(row.__tablename__, []).append(row.id)
    written = [and_(AuditEntry.table_name == table, AuditEntry.row_id.in_(own)) for table, own in ids.items()]
    changes = AuditEntry.action.in_([AuditAction.INSERT, AuditAction.UPDATE])
    found: datetime | None = db.session.scalar(select(func.max(AuditEntry.at)).where(or_(*written), changes))
    return found
