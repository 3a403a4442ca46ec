"""Let an owner discard a draft with answers in it, take it back for 30 days, and then erase it.

Why: a second draft begun by mistake stayed for ever, with its files, as soon as it had one answer.
Existing rows: none is discarded. On the way back those that are discarded are erased; the others
stay as they are.

Answers, their history and moves still cannot be deleted (0002, 0017), but for those of an
assessment that is discarded: only these can ever be erased, and never a submission.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NO_OTHERS = {"resolve_fks": False}  # one of them has an index that SQLite cannot reflect
NEVER_DELETED = ("answer", "answer_change", "move")
BESIDE = ("assignment", "presence", "digest")  # would go by themselves, were keys watched
HELD = ("upload", "comment", "evidence_file", "target", *BESIDE, *NEVER_DELETED)
UNDER_WAY = "submitted_at IS NULL"
UNDER_WAY_NOW = "submitted_at IS NULL AND discarded_at IS NULL"
REASON = "this table only grows"
DISCARDED = (
    "EXISTS (SELECT 1 FROM assessment AS gone"
    " WHERE gone.id = OLD.assessment_id AND gone.discarded_at IS NOT NULL)"
)
FUNCTION = f"""
CREATE FUNCTION refuse_unless_discarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {DISCARDED} THEN RETURN OLD; END IF;
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.add_column("assessment", sa.Column("discarded_at", sa.DateTime(timezone=True)))
    op.add_column("assessment", sa.Column("discarded_by", sa.Integer()))
    op.drop_index("uq_assessment_under_way", table_name="assessment")
    with op.batch_alter_table("assessment", reflect_kwargs=NO_OTHERS) as table:
        table.create_foreign_key(
            op.f("fk_assessment_discarded_by_user"),
            "user",
            ["discarded_by"],
            ["id"],
            ondelete="RESTRICT",
        )
        table.create_check_constraint(
            op.f("ck_assessment_discarded_whole"),
            "(discarded_at IS NULL) = (discarded_by IS NULL)",
        )
        table.create_check_constraint(
            op.f("ck_assessment_discarded_draft"), "discarded_at IS NULL OR submitted_at IS NULL"
        )
    _index_under_way(UNDER_WAY_NOW)
    only = sa.text("discarded_at IS NOT NULL")
    op.create_index(
        op.f("ix_assessment_discarded_at"),
        "assessment",
        ["discarded_at"],
        sqlite_where=only,
        postgresql_where=only,
    )
    if not _on_sqlite():
        op.execute(FUNCTION)
    _keep_rows(DISCARDED, "refuse_unless_discarded")


def downgrade() -> None:
    """Erase what is discarded, while the triggers still allow it."""
    assessment = sa.table("assessment", sa.column("id"), sa.column("discarded_at"))
    discarded = sa.select(assessment.c.id).where(assessment.c.discarded_at.is_not(None))
    here = sa.column("assessment_id").in_(discarded)
    for table in HELD:
        op.execute(sa.delete(sa.table(table)).where(here))
    keys = sa.column("page_keys", sa.JSON())
    invitation = sa.table("invitation", sa.column("assessment_id"), keys)
    unpromised = {"assessment_id": None, "page_keys": []}
    op.execute(sa.update(invitation).where(here).values(unpromised))
    op.execute(sa.delete(assessment).where(assessment.c.discarded_at.is_not(None)))
    _keep_rows("", "refuse_change")
    if not _on_sqlite():
        op.execute("DROP FUNCTION refuse_unless_discarded()")
    op.drop_index("ix_assessment_discarded_at", table_name="assessment")
    op.drop_index("uq_assessment_under_way", table_name="assessment")
    with op.batch_alter_table("assessment", reflect_kwargs=NO_OTHERS) as table:
        table.drop_constraint(op.f("ck_assessment_discarded_draft"), type_="check")
        table.drop_constraint(op.f("ck_assessment_discarded_whole"), type_="check")
        table.drop_constraint(op.f("fk_assessment_discarded_by_user"), type_="foreignkey")
        table.drop_column("discarded_by")
        table.drop_column("discarded_at")
    _index_under_way(UNDER_WAY)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _index_under_way(when: str) -> None:
    op.create_index(
        "uq_assessment_under_way",
        "assessment",
        ["firm_id", "bank_version_id"],
        unique=True,
        sqlite_where=sa.text(when),
        postgresql_where=sa.text(when),
    )


def _keep_rows(allowed: str, function: str) -> None:
    """Make the triggers anew that refuse to delete; `allowed` is what SQLite lets pass."""
    for table in NEVER_DELETED:
        name = f"{table}_kept_delete"
        if _on_sqlite():
            op.execute(f"DROP TRIGGER {name}")
            when = f"NOT {allowed}" if allowed else "1"
            op.execute(
                f"CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
            )
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {function}('{REASON}')"
            )
