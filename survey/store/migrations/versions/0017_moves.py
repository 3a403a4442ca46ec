"""Remember which assessments went over to another version of their bank, and with what.

Why: a firm is offered the newer version while it answers. What its answers were before must stay
readable, each by the version that it was given to, and nothing may be dropped silently.
Existing rows: none has moved. On the way back the list is dropped; the answers and their history
stay as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
REASON = "this table only grows"
REFERENCES = (
    ("assessment_id", "assessment"),
    ("from_version_id", "bank_version"),
    ("to_version_id", "bank_version"),
    ("by", "user"),
)


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("from_version_id", sa.Integer(), nullable=False),
        sa.Column("to_version_id", sa.Integer(), nullable=False),
        sa.Column("from_edition", sa.String(length=60), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "from_version_id <> to_version_id", name=op.f("ck_move_to_another_version")
        ),
        sa.CheckConstraint("kept >= 0", name=op.f("ck_move_kept_not_negative")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_move_{column}_{table}"),
                ondelete="RESTRICT",
            )
            for column, table in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
    )
    with op.batch_alter_table("move") as table:
        table.create_index(op.f("ix_move_assessment_id"), ["assessment_id"])
    for statement in _kept():
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("move")


def _kept() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        there = "EXISTS (SELECT 1 FROM move AS row WHERE row.id = NEW.id)"
        return [
            f"CREATE TRIGGER move_kept_{act.lower()} BEFORE {act} ON move WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
            for act, when in (("DELETE", "1"), ("UPDATE", "1"), ("INSERT", there))
        ]
    return [
        f"CREATE TRIGGER move_kept_{act.lower()} BEFORE {act} ON move "
        f"FOR EACH {each} EXECUTE FUNCTION refuse_change('{REASON}')"
        for act, each in (("DELETE", "ROW"), ("UPDATE", "ROW"), ("TRUNCATE", "STATEMENT"))
    ]
