"""Keep the day a partnership ended

Revision ID: partnerships_1
Revises: reports_1
"""

import sqlalchemy as sa
from alembic import op

revision = "partnerships_1"
down_revision = "reports_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partnership", sa.Column("ended_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("partnership", "ended_on")
