"""Order names as Swedish does

å ä ö come last and "mål 2" before "mål 10". A function and no collation: not every PostgreSQL is built with ICU. SQLite
gets the same function from the program, at connect.

Revision ID: collation_1
Revises: measures_1
"""

from alembic import op

revision = "collation_1"
down_revision = "measures_1"
branch_labels = None
depends_on = None

# Bytes, so that no locale of the server orders the key once more.
FUNCTION = r"""
CREATE FUNCTION swedish_key(value text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT convert_to(
        regexp_replace(
            regexp_replace(
                translate(lower(value), 'åäöæøéèêëáàâüñçÅÄÖÆØÉÈÊËÁÀÂÜÑÇ', '{|}|}eeeeaaaync{|}|}eeeeaaaync'),
                '[0-9]+', '000000000\&', 'g'
            ),
            '[0-9]+([0-9]{10})', '\1', 'g'
        ),
        'UTF8'
    )
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION swedish_key(text)")
