"""Find what was handed over and still stands

Revision ID: briefings_1
Revises: once_2
"""

from alembic import op

revision = "briefings_1"
down_revision = "once_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_briefing_item_section_settled", "briefing_item", ["section", "settled_in_id"])


def downgrade() -> None:
    op.drop_index("ix_briefing_item_section_settled", "briefing_item")
