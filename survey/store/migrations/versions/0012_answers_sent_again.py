"""Answers that are sent again, late, or after they were handed in.

Why: a page keeps what could not be sent and sends it again. One that was taken already must not
be taken twice, and one that was overtaken by a newer value of the same page must not undo it. A
firm may take its submission back until a review has begun, and the scores it had are kept. A hint
tells who else has a page open. A new round offers the answers of the one before. How long a
question takes is measured by its first answers, which an index finds.
Existing rows: sent by nobody in particular, never sent again, never reopened, without a round
before. On the way back a value that came late is called a conflict, what was never answered is
called cleared, and reopenings are forgotten.

SQLite copies the tables of the answers, so their triggers (0002) are made again.

"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NO_OTHERS = {"resolve_fks": False}  # one of them has an index that SQLite cannot reflect
POSITIVE = "ck_answer_ck_answer_revision_positive"
OUTCOMES = "outcome IN ('saved', 'cleared', 'conflict')"
MORE_OUTCOMES = "outcome IN ('saved', 'cleared', 'conflict', 'late')"
OUTCOME = "ck_answer_change_ck_answer_change_known_outcome"
KEY = ("assessment_id", "author_id", "save_key")
ROW = "this table only grows"
THERE = "EXISTS (SELECT 1 FROM {table} AS row WHERE row.id = NEW.id)"


def upgrade() -> None:
    op.add_column("answer", sa.Column("client", sa.String(length=36), nullable=True))
    op.add_column("answer", sa.Column("client_seq", sa.Integer(), nullable=True))
    op.add_column("answer", sa.Column("confirmed", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("answer_change", sa.Column("save_key", sa.String(length=36), nullable=True))
    with op.batch_alter_table("answer", reflect_kwargs=NO_OTHERS) as table:
        table.create_check_constraint(
            op.f("ck_answer_client_whole"), "(client IS NULL) = (client_seq IS NULL)"
        )
        table.drop_constraint(op.f(POSITIVE), type_="check")
        table.create_check_constraint(op.f("ck_answer_revision_not_negative"), "revision >= 0")
        table.create_check_constraint(
            op.f("ck_answer_answered_from_revision_1"), "revision > 0 OR plain IS NULL"
        )
    with op.batch_alter_table("answer_change", reflect_kwargs=NO_OTHERS) as table:
        table.drop_constraint(op.f(OUTCOME), type_="check")
        table.create_check_constraint(op.f("ck_answer_change_known_outcome"), MORE_OUTCOMES)
        table.create_unique_constraint(f"uq_answer_change_{'_'.join(KEY)}", list(KEY))
    op.create_index("ix_answer_change_revision", "answer_change", ["assessment_id", "revision"])
    _make_triggers_again()
    op.add_column("assessment", sa.Column("previous_id", sa.Integer(), nullable=True))
    op.add_column(
        "assessment", sa.Column("review_begun_at", sa.DateTime(timezone=True), nullable=True)
    )
    with op.batch_alter_table("assessment", reflect_kwargs=NO_OTHERS) as table:
        table.create_foreign_key(
            op.f("fk_assessment_previous_id_assessment"),
            "assessment",
            ["previous_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        table.create_check_constraint(
            op.f("ck_assessment_reviewed_when_submitted"),
            "review_begun_at IS NULL OR submitted_at IS NOT NULL",
        )
    op.create_table(
        "presence",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("page_key", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_presence_assessment_id_assessment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_presence_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "page_key", "user_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "reopening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_reopening_reason_given")),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_reopening_assessment_id_assessment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["by"], ["user.id"], name=op.f("fk_reopening_by_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"],
            ["user.id"],
            name=op.f("fk_reopening_submitted_by_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening")),
    )
    op.create_index(op.f("ix_reopening_assessment_id"), "reopening", ["assessment_id"])
    _only_grows("reopening")


def downgrade() -> None:
    op.drop_table("reopening")
    op.drop_table("presence")
    with op.batch_alter_table("assessment", reflect_kwargs=NO_OTHERS) as table:
        table.drop_constraint(op.f("ck_assessment_reviewed_when_submitted"), type_="check")
        table.drop_constraint(op.f("fk_assessment_previous_id_assessment"), type_="foreignkey")
        table.drop_column("review_begun_at")
        table.drop_column("previous_id")
    op.drop_index("ix_answer_change_revision", table_name="answer_change")
    _allow_changes()
    op.execute("UPDATE answer_change SET outcome = 'conflict' WHERE outcome = 'late'")
    with op.batch_alter_table("answer_change", reflect_kwargs=NO_OTHERS) as table:
        table.drop_constraint(op.f("ck_answer_change_known_outcome"), type_="check")
        table.create_check_constraint(op.f(OUTCOME), OUTCOMES)
        table.drop_constraint(f"uq_answer_change_{'_'.join(KEY)}", type_="unique")
        table.drop_column("save_key")
    op.execute("UPDATE answer SET revision = 1 WHERE revision = 0")
    with op.batch_alter_table("answer", reflect_kwargs=NO_OTHERS) as table:
        table.drop_constraint(op.f("ck_answer_answered_from_revision_1"), type_="check")
        table.drop_constraint(op.f("ck_answer_revision_not_negative"), type_="check")
        table.create_check_constraint(op.f(POSITIVE), "revision >= 1")
        table.drop_column("confirmed")
        table.drop_constraint(op.f("ck_answer_client_whole"), type_="check")
        table.drop_column("client_seq")
        table.drop_column("client")
    _make_triggers_again()


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _allow_changes() -> None:
    """For this migration alone; the triggers are made again at its end."""
    if _on_sqlite():
        op.execute("DROP TRIGGER IF EXISTS answer_change_kept_update")
    else:
        op.execute("DROP TRIGGER answer_change_kept_update ON answer_change")


def _make_triggers_again() -> None:
    """SQLite has lost all of both tables, PostgreSQL at most the one that was dropped here."""
    if not _on_sqlite():
        op.execute("DROP TRIGGER IF EXISTS answer_change_kept_update ON answer_change")
        op.execute(
            "CREATE TRIGGER answer_change_kept_update BEFORE UPDATE ON answer_change "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change('{ROW}')"
        )
        return
    op.execute(_trigger("answer", "DELETE", "1"))
    _only_grows("answer_change")


def _only_grows(table: str) -> None:
    if _on_sqlite():
        there = THERE.format(table=table)
        for act, when in (("INSERT", there), ("UPDATE", "1"), ("DELETE", "1")):
            op.execute(_trigger(table, act, when))
        return
    for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_kept_{act.lower()} BEFORE {act} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change('{ROW}')"
        )


def _trigger(table: str, act: str, condition: str) -> str:
    return (
        f"CREATE TRIGGER {table}_kept_{act.lower()} BEFORE {act} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{ROW}'); END"
    )
