"""A report is one of several copies: full or short, and in one of five file formats.

Why: managers get a short edition and consultants a file to edit. A copy is also looked at again
before it is handed out, and whoever asked for it can call it off: two more states.
Existing rows: they are full PDF files. On the way back the copies that the old table cannot
hold are left out; they can be asked for again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The first migration made these constraints with their prefix twice.
OLD = {
    "known_state": "state IN ('queued', 'rendering', 'ready', 'failed')",
    "rendering_is_claimed": "(state = 'rendering') = (claim IS NOT NULL)",
    "open_has_lease": "(state IN ('queued', 'rendering')) = (lease_until IS NOT NULL)",
    "ready_has_file": "(state = 'ready') = (file_sha256 IS NOT NULL AND file_size IS NOT NULL"
    " AND pages IS NOT NULL AND content IS NOT NULL)",
}
NEW = {
    "known_state": "state IN ('queued', 'rendering', 'checking', 'ready', 'failed', 'cancelled')",
    "rendering_is_claimed": "(state IN ('rendering', 'checking')) = (claim IS NOT NULL)",
    "open_has_lease": "(state IN ('queued', 'rendering', 'checking')) = (lease_until IS NOT NULL)",
    "ready_has_file": "(state = 'ready') = (file_sha256 IS NOT NULL AND file_size IS NOT NULL"
    " AND content IS NOT NULL)",
    "pages_of_a_pdf": "(state = 'ready' AND format = 'pdf') = (pages IS NOT NULL)",
    "known_extent": "extent IN ('full', 'short')",
    "known_format": "format IN ('pdf', 'docx', 'html', 'json', 'xlsx')",
}
OLD_KEY, NEW_KEY = (
    ("assessment_id", "languages", "input_digest"),
    ("assessment_id", "languages", "extent", "format", "input_digest"),
)
NO_OTHERS = {"resolve_fks": False}  # one of them has an index that SQLite cannot reflect


def _unique(columns: tuple[str, ...]) -> str:
    return f"uq_report_{'_'.join(columns)}"


def upgrade() -> None:
    for name, value in (("extent", "full"), ("format", "pdf")):
        column = sa.Column(name, sa.String(length=10), nullable=False, server_default=value)
        op.add_column("report", column)
    with op.batch_alter_table("report", reflect_kwargs=NO_OTHERS) as table:
        table.alter_column("extent", server_default=None)
        table.alter_column("format", server_default=None)
        for name in OLD:
            table.drop_constraint(op.f(f"ck_report_ck_report_{name}"), type_="check")
        for name, condition in NEW.items():
            table.create_check_constraint(op.f(f"ck_report_{name}"), condition)
        table.drop_constraint(_unique(OLD_KEY), type_="unique")
        table.create_unique_constraint(_unique(NEW_KEY), list(NEW_KEY))
    op.create_index("ix_report_file_sha256", "report", ["file_sha256"])


def downgrade() -> None:
    op.execute(
        "DELETE FROM report WHERE extent <> 'full' OR format <> 'pdf' OR state = 'cancelled'"
    )
    op.execute("UPDATE report SET state = 'rendering' WHERE state = 'checking'")
    op.drop_index("ix_report_file_sha256", "report")
    with op.batch_alter_table("report", reflect_kwargs=NO_OTHERS) as table:
        for name in NEW:
            table.drop_constraint(op.f(f"ck_report_{name}"), type_="check")
        for name, condition in OLD.items():
            table.create_check_constraint(op.f(f"ck_report_ck_report_{name}"), condition)
        table.drop_constraint(_unique(NEW_KEY), type_="unique")
        table.create_unique_constraint(_unique(OLD_KEY), list(OLD_KEY))
        table.drop_column("extent")
        table.drop_column("format")
