"""Remember which edition of its bank an assessment answers: "" for the whole bank.

Why: a bank has shorter editions of itself, and a firm goes on from one to the whole with the
answers it has given. The answers hang on the assessment and on the keys of the questions, so
that going on changes this column and nothing else.
Existing rows: they answer the whole bank.

One assessment of a firm and a bank version may be under way at a time, whatever its edition:
the unique index stays as it is. Two at once would be the same questions answered twice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("edition", sa.String(length=60), nullable=False, server_default="")
    op.add_column("assessment", column)
    # Not the tables that it refers to: SQLite cannot reflect the index over an expression of one.
    with op.batch_alter_table("assessment", reflect_kwargs={"resolve_fks": False}) as table:
        table.alter_column("edition", server_default=None)


def downgrade() -> None:
    """An assessment of an edition asks the whole bank again; its answers stay."""
    op.drop_column("assessment", "edition")
