"""Every file that was ever handed out stays known, also after its report was made again.

Why: a file that was lost is made again, and is then another file if the certificate or the
accent was changed meanwhile; whoever holds the earlier one must not be told that it was changed.
Until the new file is there, a report keeps what is known of the one before.
Existing rows: unchanged; the next migration notes the files of those that are ready. On the way
back the notes are dropped, and reports that wait to be made again forget their earlier file.

The table only grows, like the histories (0002): SQLite deletes the old row of INSERT OR REPLACE
without asking the delete trigger, so inserting over a row is refused as well.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OLD = {
    "ready_has_file": "(state = 'ready') = (file_sha256 IS NOT NULL AND file_size IS NOT NULL"
    " AND content IS NOT NULL)",
    "pages_of_a_pdf": "(state = 'ready' AND format = 'pdf') = (pages IS NOT NULL)",
}
NEW = {
    "ready_has_file": "state <> 'ready' OR file_sha256 IS NOT NULL",
    "file_whole": "(file_sha256 IS NULL) = (file_size IS NULL)"
    " AND (file_sha256 IS NULL) = (content IS NULL)",
    "pages_of_a_pdf": "(file_sha256 IS NOT NULL AND format = 'pdf') = (pages IS NOT NULL)",
}
NO_OTHERS = {"resolve_fks": False}  # one of them has an index that SQLite cannot reflect
ROW = "this table only grows"
THERE = """EXISTS (
    SELECT 1 FROM issued_file AS row
    WHERE row.sha256 = NEW.sha256 AND row.report_id = NEW.report_id
)"""


def upgrade() -> None:
    _constrain(OLD, NEW)
    op.create_table(
        "issued_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_issued_file_sha256_whole")),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name="fk_issued_file_report_id_report",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("sha256", "report_id", name="pk_issued_file"),
    )
    op.create_index("ix_issued_file_report_id", "issued_file", ["report_id"])
    if op.get_bind().dialect.name == "sqlite":
        for act, when in (("INSERT", THERE), ("UPDATE", "1"), ("DELETE", "1")):
            op.execute(
                f"CREATE TRIGGER issued_file_kept_{act.lower()} BEFORE {act} ON issued_file "
                f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{ROW}'); END"
            )
        return
    for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER issued_file_kept_{act.lower()} BEFORE {act} ON issued_file "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change('{ROW}')"
        )


def downgrade() -> None:
    op.drop_table("issued_file")
    op.execute(
        "UPDATE report SET file_sha256 = NULL, file_size = NULL, pages = NULL, content = NULL"
        " WHERE state <> 'ready'"
    )
    _constrain(NEW, OLD)


def _constrain(before: dict[str, str], after: dict[str, str]) -> None:
    with op.batch_alter_table("report", reflect_kwargs=NO_OTHERS) as table:
        for name in before:
            table.drop_constraint(op.f(f"ck_report_{name}"), type_="check")
        for name, condition in after.items():
            table.create_check_constraint(op.f(f"ck_report_{name}"), condition)
