"""Mail as a world for the conformance suite: aiosmtpd, and our own folder of sent mail."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from connectors.conformance.world import FaultedCall, FaultKind, Sample, World
from connectors.credentials import Credential
from connectors.mail.mail_send import READ_SCOPES, SCOPES
from connectors.mail.message import Mail, written
from connectors.mail.standin import Post, started

ACCOUNT, SENDER, SECRET = "desk@assent.example", "desk@assent.example", "pässword for mail"
AGREED = ("ap@acme.example", "boss@acme.example")
POSTS_MAX = 16  # open at once in a process; the oldest are closed
POSTS: dict[str, Post] = {}


def fresh(_folder: Path) -> str:
    """A mailbox that has written to one person before."""
    post = started(Post(ACCOUNT, SECRET))
    post.mails.append(_by_hand(("dana@globex.example",), "Your order", "It is on its way."))
    while len(POSTS) >= POSTS_MAX:
        POSTS.pop(next(iter(POSTS))).unplug()
    address = (
        f"smtp://127.0.0.1:{post.smtp_port}?from={SENDER}&to=acme.example&to=dana@globex.example"
        f"&imap=imap://127.0.0.1:{post.imap_port}/Sent"
    )
    POSTS[address] = post
    return address


def writer(address: str, _operation: str) -> Credential:
    """May send."""
    return Credential(ACCOUNT, "sandbox", SCOPES, address, SECRET)


def reader(address: str) -> Credential:
    """May look into the folder."""
    return Credential(ACCOUNT, "sandbox", READ_SCOPES, address, SECRET)


def arm(address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next such call suffers."""
    POSTS[address].arm(kind, call)


def fingerprint(address: str) -> str:
    """Over every mail."""
    return hashlib.sha256(b"\0".join(POSTS[address].mails)).hexdigest()


def unplug(address: str) -> None:
    """Nobody listens any more."""
    POSTS[address].unplug()


def disturb(address: str, _operation: str) -> None:
    """A colleague writes to the same people by hand."""
    POSTS[address].mails.append(_by_hand(AGREED, "By hand", "We called you."))


def _by_hand(recipients: tuple[str, ...], subject: str, text: str) -> bytes:
    mail = Mail(f"<by-hand-{len(subject)}@assent.example>", frozenset(recipients), subject, text)
    return written(SENDER, recipients, mail, datetime(2026, 11, 12, 9, tzinfo=UTC))


_sample = {
    "to": "ap@acme.example, boss@acme.example",
    "subject": "Order 1043: Rückzahlung 40,00 €",
    "text": "Hello,\n\n.we refund $40.00 — 返金します.\n\nFrom us\n",
}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=unplug,
    samples={
        "mail.send": Sample(
            params=_sample,
            other={**_sample, "subject": "Order 1043: one thing more"},
            refused=(
                {**_sample, "to": "ap@acme.example, mallory@evil.example"},
                {**_sample, "to": "someone@globex.example"},
                {
                    "to": "dana@globex.example",
                    "subject": "Your order",
                    "text": "It is on its way.",
                },
            ),
            final=_sample,
        ),
    },
    searches={},
    counterpart="aiosmtpd 1.4.6, and our own stand-in for the folder of sent mail",
    disturb=disturb,
    says_environment=False,
)
