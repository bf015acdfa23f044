"""Loads the seed file whole, once."""

from sqlalchemy import func, select

from platssamverkan.core.db import db
from platssamverkan.core.sources import Source
from platssamverkan.demo import load_agreements, load_goals, load_measures, load_partnerships, load_surveys
from platssamverkan.demo.seed import Seed


def is_loaded() -> bool:
    """Say whether the seed file has been loaded before."""
    return bool(db.session.scalar(select(func.count()).select_from(Source).where(Source.key.like("00%.txt"))))


def load_seed(seed: Seed) -> None:
    """Make every row of the file, in an order in which each finds what it points at. Does not commit.

    :raises SeedError: when the file holds a field or a key that cannot be kept
    """
    load_partnerships.load_sources(seed)
    load_partnerships.load_actors(seed)
    load_partnerships.load_places(seed)
    load_partnerships.load_partnerships(seed)
    load_partnerships.load_memberships(seed)
    load_partnerships.load_premises_and_rhythms(seed)
    load_agreements.load_agreements(seed)
    load_agreements.load_commitments(seed)
    load_goals.load_plans(seed)
    load_goals.load_goals(seed)
    load_goals.load_indicators(seed)
    load_goals.load_studies(seed)
    load_measures.load_measures(seed)
    load_surveys.load_rounds(seed)
    load_surveys.load_symptoms(seed)
    load_surveys.load_cities(seed)
    load_surveys.load_official_reports(seed)
