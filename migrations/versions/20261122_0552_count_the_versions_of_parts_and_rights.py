"""Count the versions of parts and rights

Two who change the same membership, representative or right are told of each other.

Revision ID: partnerships_2
Revises: outbox_1
"""

import sqlalchemy as sa
from alembic import op

revision = "partnerships_2"
down_revision = "outbox_1"
branch_labels = None
depends_on = None

TABLES = ("membership", "representative", "role_grant")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "version")
