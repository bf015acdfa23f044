"""Say which time the count of a commitment is of

Revision ID: parties_2
Revises: goals_5
"""

import sqlalchemy as sa
from alembic import op

revision = "parties_2"
down_revision = "goals_5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("commitment", sa.Column("done_period", sa.String(60), nullable=True))


def downgrade() -> None:
    op.drop_column("commitment", "done_period")
