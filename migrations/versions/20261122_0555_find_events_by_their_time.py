"""Find events by their time

Revision ID: activations_1
Revises: partnerships_2
"""

from alembic import op

revision = "activations_1"
down_revision = "partnerships_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_activation_event_starts_at", "activation_event", ["starts_at"])
    op.create_index("ix_activation_event_ends_at", "activation_event", ["ends_at"])


def downgrade() -> None:
    op.drop_index("ix_activation_event_ends_at", "activation_event")
    op.drop_index("ix_activation_event_starts_at", "activation_event")
