"""The database as the site has it: a session for each request, by Flask-SQLAlchemy."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from survey.store.db import Base, engine_options, make_folder, teach

db = SQLAlchemy(metadata=Base.metadata)


def attach(app: Flask, database_url: str) -> None:
    """Give the application its sessions: `db.session()` inside a request."""
    make_folder(database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(database_url)
    db.init_app(app)
    with app.app_context():
        teach(db.engine)
