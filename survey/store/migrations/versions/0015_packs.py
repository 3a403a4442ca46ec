"""The questions of a bank as a PDF to prepare with, made once for everybody who asks.

Why: people gather figures away from the screen before they answer. Making it takes seconds, so
that a worker does it, as with reports.
Existing rows: none. On the way back the list is dropped; packs can be asked for again.

"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pack",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("bank_version_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=60), nullable=False),
        sa.Column("languages", sa.String(length=4), nullable=False),
        sa.Column("question_keys", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_size", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("reason_facts", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'failed') = (reason_code IS NOT NULL)", name=op.f("ck_pack_failed_has_reason")
        ),
        sa.CheckConstraint(
            "(state = 'ready') = (file_sha256 IS NOT NULL)", name=op.f("ck_pack_ready_has_file")
        ),
        sa.CheckConstraint(
            "(state = 'rendering') = (claim IS NOT NULL)", name=op.f("ck_pack_rendering_is_claimed")
        ),
        sa.CheckConstraint(
            "(state IN ('queued', 'rendering')) = (lease_until IS NOT NULL)",
            name=op.f("ck_pack_open_has_lease"),
        ),
        sa.CheckConstraint(
            "languages IN ('zh', 'en', 'both')", name=op.f("ck_pack_known_languages")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'rendering', 'ready', 'failed')", name=op.f("ck_pack_known_state")
        ),
        sa.CheckConstraint(
            "(file_sha256 IS NULL) = (file_size IS NULL)"
            " AND (file_sha256 IS NULL) = (pages IS NULL)",
            name=op.f("ck_pack_file_whole"),
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_pack_progress_percent")),
        sa.CheckConstraint("length(id) = 64", name=op.f("ck_pack_id_whole")),
        sa.ForeignKeyConstraint(
            ["bank_version_id"],
            ["bank_version.id"],
            name=op.f("fk_pack_bank_version_id_bank_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
    )
    op.create_index(op.f("ix_pack_bank_version_id"), "pack", ["bank_version_id"])
    op.create_index("ix_pack_open", "pack", ["state", "lease_until"])


def downgrade() -> None:
    op.drop_table("pack")
