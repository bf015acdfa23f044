"""Count the versions of goals

Two who change where the same goal stands, or who may read it, are told of each other.

Revision ID: goals_3
Revises: parties_1
"""

import sqlalchemy as sa
from alembic import op

revision = "goals_3"
down_revision = "parties_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("goal", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("goal", "version")
