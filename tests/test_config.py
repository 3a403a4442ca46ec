"""The environment is read once; what is wrong in it is named all at once, in both languages."""

import stat
from pathlib import Path

import pytest

from survey.config import ConfigError, Settings

SECRETS = {"SECRET_KEY": "s" * 32, "PASSWORD_SALT": "p" * 32}


def read(folder: Path, **changes: str) -> Settings:
    return Settings.from_environment({"SURVEY_FOLDER": str(folder), **SECRETS, **changes})


def faults(folder: Path, **changes: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        read(folder, **changes)
    return refused.value.sentences


def test_an_empty_environment_is_a_whole_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_environment({})

    assert settings.folder == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/qizhen.db"
    assert settings.queue_url == f"sqlite:///{tmp_path}/var/queue.db"
    assert (settings.host, settings.port, settings.debug) == ("127.0.0.1", 8000, False)
    assert settings.base_url == "http://127.0.0.1:8000"
    assert (settings.accent, settings.issuer) == ("#0e4a57", "")
    assert settings.certificate == tmp_path / "var" / "certificate.p12"
    assert settings.certificate_password == ""
    assert settings.logos_folder == tmp_path / "var" / "logos"
    assert settings.report_cpu_seconds == 60
    assert settings.report_wall_seconds == 180
    assert settings.report_memory_mb == 1024


def test_secrets_are_made_once_and_for_the_owners_eyes_only(tmp_path: Path) -> None:
    first = Settings.from_environment({"SURVEY_FOLDER": str(tmp_path)})
    second = Settings.from_environment({"SURVEY_FOLDER": str(tmp_path)})

    assert (first.secret_key, first.password_salt) == (second.secret_key, second.password_salt)
    assert first.secret_key != first.password_salt
    assert {path.name for path in tmp_path.iterdir()} == {"secret", "salt"}
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_secret_that_somebody_else_made_first_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(draft: Path, path: Path) -> None:
        path.write_text("t" * 40)
        raise FileExistsError

    monkeypatch.setattr("os.link", too_late)

    settings = Settings.from_environment({"SURVEY_FOLDER": str(tmp_path)})

    assert settings.secret_key == "t" * 40
    assert {path.name for path in tmp_path.iterdir()} == {"secret", "salt"}


def test_given_secrets_leave_no_file(tmp_path: Path) -> None:
    settings = read(tmp_path)

    assert (settings.secret_key, settings.password_salt) == ("s" * 32, "p" * 32)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_queue_follows_postgresql(tmp_path: Path, scheme: str) -> None:
    settings = read(tmp_path, DATABASE_URL=f"{scheme}://user:word@host/name")

    assert settings.database_url == "postgresql+psycopg://user:word@host/name"
    assert settings.queue_url == settings.database_url


def test_everything_that_is_wrong_is_named_at_once_in_both_languages(tmp_path: Path) -> None:
    said = faults(
        tmp_path,
        DATABASE_URL="mysql://host/name",
        SURVEY_PORT="eighty",
        SURVEY_DEBUG="perhaps",
        SURVEY_BASE_URL="example.org",
        SURVEY_ACCENT="teal",
        SURVEY_REPORT_MEMORY_MB="lots",
        SECRET_KEY="short",
    )

    for name in (
        "DATABASE_URL",
        "SURVEY_PORT",
        "SURVEY_DEBUG",
        "SURVEY_BASE_URL",
        "SURVEY_ACCENT",
        "SURVEY_REPORT_MEMORY_MB",
        "SECRET_KEY",
    ):
        zh, en = (sentence for sentence in said if name in sentence)
        assert zh.endswith("。")
        assert en.endswith(".")
        assert en.isascii()


@pytest.mark.parametrize(
    "url", ["sqlite:///", "sqlite://", "sqlite:///:memory:", "sqlite://host/x", "x", "file.db"]
)
def test_a_database_needs_an_address_that_lasts(tmp_path: Path, url: str) -> None:
    assert len(faults(tmp_path, DATABASE_URL=url, QUEUE_URL=f"sqlite:///{tmp_path}/q.db")) == 2


@pytest.mark.parametrize("port", ["0", "65536", "-1", "８０", "80.0"])
def test_a_number_has_its_range(tmp_path: Path, port: str) -> None:
    assert "SURVEY_PORT" in faults(tmp_path, SURVEY_PORT=port)[0]


def test_an_accent_is_dark_enough_for_white_words(tmp_path: Path) -> None:
    said = faults(tmp_path, SURVEY_ACCENT="#FFEE00")

    assert read(tmp_path, SURVEY_ACCENT="#7A1F2B").accent == "#7a1f2b"
    assert "更深的颜色" in said[0]
    assert "darker" in said[1]


@pytest.mark.parametrize("issuer", ["x" * 81, "one\ntwo"])
def test_an_issuer_fits_one_line(tmp_path: Path, issuer: str) -> None:
    assert read(tmp_path, SURVEY_ISSUER="江海咨询").issuer == "江海咨询"
    assert "SURVEY_ISSUER" in faults(tmp_path, SURVEY_ISSUER=issuer)[1]


def test_a_certificate_that_is_named_must_be_there(tmp_path: Path) -> None:
    named = tmp_path / "ours.p12"
    said = faults(tmp_path, SURVEY_CERTIFICATE=str(named))
    named.write_bytes(b"")

    assert read(tmp_path, SURVEY_CERTIFICATE=str(named)).certificate == named
    assert str(named) in said[0]


def test_a_faulty_environment_makes_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Settings.from_environment({"SURVEY_FOLDER": str(tmp_path), "SURVEY_PORT": "x"})

    assert list(tmp_path.iterdir()) == []


def test_a_secret_file_that_is_too_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short")

    with pytest.raises(ConfigError) as refused:
        Settings.from_environment({"SURVEY_FOLDER": str(tmp_path)})

    assert str(tmp_path / "secret") in str(refused.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError) as refused:
        Settings.from_environment({"SURVEY_FOLDER": str(tmp_path / "file" / "var")})

    assert "SECRET_KEY" in refused.value.sentences[0]
