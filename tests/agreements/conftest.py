"""What the tests of agreements share."""

from collections.abc import Callable

import pytest
from flask import Flask

from platssamverkan.core.db import db
from tests.agreements.builders import a_party, an_agreement
from tests.builders import World


@pytest.fixture
def saved(app: Flask, world: World) -> Callable[..., int]:
    """Save an agreement, with parties by name, and return its id."""

    def save(parties: tuple[str, ...] = (), **changes: object) -> int:
        with app.app_context():
            agreement = an_agreement(world, **changes)
            for name in parties:
                a_party(agreement, actor_id=world.actors[name])
            db.session.commit()
            agreement_id: int = agreement.id
            return agreement_id

    return save
