"""Know which drafts a form saved

Revision ID: once_2
Revises: goals_4
"""

import sqlalchemy as sa
from alembic import op

revision = "once_2"
down_revision = "goals_4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sent_form", sa.Column("drafts", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("sent_form", "drafts")
