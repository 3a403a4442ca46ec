"""The level that a firm wants to reach in each domain.

Why: a score says where a firm stands; what it works towards is its own choice, and the gap
between both is what a plan is made for.
Existing rows: no assessment has a target yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "target",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("domain_key", sa.String(length=60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 0 AND 5", name=op.f("ck_target_level_known")),
        sa.CheckConstraint("length(domain_key) > 0", name=op.f("ck_target_domain_given")),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_target_assessment_id_assessment",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name="fk_target_author_id_user", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "domain_key", name="pk_target"),
    )


def downgrade() -> None:
    op.drop_table("target")
