"""Freeze published banks and every history, whoever writes and by whatever door.

Why: a published bank never changes, and nothing that a firm typed is lost. Our own program
keeps to that; a slip, a repair by hand or another program must not be able to break it.
Existing rows: unchanged; those published already are frozen from now on.

SQLite deletes the old row of INSERT OR REPLACE without asking the delete trigger, so inserting
over a frozen row is refused as well. A later migration that copies one of these tables (batch
mode) loses its triggers and has to make them again.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FROZEN = (
    "id", "bank_key", "number", "title_zh", "title_en", "document", "digest", "created_at",
    "created_by", "published_at",
)  # fmt: skip
APPEND_ONLY = ("answer_change", "audit_event")
NEVER_DELETED = ("answer", *APPEND_ONLY)
OVER_A_PUBLISHED_ONE = """EXISTS (
    SELECT 1 FROM bank_version AS there WHERE there.published_at IS NOT NULL AND {besides}
    AND (there.id = NEW.id OR (there.bank_key = NEW.bank_key AND there.number = NEW.number))
)"""
REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$
"""
BANK, ROW = "a published bank version is frozen", "this table only grows"


def upgrade() -> None:
    for statement in _sqlite() if _on_sqlite() else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    if _on_sqlite():
        for name in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER bank_version_frozen_{name}")
        for table in NEVER_DELETED:
            op.execute(f"DROP TRIGGER {table}_kept_delete")
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_kept_update")
            op.execute(f"DROP TRIGGER {table}_kept_insert")
        return
    for table in ("bank_version", *NEVER_DELETED):
        op.execute(f"DROP TRIGGER {table}_kept_truncate ON {table}")
    for name in ("update", "delete"):
        op.execute(f"DROP TRIGGER bank_version_frozen_{name} ON bank_version")
    for table in NEVER_DELETED:
        op.execute(f"DROP TRIGGER {table}_kept_delete ON {table}")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_kept_update ON {table}")
    op.execute("DROP FUNCTION refuse_change()")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _sqlite() -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FROZEN)
    changed_when_published = f"(OLD.published_at IS NOT NULL AND ({changed}))"
    onto_another = OVER_A_PUBLISHED_ONE.format(besides="there.id <> OLD.id")
    frozen = (
        ("INSERT", OVER_A_PUBLISHED_ONE.format(besides="TRUE")),
        ("UPDATE", f"{changed_when_published} OR {onto_another}"),
        ("DELETE", "OLD.published_at IS NOT NULL"),
    )
    there = "EXISTS (SELECT 1 FROM {table} AS row WHERE row.id = NEW.id)"
    return [
        *(_sqlite_trigger("frozen", act, "bank_version", when, BANK) for act, when in frozen),
        *(_sqlite_trigger("kept", "DELETE", table, "1", ROW) for table in NEVER_DELETED),
        *(_sqlite_trigger("kept", "UPDATE", table, "1", ROW) for table in APPEND_ONLY),
        *(
            _sqlite_trigger("kept", "INSERT", table, there.format(table=table), ROW)
            for table in APPEND_ONLY
        ),
    ]


def _sqlite_trigger(kind: str, act: str, table: str, condition: str, reason: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{kind}_{act.lower()} BEFORE {act} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
    )


def _postgresql() -> list[str]:
    changed = " OR ".join(_different(name) for name in FROZEN)
    published = "OLD.published_at IS NOT NULL"
    frozen = (
        ("UPDATE", f"ROW WHEN ({published} AND ({changed}))"),
        ("DELETE", f"ROW WHEN ({published})"),
    )
    return [
        REFUSE,
        *(_postgresql_trigger("frozen", act, "bank_version", each, BANK) for act, each in frozen),
        *(_postgresql_trigger("kept", "DELETE", table, "ROW", ROW) for table in NEVER_DELETED),
        *(_postgresql_trigger("kept", "UPDATE", table, "ROW", ROW) for table in APPEND_ONLY),
        *(
            _postgresql_trigger("kept", "TRUNCATE", table, "STATEMENT", ROW)
            for table in ("bank_version", *NEVER_DELETED)
        ),
    ]


def _different(name: str) -> str:
    cast = "::text" if name == "document" else ""  # json itself cannot be compared
    return f"OLD.{name}{cast} IS DISTINCT FROM NEW.{name}{cast}"


def _postgresql_trigger(kind: str, act: str, table: str, each: str, reason: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{kind}_{act.lower()} BEFORE {act} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION refuse_change('{reason}')"
    )
