"""A user who takes part for several actors: for which of them the user acts, and whose rows the user may change."""

import pytest
from flask import Flask

from platssamverkan.core import clock
from platssamverkan.partnerships.models import RoleGrant
from platssamverkan.partnerships.roles import Permission, Role
from platssamverkan.partnerships.workspace import Workspace, my_workspaces
from tests.builders import World, add

RIGHTS = {"everything": Permission.MANAGE_MEASURES, "own": Permission.EDIT_OWN_MEASURES}


def workspace_of(world: World, grants: dict[str, Role]) -> Workspace:
    """Return the workspace at Sergels torg of a user with these roles, by actor."""
    user_id = world.users["stranger"]
    for actor, role in grants.items():
        add(RoleGrant(user_id=user_id, membership_id=world.memberships["sergels", actor], role=role))
    [workspace] = my_workspaces(user_id, clock.today())
    return workspace


def test_reading_for_an_actor_lets_nobody_change_its_rows(app: Flask, world: World) -> None:
    with app.app_context():
        workspace = workspace_of(world, {"owner": Role.PARTICIPANT, "police": Role.READER})
        assert workspace.may_change(world.actors["owner"], **RIGHTS)
        assert not workspace.may_change(world.actors["police"], **RIGHTS)
        assert not workspace.may_change(None, **RIGHTS)
        assert workspace.reader.sees_authorities


def test_a_coordinator_changes_every_row(app: Flask, world: World) -> None:
    with app.app_context():
        workspace = workspace_of(world, {"traffic": Role.READER, "district": Role.COORDINATOR})
        assert workspace.actor.id == world.actors["district"]
        assert all(workspace.may_change(one, **RIGHTS) for one in (*world.actors.values(), None))


@pytest.mark.parametrize("other", [Role.READER, Role.AUDITOR, Role.PUBLIC_EDITOR, Role.REPORT_OFFICER])
def test_a_user_acts_for_the_actor_that_the_user_writes_for(app: Flask, world: World, other: Role) -> None:
    with app.app_context():
        workspace = workspace_of(world, {"district": other, "owner": Role.PARTICIPANT})
        assert workspace.actor.id == world.actors["owner"]
