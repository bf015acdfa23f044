"""Save a form once, however often it is sent

Revision ID: once_1
Revises: surveys_1
"""

import sqlalchemy as sa
from alembic import op

revision = "once_1"
down_revision = "surveys_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sent_form_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_form")),
        sa.UniqueConstraint("user_id", "digest", name=op.f("uq_sent_form_user_id_digest")),
    )


def downgrade() -> None:
    op.drop_table("sent_form")
