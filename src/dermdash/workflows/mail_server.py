"""The mail server of the settings: one message at a time, and what became of it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from enum import StrEnum
from pathlib import Path

from dermdash.errors import InvalidInput, MailServerAway
from dermdash.settings import Settings

_SECONDS = 30.0
_TAKEN, _FORWARDED, _CLOSING = 250, 251, 421


class MailOutcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    """The server took it."""
    FAILED = "failed"
    """The server refused it: it did not go out."""
    UNKNOWN = "unknown"
    """The connection broke while the server had it: it may have gone out."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a mail, and what the server said."""

    outcome: MailOutcome
    detail: str = ""


def mail_is_set_up(settings: Settings) -> bool:
    """Whether mail can be sent at all."""
    return bool(settings.smtp_host and settings.smtp_from)


class MailConnection:
    """An open connection to the mail server."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp = smtp
        self._sender = sender

    def send(self, to: str, subject: str, text: str) -> Sent:
        """Hand over one plain text mail. What the server says of an address goes without the address itself.

        Raises
        ------
        MailServerAway
            The connection is gone; this mail was not handed over.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].partition("@")[2])
        # Passes servers that know no more than ASCII.
        message.set_content(text, cte="quoted-printable")
        try:
            self._smtp.rset()
            refused = self._asked(to)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise MailServerAway(f"The mail server has ended the connection ({_said(error, to)}).") from None
        if refused is not None:
            return Sent(MailOutcome.FAILED, refused)
        try:
            code, answer = self._smtp.data(message.as_bytes(policy=SMTP))
        except smtplib.SMTPDataError as error:
            return Sent(MailOutcome.FAILED, _answer(error.smtp_code, error.smtp_error, to))
        except (smtplib.SMTPException, OSError) as error:
            return Sent(MailOutcome.UNKNOWN, _said(error, to))
        return Sent(MailOutcome.SENT) if code == _TAKEN else Sent(MailOutcome.FAILED, _answer(code, answer, to))

    def _asked(self, to: str) -> str | None:
        """What the server says against sending to an address; None where nothing."""
        asks: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: self._smtp.mail(parseaddr(self._sender)[1]),
            lambda: self._smtp.rcpt(to),
        )
        for ask in asks:
            code, answer = ask()
            if code == _CLOSING:
                raise smtplib.SMTPServerDisconnected(_answer(code, answer, to))
            if code not in (_TAKEN, _FORWARDED):
                return _answer(code, answer, to)
        return None


@contextmanager
def connected(settings: Settings) -> Iterator[MailConnection]:
    """Connect to the mail server of the settings.

    Raises
    ------
    InvalidInput
        No server or sender is set, or the file with the password cannot be read.
    MailServerAway
        It cannot be reached, its certificate is not trusted, or it does not let us in.
    """
    if not mail_is_set_up(settings):
        raise InvalidInput(
            "No mail server is set up: DERMDASH_SMTP_HOST and DERMDASH_SMTP_FROM say which (docs/settings.md)."
        )
    if "@" not in parseaddr(settings.smtp_from)[1]:
        raise InvalidInput(f"DERMDASH_SMTP_FROM is {settings.smtp_from!r}: expected Name <address>.")
    password = _password(settings)
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        smtp = _open(settings)
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerAway(f"The mail server {where} cannot be reached ({error}). Nothing was sent.") from None
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.smtp_user:
            smtp.login(settings.smtp_user, password)
    except (smtplib.SMTPException, OSError) as error:
        smtp.close()
        who = settings.smtp_user or "us"
        raise MailServerAway(f"The mail server {where} does not let {who} in ({_said(error, '')}).") from None
    try:
        yield MailConnection(smtp, settings.smtp_from)
    finally:
        _leave(smtp)


def _open(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
    smtp = smtplib.SMTP(host, port, timeout=_SECONDS)
    if settings.smtp_security == "starttls":
        smtp.starttls(context=ssl.create_default_context())
    return smtp


def _password(settings: Settings) -> str:
    if not settings.smtp_password_file:
        return ""
    try:
        return Path(settings.smtp_password_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The file of DERMDASH_SMTP_PASSWORD_FILE cannot be read ({error}).") from None


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()


def _answer(code: int, answer: bytes | str, address: str) -> str:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _without(f"{code} {said}", address)


def _said(error: Exception, address: str) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error, address)
    return _without(str(error) or type(error).__name__, address)


def _without(text: str, address: str) -> str:
    """Addresses are kept in one place alone, where they can be deleted."""
    return (text.replace(address, "the address") if address else text)[:300]
