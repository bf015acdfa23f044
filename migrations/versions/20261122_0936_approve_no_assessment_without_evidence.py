"""Approve no assessment that rests on nothing and does not say so

The service refuses it with a sentence for the user; the trigger holds even for what goes past it.

Revision ID: goals_4
Revises: goals_3
"""

from alembic import op

revision = "goals_4"
down_revision = "goals_3"
branch_labels = None
depends_on = None

NAME = "guard_goal_assessment_evidence"
RESTS_ON_NOTHING = (
    "OLD.locked_at IS NULL AND NEW.locked_at IS NOT NULL AND NOT NEW.lacks_evidence"
    " AND NOT EXISTS (SELECT 1 FROM evidence_link e WHERE e.assessment_id = NEW.id)"
)
MESSAGE = "an assessment rests on evidence or says that it lacks"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {RESTS_ON_NOTHING} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END IF;"
            f" RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {NAME} BEFORE UPDATE ON goal_assessment FOR EACH ROW EXECUTE FUNCTION {NAME}()")
    else:
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON goal_assessment FOR EACH ROW WHEN {RESTS_ON_NOTHING}"
            f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {NAME} ON goal_assessment")
        op.execute(f"DROP FUNCTION {NAME}()")
    else:
        op.execute(f"DROP TRIGGER {NAME}")
