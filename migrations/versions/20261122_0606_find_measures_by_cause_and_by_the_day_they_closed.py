"""Find measures by cause and by the day they closed

Revision ID: measures_1
Revises: activations_1
"""

from alembic import op

revision = "measures_1"
down_revision = "activations_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_measure_partnership_closed_on", "measure", ["partnership_id", "closed_on"])
    op.create_index("ix_measure_cause_id", "measure", ["cause_id"])


def downgrade() -> None:
    op.drop_index("ix_measure_cause_id", "measure")
    op.drop_index("ix_measure_partnership_closed_on", "measure")
