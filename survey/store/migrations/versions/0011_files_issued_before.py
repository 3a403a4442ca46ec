"""Note the files of the reports that are ready: they were handed out before there were notes.

Why: every file ever handed out is known by its hash (0010), also those from before.
Existing rows: each ready report gets a note of its file, with the moment at which it was made.
On the way back nothing happens: the notes stay true, and the table only grows.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO issued_file (sha256, report_id, size, at)
        SELECT report.file_sha256, report.id, report.file_size,
               coalesce(report.finished_at, report.requested_at)
        FROM report
        WHERE report.state = 'ready' AND NOT EXISTS (
            SELECT 1 FROM issued_file
            WHERE issued_file.sha256 = report.file_sha256 AND issued_file.report_id = report.id
        )
        """
    )


def downgrade() -> None:
    pass
