"""Let no part slip into what is locked, and no agreement be prolonged twice

A part of something open could be moved below something locked. What is open is changed, never corrected; what is born
locked rests on evidence too; a closed measure keeps its answer of what keeps its result.

Revision ID: locks_1
Revises: accounts_1
"""

from alembic import op

revision = "locks_1"
down_revision = "accounts_1"
branch_labels = None
depends_on = None

MINUTES, ASSESSMENT = "minutes are approved", "assessment is locked"
APPROVED = "EXISTS (SELECT 1 FROM meeting m WHERE m.id = NEW.meeting_id AND m.state = 'approved')"
APPROVED_ITEM = (
    "EXISTS (SELECT 1 FROM meeting m JOIN minutes_item i ON i.meeting_id = m.id"
    " WHERE i.id = NEW.item_id AND m.state = 'approved')"
)
APPROVED_DECISION = (
    "EXISTS (SELECT 1 FROM meeting m JOIN minutes_item i ON i.meeting_id = m.id JOIN decision d ON d.item_id = i.id"
    " WHERE d.id = NEW.decision_id AND m.state = 'approved')"
)
LOCKED = "EXISTS (SELECT 1 FROM goal_assessment a WHERE a.id = NEW.assessment_id AND a.locked_at IS NOT NULL)"
CLOSED = (
    "EXISTS (SELECT 1 FROM measure m WHERE m.id = OLD.measure_id AND m.status IN ('completed', 'maintained')"
    " AND m.source_id IS NULL)"
)
ANSWER = "a closed measure keeps its maintenance answer"

#: (name, table, event, condition that refuses it, message)
TRIGGERS = [
    ("guard_minutes_item_move", "minutes_item", "UPDATE", APPROVED, MINUTES),
    ("guard_attendance_move", "attendance", "UPDATE", APPROVED, MINUTES),
    ("guard_decision_move", "decision", "UPDATE", APPROVED_ITEM, MINUTES),
    ("guard_decision_measure_move", "decision_measure", "UPDATE", APPROVED_DECISION, MINUTES),
    ("guard_evidence_link_move", "evidence_link", "UPDATE", LOCKED, ASSESSMENT),
    (
        "guard_minutes_correction_insert",
        "minutes_correction",
        "INSERT",
        f"NOT {APPROVED}",
        "open minutes are changed, not corrected",
    ),
    (
        "guard_assessment_correction_insert",
        "assessment_correction",
        "INSERT",
        f"NOT {LOCKED}",
        "an open assessment is changed, not corrected",
    ),
    (
        "guard_goal_assessment_insert",
        "goal_assessment",
        "INSERT",
        "NEW.locked_at IS NOT NULL AND NOT NEW.lacks_evidence",
        "an assessment rests on evidence or says that it lacks",
    ),
    ("guard_maintenance_move", "maintenance", "UPDATE", f"NEW.measure_id <> OLD.measure_id AND {CLOSED}", ANSWER),
    ("guard_maintenance_delete", "maintenance", "DELETE", CLOSED, ANSWER),
]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    # First, since what is there may refuse it: SQLite would keep the guards made before it, and be stuck with them.
    op.create_index("ix_agreement_extends_id", "agreement", ["extends_id"], unique=True)
    for name, table, event, condition, message in TRIGGERS:
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
    for name, table, *_ in reversed(TRIGGERS):
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_index("ix_agreement_extends_id", "agreement")
