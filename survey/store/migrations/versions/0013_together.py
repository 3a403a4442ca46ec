"""Working together: invitations by link, who answers which page, comments, the digest.

Why: a firm's assessment is filled by four or five people. Each must see what is theirs, and the
owner what is missing and whose it is.
Existing rows: everybody answers everything, nothing is assigned. On the way back invitations,
assignments and comments are dropped, and every member answers everything again.

"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NO_OTHERS = {"resolve_fks": False}  # one of them has an index that SQLite cannot reflect


def upgrade() -> None:
    column = sa.Column("scope", sa.String(length=10), nullable=False, server_default="all")
    op.add_column("membership", column)
    with op.batch_alter_table("membership", reflect_kwargs=NO_OTHERS) as table:
        table.alter_column("scope", server_default=None)
        table.create_check_constraint(
            op.f("ck_membership_known_scope"), "scope IN ('all', 'assigned')"
        )
        table.create_check_constraint(
            op.f("ck_membership_owner_answers_all"), "standing <> 'owner' OR scope = 'all'"
        )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("page_keys", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("locale IN ('zh', 'en')", name=op.f("ck_invitation_known_locale")),
        sa.CheckConstraint("scope IN ('all', 'assigned')", name=op.f("ck_invitation_known_scope")),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by IS NULL)",
            name=op.f("ck_invitation_accepted_whole"),
        ),
        sa.CheckConstraint(
            "accepted_at IS NULL OR withdrawn_at IS NULL",
            name=op.f("ck_invitation_used_or_withdrawn"),
        ),
        sa.CheckConstraint("length(token_sha256) = 64", name=op.f("ck_invitation_token_whole")),
        sa.ForeignKeyConstraint(
            ["accepted_by"],
            ["user.id"],
            name=op.f("fk_invitation_accepted_by_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_invitation_assessment_id_assessment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_invitation_firm_id_firm"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"],
            ["user.id"],
            name=op.f("fk_invitation_invited_by_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
    )
    op.create_index(op.f("ix_invitation_firm_id"), "invitation", ["firm_id"])
    op.create_table(
        "assignment",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("page_key", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("assigned_by", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_assignment_assessment_id_assessment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by"],
            ["user.id"],
            name=op.f("fk_assignment_assigned_by_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_assignment_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "page_key", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_user_id"), "assignment", ["user_id"])
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=60), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_comment_text_given")),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_comment_assessment_id_assessment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_comment_author_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_question", "comment", ["assessment_id", "question_key", "id"])
    op.create_table(
        "digest",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_digest_assessment_id_assessment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_digest")),
    )


def downgrade() -> None:
    for table in ("digest", "comment", "assignment", "invitation"):
        op.drop_table(table)
    with op.batch_alter_table("membership", reflect_kwargs=NO_OTHERS) as table:
        table.drop_constraint(op.f("ck_membership_owner_answers_all"), type_="check")
        table.drop_constraint(op.f("ck_membership_known_scope"), type_="check")
        table.drop_column("scope")
