"""Where Alembic begins.

Whoever calls hands in the connection and the models to compare with; `survey db revision` does
not, and means the database of the application.
"""

from alembic import context
from flask import current_app

given = context.config.attributes


def run(connection, metadata) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if "connection" in given:
    run(given["connection"], given["metadata"])
else:
    db = current_app.extensions["migrate"].db
    with db.engine.connect() as connection:
        run(connection, db.metadata)
