"""Settings: what the environment says, read once into one frozen value.

A default is safe in production and harmless in public. Start-up names everything that is
wrong at once, one sentence each, in both languages.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from survey.core import colour
from survey.core.text import Text

DATABASES = ("sqlite", "postgresql+psycopg")
SHORTEST_SECRET = 32
LONGEST_ISSUER = 80
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
YES, NO = ("1", "yes", "true", "on"), ("0", "no", "false", "off", "")


class ConfigError(Exception):
    """The environment cannot be used; `faults` say what to change."""

    def __init__(self, *faults: Text) -> None:
        super().__init__("\n".join(fault.en for fault in faults))
        self.faults = faults

    @property
    def sentences(self) -> tuple[str, ...]:
        """Each fault in Chinese and in English, for a terminal that knows no language."""
        return tuple(sentence for fault in self.faults for sentence in (fault.zh, fault.en))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations.

    A report may go for `lease_seconds` without a sign of life from its worker; then, at the
    next sweep (every `sweep_seconds`), another worker takes it over. Making one report may take
    `report_cpu_seconds` of a processor, `report_wall_seconds` of the clock and
    `report_memory_mb` more than its worker has. A firm may keep `evidence_mb` of files.
    """

    debug: bool
    secret_key: str
    password_salt: str
    database_url: str
    queue_url: str
    folder: Path
    reports_folder: Path
    logos_folder: Path
    evidence_folder: Path
    evidence_mb: int
    fonts_folder: Path
    mail_folder: Path
    mail_server: str
    mail_port: int
    mail_sender: str
    mail_tls: bool
    mail_username: str
    mail_password: str
    host: str
    port: int
    workers: int
    base_url: str
    trusted_proxies: int
    issuer: str
    accent: str
    certificate: Path
    certificate_password: str
    report_workers: int
    report_cpu_seconds: int
    report_wall_seconds: int
    report_memory_mb: int
    lease_seconds: int
    sweep_seconds: int
    digest_hours: int
    saves_a_minute: int

    @property
    def is_public(self) -> bool:
        """Whether others than this machine are meant to reach the site."""
        return urlsplit(self.base_url).hostname not in LOOPBACK

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Settings":
        """Read the variables that are set, and make the secrets on the first run.

        Raises ConfigError with one sentence per variable that cannot be used.
        """
        return _read(_Variables(env))


class _Variables:
    """The environment, and the faults found in it so far."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.faults: list[Text] = []

    def fault(self, zh: str, en: str) -> None:
        self.faults.append(Text(zh=zh, en=en))

    def text(self, name: str, default: str) -> str:
        return self._env.get(name, "").strip() or default

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        given = self.text(name, str(default))
        if given.isascii() and given.isdigit() and lowest <= int(given) <= highest:
            return int(given)
        self.fault(
            f"请把{name}设为{lowest}到{highest}之间的整数。",
            f"Set {name} to a whole number from {lowest} to {highest}.",
        )
        return default

    def flag(self, name: str, default: str) -> bool:
        given = self.text(name, default).lower()
        if given not in YES + NO:
            self.fault(f"请把{name}设为1或0。", f"Set {name} to 1 or 0.")
        return given in YES

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().absolute()


def _read(given: _Variables) -> Settings:
    folder = given.path("SURVEY_FOLDER", Path("var"))
    database_url = _database(given, "DATABASE_URL", f"sqlite:///{folder / 'qizhen.db'}")
    follows = f"sqlite:///{folder / 'queue.db'}"
    if database_url.startswith("postgresql"):
        follows = database_url
    port = given.number("SURVEY_PORT", 8000, 1, 65535)
    settings: dict[str, object] = {
        "debug": given.flag("SURVEY_DEBUG", "0"),
        "database_url": database_url,
        "queue_url": _database(given, "QUEUE_URL", follows),
        "folder": folder,
        "reports_folder": given.path("SURVEY_REPORTS", folder / "reports"),
        "logos_folder": given.path("SURVEY_LOGOS", folder / "logos"),
        "evidence_folder": given.path("SURVEY_EVIDENCE", folder / "evidence"),
        "evidence_mb": given.number("SURVEY_EVIDENCE_MB", 500, 1, 1_000_000),
        "fonts_folder": given.path("SURVEY_FONTS", folder / "fonts"),
        "mail_folder": given.path("SURVEY_MAILS", folder / "mail"),
        "mail_server": given.text("MAIL_SERVER", ""),
        "mail_port": given.number("MAIL_PORT", 587, 1, 65535),
        "mail_sender": given.text("MAIL_SENDER", "qizhen@localhost"),
        "mail_tls": given.flag("MAIL_TLS", "1"),
        "mail_username": given.text("MAIL_USERNAME", ""),
        "mail_password": given.text("MAIL_PASSWORD", ""),
        "host": given.text("SURVEY_HOST", "127.0.0.1"),
        "port": port,
        "workers": given.number("SURVEY_WORKERS", 2, 1, 64),
        "base_url": _web_address(given, "SURVEY_BASE_URL", f"http://127.0.0.1:{port}"),
        "trusted_proxies": given.number("SURVEY_TRUSTED_PROXIES", 0, 0, 5),
        "issuer": _issuer(given, "SURVEY_ISSUER"),
        "accent": _accent(given, "SURVEY_ACCENT"),
        "certificate": _certificate(given, "SURVEY_CERTIFICATE", folder / "certificate.p12"),
        "certificate_password": given.text("SURVEY_CERTIFICATE_PASSWORD", ""),
        "report_workers": given.number("SURVEY_REPORT_WORKERS", 1, 1, 64),
        "report_cpu_seconds": given.number("SURVEY_REPORT_CPU_SECONDS", 60, 1, 3600),
        "report_wall_seconds": given.number("SURVEY_REPORT_WALL_SECONDS", 180, 1, 7200),
        "report_memory_mb": given.number("SURVEY_REPORT_MEMORY_MB", 1024, 64, 65536),
        "lease_seconds": given.number("SURVEY_LEASE_SECONDS", 60, 1, 3600),
        "sweep_seconds": given.number("SURVEY_SWEEP_SECONDS", 60, 1, 3600),
        "digest_hours": given.number("SURVEY_DIGEST_HOURS", 24, 1, 168),
        "saves_a_minute": given.number("SURVEY_SAVES_A_MINUTE", 600, 60, 1_000_000),
    }
    secret_key = _secret(given, "SECRET_KEY", folder / "secret")
    password_salt = _secret(given, "PASSWORD_SALT", folder / "salt")
    if given.faults:
        raise ConfigError(*given.faults)
    return Settings(
        secret_key=secret_key(),
        password_salt=password_salt(),
        **settings,  # type: ignore[arg-type]  # the keys and types are those listed above
    )


def _database(given: _Variables, name: str, default: str) -> str:
    """The address with its driver named: everybody writes plain postgresql://."""
    url = given.text(name, default)
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            url = "postgresql+psycopg://" + url.removeprefix(short)
    if urlsplit(url).scheme not in DATABASES:
        given.fault(
            f"请把{name}设为以sqlite:///或postgresql://开头的地址。",
            f"Set {name} to an address that begins with sqlite:/// or postgresql://.",
        )
    elif url.startswith("sqlite") and not re.match("sqlite:///+[^/]", url):
        given.fault(
            f"请在{name}中写明数据库文件的路径：sqlite:///后接文件路径。",
            f"Set {name} to sqlite:/// followed by the path of a file.",
        )
    elif ":memory:" in url:
        given.fault(
            f"请在{name}中写明数据库文件：内存中的数据库每次停机都会丢失。",
            f"Name a file in {name}: a database in memory is lost on every stop.",
        )
    return url


def _web_address(given: _Variables, name: str, default: str) -> str:
    url = given.text(name, default).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        given.fault(
            f"请把{name}设为网站的地址，例如https://example.org。",
            f"Set {name} to the address of the site, such as https://example.org.",
        )
    return url


def _issuer(given: _Variables, name: str) -> str:
    """Who hands the reports out; this is printed on each of them. Empty: the product's name."""
    issuer = given.text(name, "")
    if len(issuer) > LONGEST_ISSUER or not issuer.isprintable():
        given.fault(
            f"请在{name}中写明一行不超过{LONGEST_ISSUER}个字符的机构名称。",
            f"Set {name} to a name in one line of at most {LONGEST_ISSUER} characters.",
        )
    return issuer


def _accent(given: _Variables, name: str) -> str:
    accent = given.text(name, colour.ACCENT)
    if not colour.is_colour(accent):
        given.fault(
            f"请把{name}设为#rrggbb形式的颜色，例如{colour.ACCENT}。",
            f"Set {name} to a colour of the form #rrggbb, such as {colour.ACCENT}.",
        )
    elif not colour.is_dark_enough(accent):
        given.fault(
            f"请把{name}设为更深的颜色：白色文字在{accent}上无法看清。",
            f"Set {name} to a darker colour: white words cannot be read on {accent}.",
        )
    return accent.lower()


def _certificate(given: _Variables, name: str, default: Path) -> Path:
    """Only the default may be missing: it is made by ourselves on the first run."""
    path = given.path(name, default)
    if path != default and not path.is_file():
        given.fault(
            f"请使{name}指向一个PKCS#12文件，{path}不存在。",
            f"Point {name} to a PKCS#12 file: there is none at {path}.",
        )
    return path


def _secret(given: _Variables, name: str, path: Path) -> Callable[[], str]:
    """Where the secret comes from; read only after everything else has been found in order."""
    value = given.text(name, "")
    if value and len(value) < SHORTEST_SECRET:
        given.fault(
            f"请把{name}设为至少{SHORTEST_SECRET}个字符，或不设置。",
            f"Set {name} to at least {SHORTEST_SECRET} characters, or leave it out.",
        )
    return (lambda: value) if value else (lambda: _kept_secret(name, path))


def _kept_secret(name: str, path: Path) -> str:
    """Read the file, or make it for the owner's eyes only. Two first runs agree on one secret."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
            _publish(draft, path)
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            Text(
                zh=f"请使{path}可读写，或设置{name}。",
                en=f"Make {path} readable and writable, or set {name}.",
            )
        ) from None
    if len(secret) < SHORTEST_SECRET:
        raise ConfigError(
            Text(
                zh=f"{path}中没有可用的密钥，请删除该文件，或设置{name}。",
                en=f"Delete {path}, which holds no usable secret, or set {name}.",
            )
        )
    return secret


def _publish(draft: Path, path: Path) -> None:
    """Give the draft its name unless somebody was quicker: a link never overwrites."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
