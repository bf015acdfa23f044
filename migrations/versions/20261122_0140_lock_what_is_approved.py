"""Lock what is approved, and let logs and corrections only grow

The services refuse these changes with a sentence for the user; the triggers hold even for what goes past them.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPROVED = "EXISTS (SELECT 1 FROM meeting m WHERE m.id = {row}.meeting_id AND m.state = 'approved')"
APPROVED_ITEM = (
    "EXISTS (SELECT 1 FROM meeting m JOIN minutes_item i ON i.meeting_id = m.id"
    " WHERE i.id = {row}.item_id AND m.state = 'approved')"
)
APPROVED_DECISION = (
    "EXISTS (SELECT 1 FROM meeting m JOIN minutes_item i ON i.meeting_id = m.id JOIN decision d ON d.item_id = i.id"
    " WHERE d.id = {row}.decision_id AND m.state = 'approved')"
)
LOCKED_ASSESSMENT = (
    "EXISTS (SELECT 1 FROM goal_assessment a WHERE a.id = {row}.assessment_id AND a.locked_at IS NOT NULL)"
)
ANSWERED = "NOT EXISTS (SELECT 1 FROM maintenance k WHERE k.measure_id = NEW.id)"


def _each(table: str, condition: str, message: str) -> list[tuple[str, str, str, str]]:
    """Refuse insert, update and delete in `table` while `condition` holds for the row it hangs on."""
    return [
        (table, "INSERT", condition.format(row="NEW"), message),
        (table, "UPDATE", condition.format(row="OLD"), message),
        (table, "DELETE", condition.format(row="OLD"), message),
    ]


def _only_grows(table: str) -> list[tuple[str, str, str, str]]:
    return [(table, event, "1 = 1", f"{table} only grows") for event in ("UPDATE", "DELETE")]


#: (table, event, condition that refuses it, message)
TRIGGERS = [
    *_only_grows("audit_entry"),
    *_only_grows("issued_document"),
    *_only_grows("minutes_correction"),
    *_only_grows("assessment_correction"),
    ("goal_assessment", "UPDATE", "OLD.locked_at IS NOT NULL", "assessment is locked"),
    ("goal_assessment", "DELETE", "OLD.locked_at IS NOT NULL", "assessment is locked"),
    *_each("evidence_link", LOCKED_ASSESSMENT, "assessment is locked"),
    (
        "goal_version",
        "UPDATE",
        "NEW.text <> OLD.text AND EXISTS (SELECT 1 FROM goal_assessment a WHERE a.goal_version_id = OLD.id)",
        "an assessed goal gets a new version",
    ),
    ("meeting", "UPDATE", "OLD.state = 'approved'", "minutes are approved"),
    ("meeting", "DELETE", "OLD.state = 'approved'", "minutes are approved"),
    *_each("minutes_item", APPROVED, "minutes are approved"),
    *_each("attendance", APPROVED, "minutes are approved"),
    *_each("decision", APPROVED_ITEM, "minutes are approved"),
    *_each("decision_measure", APPROVED_DECISION, "minutes are approved"),
    (
        "measure",
        "UPDATE",
        f"NEW.status IN ('completed', 'maintained') AND NEW.status IS DISTINCT FROM OLD.status AND {ANSWERED}",
        "a measure closes with a maintenance answer",
    ),
    (
        "measure",
        "INSERT",
        "NEW.status IN ('completed', 'maintained') AND NEW.source_id IS NULL",
        "a measure closes with a maintenance answer",
    ),
]


def _name(table: str, event: str) -> str:
    return f"guard_{table}_{event.lower()}"


def upgrade() -> None:
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
            # SQLite says IS NOT where the standard says IS DISTINCT FROM.
            plain = condition.replace("IS DISTINCT FROM", "IS NOT")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {plain}"
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
