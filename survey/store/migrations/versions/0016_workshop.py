"""Drafts of question banks that are edited in the browser, and the log of every edit.

Why: administrators word, translate and score a bank together for weeks. What each of them saw
when they changed something, and what they changed, has to be known: to merge, to undo, to tell.
Existing rows: revision 1, changed when they were created, based on nothing, no text of theirs
waits for a translation. On the way back the log is dropped; drafts keep their present content,
discarded ones are drafts again.

SQLite copies the table and loses its triggers: they are made again, and guard the new columns.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NO_OTHERS = {"resolve_fks": False}  # one of them has an index that SQLite cannot reflect
FROZEN_BEFORE = (
    "id", "bank_key", "number", "title_zh", "title_en", "document", "digest", "created_at",
    "created_by", "published_at",
)  # fmt: skip
FROZEN = (
    *FROZEN_BEFORE, "revision", "changed_at", "based_on_id", "discarded_at", "ledger", "waivers",
)  # fmt: skip
JSON = ("document", "ledger", "waivers")
OVER_A_PUBLISHED_ONE = """EXISTS (
    SELECT 1 FROM bank_version AS there WHERE there.published_at IS NOT NULL AND {besides}
    AND (there.id = NEW.id OR (there.bank_key = NEW.bank_key AND there.number = NEW.number))
)"""
OVER_ANOTHER_EDIT = """EXISTS (
    SELECT 1 FROM bank_edit AS there WHERE there.id = NEW.id
    OR (there.version_id = NEW.version_id AND there.revision = NEW.revision)
)"""
OF_A_PUBLISHED_ONE = """EXISTS (
    SELECT 1 FROM bank_version AS its WHERE its.id = NEW.version_id
    AND its.published_at IS NOT NULL
)"""
BANK, ROW = "a published bank version is frozen", "this table only grows"
REFUSE_EDIT_OF_PUBLISHED = f"""
CREATE FUNCTION refuse_edit_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {OF_A_PUBLISHED_ONE} THEN RAISE EXCEPTION '{BANK}'; END IF;
    RETURN NEW;
END $$
"""
ON_EVERY_EDIT = """
CREATE TRIGGER bank_edit_kept_insert BEFORE INSERT ON bank_edit
FOR EACH ROW EXECUTE FUNCTION refuse_edit_of_published()
"""


def upgrade() -> None:
    _drop_frozen()
    with op.batch_alter_table("bank_version", reflect_kwargs=NO_OTHERS) as table:
        table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("changed_at", MOMENT, nullable=True))
        table.add_column(sa.Column("based_on_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("discarded_at", MOMENT, nullable=True))
        table.add_column(sa.Column("ledger", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("waivers", sa.JSON(), nullable=False, server_default="[]"))
    op.execute("UPDATE bank_version SET changed_at = created_at")
    with op.batch_alter_table("bank_version", reflect_kwargs=NO_OTHERS) as table:
        for name in ("revision", "ledger", "waivers"):
            table.alter_column(name, server_default=None)
        table.alter_column("changed_at", nullable=False)
        table.create_check_constraint(op.f("ck_bank_version_revision_positive"), "revision >= 1")
        table.create_check_constraint(
            op.f("ck_bank_version_discarded_draft"),
            "discarded_at IS NULL OR published_at IS NULL",
        )
        table.create_foreign_key(
            op.f("fk_bank_version_based_on_id_bank_version"),
            "bank_version",
            ["based_on_id"],
            ["id"],
            ondelete="RESTRICT",
        )
    op.create_table(
        "bank_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=30), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("patches", sa.JSON(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("revision >= 2", name=op.f("ck_bank_edit_revision_after_first")),
        sa.ForeignKeyConstraint(
            ["by"], ["user.id"], name=op.f("fk_bank_edit_by_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"],
            ["bank_edit.id"],
            name=op.f("fk_bank_edit_undoes_id_bank_edit"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["bank_version.id"],
            name=op.f("fk_bank_edit_version_id_bank_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_edit")),
        sa.UniqueConstraint(
            "version_id", "revision", name=op.f("uq_bank_edit_version_id_revision")
        ),
    )
    _make_frozen(FROZEN)
    for statement in _kept():
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("bank_edit")
    if not _on_sqlite():
        op.execute("DROP FUNCTION refuse_edit_of_published()")
    _drop_frozen()
    with op.batch_alter_table("bank_version", reflect_kwargs=NO_OTHERS) as table:
        table.drop_constraint(op.f("fk_bank_version_based_on_id_bank_version"), type_="foreignkey")
        table.drop_constraint(op.f("ck_bank_version_discarded_draft"), type_="check")
        table.drop_constraint(op.f("ck_bank_version_revision_positive"), type_="check")
        for name in FROZEN[len(FROZEN_BEFORE) :]:
            table.drop_column(name)
    _make_frozen(FROZEN_BEFORE)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _drop_frozen() -> None:
    if _on_sqlite():
        for name in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER bank_version_frozen_{name}")
    else:
        op.execute("DROP TRIGGER bank_version_frozen_update ON bank_version")


def _make_frozen(columns: tuple[str, ...]) -> None:
    """On PostgreSQL only the trigger that names the columns was taken away."""
    if not _on_sqlite():
        changed = " OR ".join(_different(name) for name in columns)
        each = f"ROW WHEN (OLD.published_at IS NOT NULL AND ({changed}))"
        op.execute(_postgresql_trigger("frozen", "UPDATE", "bank_version", each, BANK))
        return
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
    onto_another = OVER_A_PUBLISHED_ONE.format(besides="there.id <> OLD.id")
    for act, when in (
        ("INSERT", OVER_A_PUBLISHED_ONE.format(besides="TRUE")),
        ("UPDATE", f"(OLD.published_at IS NOT NULL AND ({changed})) OR {onto_another}"),
        ("DELETE", "OLD.published_at IS NOT NULL"),
    ):
        op.execute(_sqlite_trigger("frozen", act, "bank_version", when, BANK))


def _kept() -> list[str]:
    if _on_sqlite():
        there = f"{OVER_ANOTHER_EDIT} OR {OF_A_PUBLISHED_ONE}"
        acts = (("DELETE", "1"), ("UPDATE", "1"), ("INSERT", there))
        return [_sqlite_trigger("kept", act, "bank_edit", when, ROW) for act, when in acts]
    return [
        *(
            _postgresql_trigger("kept", act, "bank_edit", each, ROW)
            for act, each in (("DELETE", "ROW"), ("UPDATE", "ROW"), ("TRUNCATE", "STATEMENT"))
        ),
        REFUSE_EDIT_OF_PUBLISHED,
        ON_EVERY_EDIT,
    ]


def _different(name: str) -> str:
    cast = "::text" if name in JSON else ""  # json itself cannot be compared
    return f"OLD.{name}{cast} IS DISTINCT FROM NEW.{name}{cast}"


def _sqlite_trigger(kind: str, act: str, table: str, condition: str, reason: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{kind}_{act.lower()} BEFORE {act} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
    )


def _postgresql_trigger(kind: str, act: str, table: str, each: str, reason: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{kind}_{act.lower()} BEFORE {act} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION refuse_change('{reason}')"
    )
