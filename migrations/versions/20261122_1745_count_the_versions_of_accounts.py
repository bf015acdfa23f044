"""Count the versions of accounts, so that no late save undoes an earlier one

Revision ID: accounts_2
Revises: locks_1
"""

import sqlalchemy as sa
from alembic import op

revision = "accounts_2"
down_revision = "locks_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("user", "version")
