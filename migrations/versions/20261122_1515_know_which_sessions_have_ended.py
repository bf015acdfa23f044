"""Know which sessions have ended

Revision ID: accounts_1
Revises: parties_2
"""

import sqlalchemy as sa
from alembic import op

revision = "accounts_1"
down_revision = "parties_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_session",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ended_session")),
    )


def downgrade() -> None:
    op.drop_table("ended_session")
