"""Every template can be compiled: its syntax, its filters, and the templates that it names."""

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment
from jinja2.meta import find_referenced_templates

import survey
from survey.application import create_app
from survey.config import Settings

OURS = Path(survey.__file__).parent


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("templates")
    return create_app(Settings.from_environment({"SURVEY_FOLDER": str(folder)}))


def ours(application: Flask) -> list[str]:
    """The names of the project's own templates, without those of the libraries."""
    folder = OURS / "web" / "templates"
    return [name for name in application.jinja_env.list_templates() if (folder / name).is_file()]


def test_every_template_compiles(application: Flask) -> None:
    names = ours(application)

    for name in names:
        application.jinja_env.get_template(name)

    assert len(names) > 10


def test_every_template_that_is_named_exists(application: Flask) -> None:
    environment, known = application.jinja_env, set(application.jinja_env.list_templates())

    absent = {
        (name, named)
        for name in ours(application)
        for named in find_referenced_templates(environment.parse(source(environment, name)))
        if named is not None and named not in known
    }

    assert absent == set()


def source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
