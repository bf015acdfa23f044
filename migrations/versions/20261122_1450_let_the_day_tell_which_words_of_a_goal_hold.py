"""Let the day tell which words of a goal hold

Words may be written before they begin to hold; a mark on the latest ones called those present too early.

Revision ID: goals_5
Revises: briefings_1
"""

import sqlalchemy as sa
from alembic import op

revision = "goals_5"
down_revision = "briefings_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("uq_goal_version_current", "goal_version")
    op.drop_column("goal_version", "is_current")


def downgrade() -> None:
    op.add_column("goal_version", sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE goal_version SET is_current = true WHERE number ="
        " (SELECT max(other.number) FROM goal_version other WHERE other.goal_id = goal_version.goal_id)"
    )
    op.create_index(
        "uq_goal_version_current",
        "goal_version",
        ["goal_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
