"""Remember the newest second-step code that a person has used.

Why: a code is valid for a minute, and whoever had read it could sign in with it once more.
Existing rows: the column stays empty until the next code is used.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("tf_last_counter", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("user", "tf_last_counter")
