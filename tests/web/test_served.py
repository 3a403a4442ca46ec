"""A process that serves the site does not stop each request to look for cycles."""

import gc
from collections.abc import Iterator

import pytest

from survey.application import served
from survey.config import Settings
from survey.store.site import db


@pytest.fixture
def collector() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("collector")
def test_what_stands_when_it_begins_to_serve_is_not_looked_through_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SURVEY_FOLDER", str(settings.folder))
    usual = gc.get_threshold()[0]

    app = served()

    assert app.test_client().get("/healthz").status_code == 200
    assert gc.get_freeze_count() > len(app.view_functions)
    assert gc.get_threshold()[0] > 2 * usual
    with app.app_context():
        db.engine.dispose()
