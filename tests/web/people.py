"""Everybody who can ask for a page, each with a browser of their own."""

from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services.people import Actor
from survey.store.models import User
from tests.browser import Browser


def browser_of(
    app: Flask, session: Session, actor: Actor, *, language: Locale = Locale.EN
) -> Browser:
    """The actor's own browser. What the session prepared is committed first."""
    user = session.get_one(User, actor.user_id)
    session.commit()
    return Browser(app, language=language).be(user)
