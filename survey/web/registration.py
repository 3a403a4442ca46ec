"""A registration that waits for its address to be confirmed travels, sealed, in the letter.

Nothing is stored for an address that nobody has confirmed.
"""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken
from flask import render_template, url_for
from flask_security.forms import Form

from survey import i18n, mail
from survey.config import Settings
from survey.core.text import Locale

SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed who wants to register a firm, or to join one by an invitation."""

    firm_name: str
    name: str
    email: str
    password_hash: str
    locale: Locale
    invitation: str = ""
    """The secret part of the link, of whoever joins."""


class ConfirmForm(Form):
    """One button."""


def ask_to_confirm(settings: Settings, asked: Asked) -> None:
    """Write to the address. Raises MailNotSent."""
    token = _seal(settings).encrypt(json.dumps(asdict(asked)).encode()).decode()
    link = settings.base_url + url_for("account.confirm", token=token)
    body = render_template(
        "account/email/confirm.txt", name=asked.name, firm=asked.firm_name, link=link
    )
    subject = i18n.gettext("Qizhen: confirm your address")
    mail.send(settings, mail.Letter(asked.email, subject, body, asked.locale.html_lang))


def read(settings: Settings, token: str) -> Asked | None:
    """What was asked; None if the seal is broken or older than a day."""
    try:
        facts = json.loads(_seal(settings).decrypt(token.encode(), ttl=SECONDS))
    except InvalidToken:
        return None
    return Asked(**facts | {"locale": Locale(facts["locale"])})


def _seal(settings: Settings) -> Fernet:
    key = hashlib.blake2b(settings.secret_key.encode(), digest_size=32, person=b"register").digest()
    return Fernet(base64.urlsafe_b64encode(key))
