"""Triggers by which the database itself refuses to change or delete an audit event, on both engines."""

from audit.triggers import Triggers

TABLE = "audit_event"
REFUSAL = "audit events are append-only"

SQLITE_INSTALL = tuple(
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{action} BEFORE {action} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for action in ("update", "delete")
)
REFUSE = "EXECUTE FUNCTION audit_refuse()"
POSTGRESQL_INSTALL = (
    f"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '{REFUSAL}'; END $$",
    f"CREATE OR REPLACE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW {REFUSE}",
    f"CREATE OR REPLACE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT {REFUSE}",
)
SQLITE_REMOVE = ("DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete")
POSTGRESQL_REMOVE = (
    f"DROP TRIGGER IF EXISTS audit_no_change ON {TABLE}",
    f"DROP TRIGGER IF EXISTS audit_no_truncate ON {TABLE}",
)

TRIGGERS = Triggers(
    TABLE,
    {"sqlite": SQLITE_INSTALL, "postgresql": POSTGRESQL_INSTALL},
    {"sqlite": SQLITE_REMOVE, "postgresql": POSTGRESQL_REMOVE},
)
install, remove = TRIGGERS.install, TRIGGERS.remove
