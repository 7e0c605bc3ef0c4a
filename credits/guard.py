"""Triggers by which the database itself keeps the ledger: rows are only added, and every balance stays in its bounds.

On PostgreSQL the rows of claim, activity and designation are locked before the sum is read, in the order in which staff
lock them, so that two transactions cannot both find room for the last quarter, nor one lower the maximum meanwhile;
SQLite lets one writer in at a time.
"""

from audit.triggers import Triggers

TABLE = "credits_award"
APPEND_ONLY = "awards are append-only: reverse the award instead"
BELOW_ZERO = "the balance of a claim may not fall below zero"
UNLIKE = "a reversal takes back exactly one award of the same claim"
ABOVE_MAXIMUM = "the balance of a claim may not exceed the designated maximum"
BALANCE = (
    f"(SELECT COALESCE(SUM(amount), 0) FROM {TABLE} "  # noqa: S608 (constants)
    "WHERE claim_id = NEW.claim_id AND credit_type = NEW.credit_type) + NEW.amount"
)
MAXIMUM = "(SELECT maximum FROM activities_creditdesignation WHERE id = NEW.designation_id)"
REVERSES_ONE = (
    f"EXISTS (SELECT 1 FROM {TABLE} r WHERE r.id = NEW.reverses_id AND r.claim_id = NEW.claim_id "  # noqa: S608 (constants)
    "AND r.credit_type = NEW.credit_type AND r.amount = -NEW.amount)"
)
TAKEN = f"EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"  # noqa: S608 (SQLite's REPLACE fires no delete trigger)
# An hour of teaching may give more than an hour's credit, by the provider's rate; like all credit it is in quarters.
RATE = (
    "(SELECT CASE WHEN c.role = 'faculty' AND p.teaching_rate > 4 THEN p.teaching_rate ELSE 4 END FROM credits_claim c "
    "JOIN activities_activity a ON a.id = c.activity_id JOIN activities_provider p ON p.id = a.provider_id "
    "WHERE c.id = NEW.claim_id)"
)

SQLITE_INSTALL = (
    *(
        f"CREATE TRIGGER IF NOT EXISTS credits_no_{action} BEFORE {action} ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        for action in ("update", "delete")
    ),
    f"""
    CREATE TRIGGER IF NOT EXISTS credits_within BEFORE INSERT ON {TABLE} BEGIN
        SELECT RAISE(ABORT, '{APPEND_ONLY}') WHERE {TAKEN};
        SELECT RAISE(ABORT, '{UNLIKE}') WHERE NEW.reverses_id IS NOT NULL AND NOT {REVERSES_ONE};
        SELECT RAISE(ABORT, '{BELOW_ZERO}') WHERE {BALANCE} < 0;
        SELECT RAISE(ABORT, '{ABOVE_MAXIMUM}') WHERE NEW.amount > 0 AND ({BALANCE}) * 4 > {MAXIMUM} * {RATE};
    END""",
)
POSTGRESQL_INSTALL = (
    f"""
    CREATE OR REPLACE FUNCTION credits_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE '{APPEND_ONLY}' USING ERRCODE = 'check_violation';
    END $$""",
    f"""
    CREATE OR REPLACE TRIGGER credits_no_change BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION credits_refuse()""",
    f"CREATE OR REPLACE TRIGGER credits_no_truncate BEFORE TRUNCATE ON {TABLE} EXECUTE FUNCTION credits_refuse()",
    f"""
    CREATE OR REPLACE FUNCTION credits_within() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM 1 FROM credits_claim WHERE id = NEW.claim_id FOR UPDATE;
        PERFORM 1 FROM activities_activity a JOIN credits_claim c ON c.activity_id = a.id
            WHERE c.id = NEW.claim_id FOR KEY SHARE OF a;
        PERFORM 1 FROM activities_creditdesignation WHERE id = NEW.designation_id FOR SHARE;
        IF NEW.reverses_id IS NOT NULL AND NOT {REVERSES_ONE}
            THEN RAISE '{UNLIKE}' USING ERRCODE = 'check_violation'; END IF;
        IF {BALANCE} < 0 THEN RAISE '{BELOW_ZERO}' USING ERRCODE = 'check_violation'; END IF;
        IF NEW.amount > 0 AND ({BALANCE}) * 4 > {MAXIMUM} * {RATE}
            THEN RAISE '{ABOVE_MAXIMUM}' USING ERRCODE = 'check_violation'; END IF;
        RETURN NEW;
    END $$""",
    f"CREATE OR REPLACE TRIGGER credits_within BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION credits_within()",
)
SQLITE_REMOVE = tuple(
    f"DROP TRIGGER IF EXISTS {name}" for name in ("credits_no_update", "credits_no_delete", "credits_within")
)
POSTGRESQL_REMOVE = tuple(
    f"DROP TRIGGER IF EXISTS {name} ON {TABLE}"
    for name in ("credits_no_change", "credits_no_truncate", "credits_within")
)

TRIGGERS = Triggers(
    TABLE,
    {"sqlite": SQLITE_INSTALL, "postgresql": POSTGRESQL_INSTALL},
    {"sqlite": SQLITE_REMOVE, "postgresql": POSTGRESQL_REMOVE},
)
install, remove = TRIGGERS.install, TRIGGERS.remove
