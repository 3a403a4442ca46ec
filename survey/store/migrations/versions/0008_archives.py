"""Archives: the reports of many firms, asked for at once and handed out as one file.

Why: a consultant delivers to forty firms and an administrator files hundreds; asking for them
one by one takes a day. The file itself is never stored: it is put together while it is sent.
Existing rows: none. On the way back the lists are dropped, the reports in them stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("languages", sa.String(length=4), nullable=False),
        sa.Column("extent", sa.String(length=10), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["requested_by"],
            ["user.id"],
            name="fk_archive_requested_by_user",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_archive"),
    )
    op.create_index("ix_archive_requested_by", "archive", ["requested_by"])
    op.create_table(
        "archive_item",
        sa.Column("archive_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "(report_id IS NULL) = (reason_code IS NOT NULL)",
            name=op.f("ck_archive_item_report_or_reason"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_archive_item_number_positive")),
        sa.ForeignKeyConstraint(
            ["archive_id"],
            ["archive.id"],
            name="fk_archive_item_archive_id_archive",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name="fk_archive_item_firm_id_firm", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name="fk_archive_item_report_id_report",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("archive_id", "number", name="pk_archive_item"),
    )


def downgrade() -> None:
    op.drop_table("archive_item")
    op.drop_table("archive")
