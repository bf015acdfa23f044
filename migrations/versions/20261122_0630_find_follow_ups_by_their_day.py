"""Find follow-ups by their day

Revision ID: measures_2
Revises: collation_1
"""

from alembic import op

revision = "measures_2"
down_revision = "collation_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_follow_up_on", "follow_up", ["on"])


def downgrade() -> None:
    op.drop_index("ix_follow_up_on", "follow_up")
