"""Count the versions of parties

Two who change when the same party joined or left an agreement are told of each other.

Revision ID: parties_1
Revises: once_1
"""

import sqlalchemy as sa
from alembic import op

revision = "parties_1"
down_revision = "once_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agreement_party", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("agreement_party", "version")
