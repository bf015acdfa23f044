"""Keep the paragraphs of approved minutes

§§ that run through the year follow from earlier meetings; once approved, they stand as they were.

Revision ID: meetings_1
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "meetings_1"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting", sa.Column("first_paragraph", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("meeting", "first_paragraph")
