"""A mail as bytes, and back: what is written is what is found again in the folder of sent mail."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses

from connectors.text import LINE_CHARACTERS_MAX, TEXT_CHARACTERS_MAX

READ_ADDRESSES_MAX = 50  # of the recipients of a mail that somebody sent by hand


@dataclass(frozen=True)
class Mail:
    """A mail as its reader sees it. `id` is its Message-ID; `recipients` are in lower case."""

    id: str
    recipients: frozenset[str]
    subject: str
    text: str

    def is_same(self, other: Mail) -> bool:
        """Whether it says the same to the same people."""
        return self._said() == other._said()

    def _said(self) -> tuple[frozenset[str], str, str]:
        return self.recipients, self.subject, self.text


def mark(key: str, sender: str) -> str:
    """The Message-ID of the mail that is sent under a key: the same however often it is sent, so
    that servers and readers that drop doubles drop it too."""
    digest = hashlib.sha256(f"{sender}\n{key}".encode()).hexdigest()[:40]
    return f"<assent.{digest}@{sender.rpartition('@')[2]}>"


def canonical(text: str) -> str:
    """A text without the line breaks at its end, which no mail keeps."""
    return text.rstrip("\n")


def written(sender: str, recipients: tuple[str, ...], mail: Mail, now: datetime) -> bytes:
    """RFC 5322 with CRLF. Header fields take no line break: the policy refuses one."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = sender, ", ".join(recipients)
    message["Subject"], message["Message-ID"] = mail.subject, mail.id
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers it
    message.set_content(mail.text, cte="quoted-printable")
    return message.as_bytes()


def read(data: bytes) -> Mail:
    """A mail of the folder, whoever wrote it: bounded, and what is hidden in it removed."""
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    fields = [str(v) for name in ("to", "cc", "bcc") for v in message.get_all(name, [])]
    found = [address.lower() for _, address in getaddresses(fields)[:READ_ADDRESSES_MAX]]
    return Mail(
        id=str(message.get("message-id", "")).strip()[:LINE_CHARACTERS_MAX],
        recipients=frozenset(found),
        subject=_visible(str(message.get("subject", "")), "")[:LINE_CHARACTERS_MAX],
        text=canonical(_visible(_plain(message), "\n\t")[:TEXT_CHARACTERS_MAX]),
    )


def _plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    if body is None:
        return ""
    try:
        content = body.get_content()
    except (LookupError, ValueError):  # a character set that nobody knows
        return ""
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""


def _visible(text: str, kept: str) -> str:
    return "".join(c for c in text if c in kept or unicodedata.category(c) not in ("Cc", "Cs"))
