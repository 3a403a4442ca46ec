"""The logos of firms and of their consultants, which reports carry on their cover.

Why: a consultant hands the report over under his own name, and a firm files it under its own.
The picture is a file named by its content; the row says whose it is.
Existing rows: none. On the way back the rows are dropped; finished reports keep their pictures.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=True),
        sa.Column("consultant_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(firm_id IS NULL) = (consultant_id IS NOT NULL)", name=op.f("ck_logo_one_owner")
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_logo_sha256_whole")),
        sa.CheckConstraint(
            "media_type IN ('image/png', 'image/jpeg')", name=op.f("ck_logo_known_media_type")
        ),
        sa.CheckConstraint("width >= 1 AND height >= 1", name=op.f("ck_logo_has_a_size")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name="fk_logo_firm_id_firm", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"], ["user.id"], name="fk_logo_consultant_id_user", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["user.id"], name="fk_logo_set_by_user", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_logo"),
        sa.UniqueConstraint("firm_id", name="uq_logo_firm_id"),
        sa.UniqueConstraint("consultant_id", name="uq_logo_consultant_id"),
    )


def downgrade() -> None:
    op.drop_table("logo")
