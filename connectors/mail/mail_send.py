"""`mail.send`: a mail of plain text to one to five people whom the connection lists.

Its Message-ID is made from the key: that is how a mail is found again whose answer was lost, in the
folder where the provider keeps what it accepted. Without such a folder the outcome stays unknown
and a person looks. A mail that was accepted cannot be called back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated

from pydantic import AfterValidator

from connectors.errors import Conflict, Rejected
from connectors.mail import sent
from connectors.mail.message import Mail, canonical, mark, written
from connectors.mail.recipients import Recipients, split
from connectors.mail.session import Session
from connectors.mail.submission import submit
from connectors.operation import (
    Guard,
    Irreversible,
    Operation,
    Params,
    Result,
    Snapshot,
    Value,
)
from connectors.text import Line, Text

READ_SCOPES = frozenset({"mail:read"})
SCOPES = READ_SCOPES | {"mail:write"}
FOLDER_LAG_SECONDS = 10.0  # providers show what they accepted within seconds
NO_MAIL = "none"
WHY = "a mail that the server has accepted cannot be called back"


def check_subject(value: str) -> str:
    """A subject that every reader's program shows as it stands here."""
    if "=?" in value:
        raise ValueError("holds `=?`, by which mail programs show something else; remove it")
    return " ".join(value.split())


class MailParams(Params):
    """Whom to write to, and what."""

    to: Recipients
    subject: Annotated[Line, AfterValidator(check_subject)]
    text: Text


def read(session: Session, params: MailParams) -> Snapshot:
    """What these people were sent from this mailbox, last and how often."""
    session.require(READ_SCOPES)
    recipients = split(params.to)
    mails = sent.to(session, recipients)
    last = mails[0] if mails else Mail(NO_MAIL, frozenset(), "", "")
    return Snapshot(
        system="Mail",
        resource=f"mail to {params.to}",
        version=_version(last),
        fields={"mails": len(mails), "last_subject": last.subject, "last_text": last.text},
        about={
            "from": session.mailbox.sender,
            "to": list(recipients),
            "not_allowed": list(session.mailbox.refused(recipients)),
            "known_from": (
                f"the folder {session.mailbox.folder}, the last 30 days"
                if sent.is_complete(session)
                else "what was sent since Assent started"
            ),
            "bounces": f"whether it is delivered, only a bounce to {session.mailbox.sender} tells",
        },
    )


def preview(params: MailParams, before: Snapshot) -> Mapping[str, Value]:
    """One mail more. Rejected for people outside the list, and for the same mail twice running."""
    if refused := before.about["not_allowed"]:
        raise Rejected(
            f"The connection of {before.about['from']} may not write to {', '.join(refused)}.",
            next_step="Choose other recipients, or have them added to the connection's address.",
        )
    last = {"last_subject": params.subject, "last_text": canonical(params.text)}
    if all(before.fields[name] == value for name, value in last.items()):
        raise Rejected(
            f"The last mail to {params.to} said exactly this.",
            next_step="Nothing was sent; change its words if it is meant to be sent again.",
        )
    after = {"mails": before.fields["mails"] + 1, **last}
    return {name: value for name, value in after.items() if before.fields[name] != value}


def facts(params: MailParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    recipients = split(params.to)
    return {
        "mail.from": before.about["from"],
        "mail.to": list(recipients),
        "mail.domains": sorted({r.rpartition("@")[2] for r in recipients}),
        "mail.recipients": len(recipients),
        "mail.characters": len(params.text),
        "mail.earlier": before.fields["mails"],
    }


def execute(session: Session, params: MailParams, before: Snapshot, key: str) -> Result:
    """Sends it, unless it was sent under this key."""
    session.require(SCOPES)
    mail = _mail(session, params, key)
    with _alone(session):
        if earlier := _earlier(session, mail):
            return earlier
        live = read(session, params)
        if live.version != before.version:
            raise Conflict(
                f"Somebody wrote to {params.to} since this was looked at.",
                next_step="Nothing was sent; look at what they were sent.",
            )
        preview(params, live)
        recipients = split(params.to)
        submit(session, recipients, written(session.mailbox.sender, recipients, mail, _now()))
        sent.remember(session, mail)
    return Result(mail.id, _version(mail))


def lookup(session: Session, params: MailParams, key: str) -> Result | None:
    """The mail of this key in the folder. Rejected where there is none to look into."""
    session.require(READ_SCOPES)
    earlier = _earlier(session, _mail(session, params, key))
    if earlier is None and not sent.is_complete(session):
        raise Rejected(
            "Whether the mail was sent cannot be found out: SMTP does not tell, and the connection"
            " names no folder of sent mail.",
            next_step=f"Ask {params.to}, or look into the mailbox of {session.mailbox.sender}.",
        )
    return earlier


def undo(_params: MailParams, _now: Snapshot) -> Irreversible:
    """Never."""
    return Irreversible(WHY)


def compensate(
    session: Session, params: MailParams, _before: Snapshot, _result: Result, _key: str
) -> Result:
    """Always Rejected."""
    session.require(SCOPES)
    raise Rejected(
        f"The mail to {params.to} stays: {WHY}.", next_step="Write to them again to correct it."
    )


def _mail(session: Session, params: MailParams, key: str) -> Mail:
    return Mail(
        id=mark(key, session.mailbox.sender),
        recipients=frozenset(split(params.to)),
        subject=params.subject,
        text=canonical(params.text),
    )


def _earlier(session: Session, mail: Mail) -> Result | None:
    found = sent.marked(session, mail.id)
    if found is None:
        return None
    if not found.is_same(mail):
        raise Rejected(
            "This key was used for another mail.",
            next_step="Nothing was sent; a new intent needs a new key.",
        )
    return Result(found.id, _version(found), is_replay=True)


def _version(mail: Mail) -> str:
    return hashlib.sha256(mail.id.encode()).hexdigest()[:16] if mail.id != NO_MAIL else NO_MAIL


def _now() -> datetime:
    return datetime.now(UTC)


_LOCKS = tuple(Lock() for _ in range(64))


def _alone(session: Session) -> Lock:
    """One mail at a time from a mailbox: SMTP compares nothing, so we read just before."""
    return _LOCKS[hash((session.mailbox.server.host, session.mailbox.sender)) % len(_LOCKS)]


OPERATION = Operation(
    name="mail.send",
    title="Send a mail",
    system="Mail",
    params=MailParams,
    scopes=SCOPES,
    fact_types={
        "mail.from": "string",
        "mail.to": "list<string>",
        "mail.domains": "list<string>",
        "mail.recipients": "int",
        "mail.characters": "int",
        "mail.earlier": "int",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "the last mail to the same people"),
    remembers="mark",
    lag_seconds=FOLDER_LAG_SECONDS,
)
