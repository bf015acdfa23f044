"""Know survey rounds by area and day of publication

Revision ID: surveys_1
Revises: measures_2
"""

from alembic import op

revision = "surveys_1"
down_revision = "measures_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("uq_survey_round_area_published", "survey_round", ["area", "published_on"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_survey_round_area_published", "survey_round")
