"""The first tables: people, firms, banks, assessments with their answers, reports.

Why: nothing could be kept yet.
Existing rows: none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNDER_WAY = sa.text("submitted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "firm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("length(name) > 0", name="ck_firm_name_given"),
        sa.PrimaryKeyConstraint("id", name="pk_firm"),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.CheckConstraint(
            "name IN ('firm', 'consultant', 'administrator')", name="ck_role_known_name"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_role"),
        sa.UniqueConstraint("name", name="uq_role_name"),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_phone_number", sa.String(length=128), nullable=True),
        sa.Column("mf_recovery_codes", sa.Text(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("locale IN ('zh', 'en')", name="ck_user_known_locale"),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_user_fs_uniquifier"),
    )
    op.create_index("uq_user_email_lower", "user", [sa.text("lower(email)")], unique=True)
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_audit_event_user_id_user", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_at", "audit_event", ["at"])

    op.create_table(
        "bank_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bank_key", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.CheckConstraint("length(digest) = 64", name="ck_bank_version_digest_whole"),
        sa.CheckConstraint("number >= 1", name="ck_bank_version_number_positive"),
        sa.CheckConstraint(
            "retired_at IS NULL OR published_at IS NOT NULL",
            name="ck_bank_version_retired_if_published",
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name="fk_bank_version_created_by_user", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bank_version"),
        sa.UniqueConstraint("bank_key", "number", name="uq_bank_version_bank_key_number"),
    )
    op.create_table(
        "consultant_firm",
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["user.id"],
            name="fk_consultant_firm_consultant_id_user",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name="fk_consultant_firm_firm_id_firm", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("consultant_id", "firm_id", name="pk_consultant_firm"),
    )
    op.create_index("ix_consultant_firm_firm_id", "consultant_firm", ["firm_id"])

    op.create_table(
        "membership",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.CheckConstraint("standing IN ('owner', 'member')", name="ck_membership_known_standing"),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name="fk_membership_firm_id_firm", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_membership_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_membership"),
    )
    op.create_index("ix_membership_firm_id", "membership", ["firm_id"])

    op.create_table(
        "role_of_user",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name="fk_role_of_user_role_id_role", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_role_of_user_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name="pk_role_of_user"),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("bank_version_id", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by IS NULL)"
            " AND (submitted_at IS NULL) = (result IS NULL)",
            name="ck_assessment_submitted_whole",
        ),
        sa.ForeignKeyConstraint(
            ["bank_version_id"],
            ["bank_version.id"],
            name="fk_assessment_bank_version_id_bank_version",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name="fk_assessment_firm_id_firm", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user.id"], name="fk_assessment_started_by_user", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"],
            ["user.id"],
            name="fk_assessment_submitted_by_user",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessment"),
    )
    op.create_index("ix_assessment_bank_version_id", "assessment", ["bank_version_id"])
    op.create_index("ix_assessment_firm_id", "assessment", ["firm_id"])
    op.create_index(
        "uq_assessment_under_way",
        "assessment",
        ["firm_id", "bank_version_id"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )

    op.create_table(
        "answer",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=60), nullable=False),
        sa.Column("plain", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_answer_revision_positive"),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_answer_assessment_id_assessment",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name="fk_answer_author_id_user", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "question_key", name="pk_answer"),
    )
    op.create_table(
        "answer_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('saved', 'cleared', 'conflict')", name="ck_answer_change_known_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_answer_change_assessment_id_assessment",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name="fk_answer_change_author_id_user", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_answer_change"),
    )
    op.create_index(
        "ix_answer_change_question", "answer_change", ["assessment_id", "question_key", "id"]
    )

    op.create_table(
        "report",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("languages", sa.String(length=4), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("bank_digest", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_size", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("reason_facts", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(state = 'failed') = (reason_code IS NOT NULL)", name="ck_report_failed_has_reason"
        ),
        sa.CheckConstraint(
            "(state = 'ready') = (file_sha256 IS NOT NULL AND file_size IS NOT NULL"
            " AND pages IS NOT NULL AND content IS NOT NULL)",
            name="ck_report_ready_has_file",
        ),
        sa.CheckConstraint(
            "(state = 'rendering') = (claim IS NOT NULL)", name="ck_report_rendering_is_claimed"
        ),
        sa.CheckConstraint(
            "(state IN ('queued', 'rendering')) = (lease_until IS NOT NULL)",
            name="ck_report_open_has_lease",
        ),
        sa.CheckConstraint("languages IN ('zh', 'en', 'both')", name="ck_report_known_languages"),
        sa.CheckConstraint(
            "state IN ('queued', 'rendering', 'ready', 'failed')", name="ck_report_known_state"
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="ck_report_progress_percent"),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_report_assessment_id_assessment",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user.id"], name="fk_report_requested_by_user", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint(
            "assessment_id",
            "languages",
            "input_digest",
            name="uq_report_assessment_id_languages_input_digest",
        ),
    )
    op.create_index("ix_report_assessment_id", "report", ["assessment_id"])
    op.create_index("ix_report_open", "report", ["state", "lease_until"])


def downgrade() -> None:
    op.drop_table("report")
    op.drop_table("answer_change")
    op.drop_table("answer")
    op.drop_table("assessment")
    op.drop_table("role_of_user")
    op.drop_table("membership")
    op.drop_table("consultant_firm")
    op.drop_table("bank_version")
    op.drop_table("audit_event")
    op.drop_table("user")
    op.drop_table("role")
    op.drop_table("firm")
