"""Write the summing up of a period

The text is locked with the first issued report that prints it, and a report is not issued beside an open text that it
prints. Corrections only grow.

Revision ID: reports_1
Revises: meetings_1
"""

import sqlalchemy as sa
from alembic import op

revision = "reports_1"
down_revision = "meetings_1"
branch_labels = None
depends_on = None

VISIBILITIES = ("public", "partnership", "authorities_only", "actor_internal")
#: A report for each audience prints the texts of these classes.
OPEN_AND_PRINTED = (
    "NEW.kind = 'goal-fulfilment' AND EXISTS (SELECT 1 FROM period_summary s"
    " WHERE s.partnership_id = NEW.partnership_id AND s.locked_at IS NULL"
    " AND CAST(s.year AS VARCHAR(4)) || '-' || s.period = NEW.subject"
    " AND (s.visibility = 'public' OR NEW.audience = 'authorities'"
    " OR NEW.audience = 'partnership' AND s.visibility = 'partnership'))"
)
#: (table, event, condition that refuses it, message)
TRIGGERS = [
    ("period_summary", "UPDATE", "OLD.locked_at IS NOT NULL", "the summary is locked"),
    ("period_summary", "DELETE", "OLD.locked_at IS NOT NULL", "the summary is locked"),
    ("summary_correction", "UPDATE", "1 = 1", "summary_correction only grows"),
    ("summary_correction", "DELETE", "1 = 1", "summary_correction only grows"),
    (
        "summary_correction",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM period_summary s WHERE s.id = NEW.summary_id AND s.locked_at IS NOT NULL)",
        "an open summary is changed, not corrected",
    ),
    ("issued_document", "INSERT", OPEN_AND_PRINTED, "a report is issued with its summary locked"),
]


def _name(table: str, event: str) -> str:
    return f"guard_{table}_{event.lower()}"


def upgrade() -> None:
    op.create_table(
        "period_summary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "period",
            sa.Enum("t1", "t2", "vb", name="reportingperiod", native_enum=False, create_constraint=True, length=48),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=6000), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("written_by_function", sa.String(length=160), nullable=False),
        sa.Column("locked_at", sa.DateTime(), nullable=True),
        sa.Column("locked_by_function", sa.String(length=160), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(*VISIBILITIES, name="visibility", native_enum=False, create_constraint=True, length=48),
            nullable=False,
        ),
        sa.Column("owner_actor_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("year BETWEEN 2000 AND 2199", name=op.f("ck_period_summary_year_plausible")),
        sa.CheckConstraint("length(trim(text)) > 0", name=op.f("ck_period_summary_text_given")),
        sa.CheckConstraint("visibility <> 'actor_internal'", name=op.f("ck_period_summary_for_a_document")),
        sa.CheckConstraint(
            "(locked_at IS NULL) = (locked_by_function IS NULL)", name=op.f("ck_period_summary_locked_by_someone")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_period_summary_partnership_id_partnership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_actor_id"], ["actor.id"], name=op.f("fk_period_summary_owner_actor_id_actor"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_summary")),
        sa.UniqueConstraint(
            "partnership_id", "year", "period", name=op.f("uq_period_summary_partnership_id_year_period")
        ),
    )
    op.create_index(op.f("ix_period_summary_owner_actor_id"), "period_summary", ["owner_actor_id"])
    op.create_table(
        "summary_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_function", sa.String(length=160), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["summary_id"],
            ["period_summary.id"],
            name=op.f("fk_summary_correction_summary_id_period_summary"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_correction")),
    )
    op.create_index(op.f("ix_summary_correction_summary_id"), "summary_correction", ["summary_id"])
    dialect = op.get_bind().dialect.name
    for table, event, condition, message in TRIGGERS:
        name = _name(table, event)
        if dialect == "postgresql":
            back = "OLD" if event == "DELETE" else "NEW"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF;"
                f" RETURN {back}; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table, event, _condition, _message in reversed(TRIGGERS):
        name = _name(table, event)
        if dialect == "postgresql":
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_table("summary_correction")
    op.drop_table("period_summary")
