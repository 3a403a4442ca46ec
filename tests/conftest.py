"""What tests of several folders need: a fresh database of either kind, and the application.

A database is migrated once per process and copied for every test that asks for one; templates and
addresses are compiled once per process.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import CodeType
from typing import ClassVar

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import Session
from typing_extensions import override
from werkzeug.routing import Rule

from survey import application
from survey.config import Settings
from survey.exchange import form_strangers, xlsx_strangers
from survey.pdf import strangers
from survey.store import migrate
from survey.store.db import open_engine
from survey.store.site import db
from tests import postgres
from tests.emptied import Emptied, administer

RUN = "SURVEY_TEST_RUN"
AUTO = "PYTEST_XDIST_AUTO_NUM_WORKERS"  # xdist's own name for what somebody wants instead
_OUR_RUN = pytest.StashKey[Path]()
PATIENCE = 300
"""Seconds."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots", action="store_true", help="store the snapshots anew; read the diff"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder in which the processes of one run share a PostgreSQL server."""
    if RUN not in os.environ:
        os.environ[RUN] = tempfile.mkdtemp(prefix="run-")
        config.stash[_OUR_RUN] = Path(os.environ[RUN])


def pytest_xdist_auto_num_workers() -> int | None:
    """Half as many again as processors: a third of the time tests wait, for a browser or server."""
    return None if AUTO in os.environ else (os.cpu_count() or 1) * 3 // 2


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_OUR_RUN, None)
    if folder is not None:
        postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ[RUN]


# ------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """The address of the run's own PostgreSQL server."""
    return postgres.start(Path(os.environ[RUN]))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    name = f"template_{uuid.uuid4().hex}"
    administer(postgresql_server, "CREATE DATABASE {}", name)
    _migrate(str(make_url(postgresql_server).set(database=name)))
    return name


@pytest.fixture(scope="session")
def postgresql_emptied(postgresql_server: str, postgresql_template: str) -> Emptied:
    """The database that this process's tests have one after the other."""
    return Emptied(postgresql_server, postgresql_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database: the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "qizhen.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        emptied: Emptied = request.getfixturevalue("postgresql_emptied")
        yield emptied.fresh()


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Where files of strangers are read, their processor time counts, as everywhere.

    How long they wait for it does not: the tests have the machine busy.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strangers, "WALL_SECONDS", PATIENCE)
        for module in (xlsx_strangers, form_strangers):
            patch.setattr(module, "LIMITS", replace(module.LIMITS, wall_seconds=PATIENCE))
        yield


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()


# ----------------------------------------------------------------- application


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Settings of an installation that has the test's database and its own folder."""
    return Settings.from_environment(
        {
            "DATABASE_URL": database,
            "SECRET_KEY": "for tests only, and long enough to be taken",
            "PASSWORD_SALT": "for tests only, and long enough to be taken",
            "SURVEY_FOLDER": str(tmp_path),
            "SURVEY_FONTS": os.environ.get("SURVEY_FONTS", "var/fonts"),
            "SURVEY_DEBUG": "1",
        }
    )


class Compiled(BytecodeCache):
    """The code of every template, by its name and source, for all applications of the process.

    To compile them anew for each test took nearly half of the time of the tests of pages.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()

Builder = Callable[..., tuple[str, str]]


class KnownRule(Rule):
    """An address that is compiled once per process.

    To compile them anew for each application took nine tenths of the time to make it.
    """

    _known: ClassVar[dict[tuple[object, ...], Builder]] = {}

    @override
    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        place = (self.rule, *self._trace, repr(self.defaults), append_unknown)
        if place not in self._known:
            self._known[place] = super()._compile_builder(append_unknown)
        return self._known[place]


Flask.url_rule_class = KnownRule


@pytest.fixture
def open_app() -> Iterator[Callable[[Settings], Flask]]:
    """Makes applications with other settings, and closes their connections afterwards."""
    opened: list[Flask] = []

    def make(settings: Settings) -> Flask:
        opened.append(application.create_app(settings))
        opened[-1].jinja_env.bytecode_cache = COMPILED
        return opened[-1]

    yield make
    for app in opened:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(open_app: Callable[[Settings], Flask], settings: Settings) -> Flask:
    return open_app(settings)
