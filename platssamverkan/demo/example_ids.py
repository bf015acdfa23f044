"""What the examples point at: the moment they are made, and the loaded rows by their keys."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db
from platssamverkan.goals.models import Goal
from platssamverkan.partnerships.models import MeetingSeries, Partnership
from platssamverkan.places.models import Place

KLARA = "vision-klara"
SERGELS = "platssamverkan-sergels-torg"
POLICE = "polisen-lpo-norrmalm"
DISTRICT = "norra-innerstaden-sdf"
#: Printed with every example's source note.
NOTE = "Exempel för demon. Står inte i källorna."


@dataclass(frozen=True)
class Moment:
    """When the examples are made: all of them lie around it."""

    now: datetime
    today: date


@dataclass(frozen=True)
class Ids:
    """Ids of loaded rows by their keys in the seed file."""

    actors: dict[str, int]
    partnerships: dict[str, int]
    places: dict[str, int]
    series: dict[str, int]
    goals: dict[str, Goal]


def known_ids() -> Ids:
    """Return the ids of the loaded rows that examples point at."""
    return Ids(
        actors={row.seed_key: row.id for row in db.session.scalars(select(Actor)) if row.seed_key},
        partnerships={row.slug: row.id for row in db.session.scalars(select(Partnership))},
        places={row.slug: row.id for row in db.session.scalars(select(Place))},
        series={row.seed_key: row.id for row in db.session.scalars(select(MeetingSeries)) if row.seed_key},
        goals={row.seed_key: row for row in db.session.scalars(select(Goal)) if row.seed_key},
    )
