"""The three roles: firm, consultant, administrator.

Why: rights hang on rows of this table, and no act of a person makes them.
Existing rows: a role that is there already stays as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = ("firm", "consultant", "administrator")
role = sa.table("role", sa.column("name", sa.String))


def upgrade() -> None:
    present = set(op.get_bind().scalars(sa.select(role.c.name)))
    op.bulk_insert(role, [{"name": name} for name in ROLES if name not in present])


def downgrade() -> None:
    """Leave the roles: people hang on them, and the table goes with its own migration."""
