"""Letters: to the mail server, or as files where none is set; never silently nowhere."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from uuid import uuid4

from survey.config import Settings
from survey.core.errors import SurveyError

PATIENCE = 10
"""Seconds to wait for the mail server: a reader waits for the page meanwhile."""


class MailNotSent(SurveyError):
    """The mail server did not take a letter; nothing was changed."""

    code = "mail-not-sent"


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain words for one reader, in the reader's language."""

    to: str
    subject: str
    body: str
    language: str


def send(settings: Settings, letter: Letter) -> None:
    """Hand a letter to the mail server, or write it to the folder for mails if none is set.

    Raises MailNotSent if the mail server cannot be reached or refuses the letter.
    """
    message = _message(settings, letter)
    if not settings.mail_server:
        _keep(settings.mail_folder, message)
        return
    with _server(settings) as server:
        server.send_message(message)


def probe(settings: Settings) -> None:
    """Greet the mail server as if a letter followed.

    A page that writes only to addresses it knows calls this for the others: answer and
    duration would otherwise tell a stranger who has an account.

    Raises MailNotSent as `send` does.
    """
    if settings.mail_server:
        with _server(settings) as server:
            server.noop()


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = settings.mail_sender
    message["To"] = letter.to
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain="qizhen.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    message["Content-Language"] = letter.language  # setting the content drops such headers
    return message


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
    try:
        with smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=PATIENCE) as server:
            if settings.mail_tls:
                server.starttls()
            if settings.mail_username:
                server.login(settings.mail_username, settings.mail_password)
            yield server
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent from error


def _keep(folder: Path, message: EmailMessage) -> None:
    """Write a letter where the demonstration's reader finds it; it holds links, so 0700."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.eml"
    (folder / name).write_bytes(message.as_bytes())
