"""What `create_app` hands to the views."""

from typing import cast

from flask import current_app

from survey.config import Settings


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
