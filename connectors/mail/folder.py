"""The provider's folder of sent mail, over IMAP (RFC 3501), opened to be read only."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from connectors.errors import ConnectorError, Rejected, Unavailable
from connectors.mail import oauth
from connectors.mail.message import Mail, read
from connectors.mail.session import NOT_ACCEPTED, Session
from connectors.wire import CONNECT_SECONDS, NOTHING_WRITTEN, READ_SECONDS

DAYS = 30  # that are looked back
MAILS_MAX = 50  # newest ones to a recipient that are looked at
MAIL_BYTES_MAX = 65_536  # of one mail that are read; ours have some kilobytes
LITERAL_BYTES_MAX = 2 * MAIL_BYTES_MAX  # servers that count line ends otherwise

# RFC 5530's words for "not now".
_LATER = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA", "THROTTLED")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UIDS = re.compile(rb"[0-9]{1,10}( [0-9]{1,10})*")
_CODE = re.compile(r"\[([A-Z]+)")

_HEADERS = f"(UID BODY.PEEK[HEADER]<0.{MAIL_BYTES_MAX}>)"
_WHOLE = f"(UID BODY.PEEK[]<0.{MAIL_BYTES_MAX}>)"


def to(session: Session, recipients: tuple[str, ...]) -> tuple[Mail, ...]:
    """The mails of the last days to exactly these people, newest first; the text is read of the
    newest alone."""
    since = _day(datetime.now(UTC) - timedelta(days=DAYS))
    with _opened(session) as server:
        uids = _search(session, server, "SINCE", since, "TO", f'"{recipients[0]}"')[-MAILS_MAX:]
        found = [
            uid
            for uid, mail in _fetch(session, server, uids, _HEADERS)
            if mail.recipients == frozenset(recipients)
        ]
        newest = _fetch(session, server, found[-1:], _WHOLE)
        older = _fetch(session, server, found[:-1], _HEADERS)
    return tuple(mail for _, mail in reversed([*older, *newest]))


def marked(session: Session, mark: str) -> Mail | None:
    """The mail of that Message-ID, whenever it was sent."""
    with _opened(session) as server:
        uids = _search(session, server, "HEADER", "MESSAGE-ID", f'"{mark}"')
        found = _fetch(session, server, uids[-1:], _WHOLE)
    return next((mail for _, mail in found if mail.id == mark), None)


class _Bounded(imaplib.IMAP4):
    """Takes no literal that is larger than what is asked for here."""

    def read(self, size: int) -> bytes:
        """A literal. Raises abort."""
        if size > LITERAL_BYTES_MAX:
            raise imaplib.IMAP4.abort("a literal is too large")
        return super().read(size)


class _Encrypted(_Bounded, imaplib.IMAP4_SSL):
    """The same over TLS."""


@contextmanager
def _opened(session: Session) -> Iterator[imaplib.IMAP4]:
    """The folder, read-only. Raises of the tree."""
    try:
        server = _connect(session)
        try:
            _sign_in(session, server)
            _taken(session, server.select(_quoted(session.mailbox.folder), readonly=True), "open")
            yield server
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                server.shutdown()
    except ConnectorError:
        raise
    except (OSError, ValueError, imaplib.IMAP4.abort) as error:
        raise Unavailable(
            f"The folder of sent mail cannot be reached ({type(error).__name__}).",
            next_step=f"{NOTHING_WRITTEN}; ask again later.",
        ) from None
    except imaplib.IMAP4.error as error:
        raise _refused(session, str(error)) from None


def _connect(session: Session) -> imaplib.IMAP4:
    place = session.mailbox.folder_server
    assert place is not None
    server: imaplib.IMAP4
    if place.is_tls_at_once:
        context = ssl.create_default_context()
        server = _Encrypted(place.host, place.port, ssl_context=context, timeout=CONNECT_SECONDS)
    else:
        server = _Bounded(place.host, place.port, timeout=CONNECT_SECONDS)
        # a sign-in leaves in two parts, and the second would wait for an acknowledgement
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if place.must_be_private:
            if "STARTTLS" not in server.capabilities:
                raise Rejected(
                    f"The mail server {place.host} offers no encryption.",
                    next_step="Use a server with TLS, or one on this machine.",
                )
            server.starttls(ssl.create_default_context())
    server.sock.settimeout(READ_SECONDS)
    return server


def _sign_in(session: Session, server: imaplib.IMAP4) -> None:
    """By a token where the connection has a client; else by PLAIN, in UTF-8, or by LOGIN. A refusal
    that says no other reason is the secret's."""
    client = session.mailbox.client
    try:
        if client is not None:
            signature = oauth.signature(session, client).encode()
            server.authenticate("XOAUTH2", lambda asked: b"" if asked else signature)
        elif "AUTH=PLAIN" in server.capabilities:
            both = f"\0{session.account}\0{session.secret}".encode()
            server.authenticate("PLAIN", lambda _: both)
        else:
            server.login(session.account, session.secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if _code(str(error)) in _LATER:
            raise
        if client is not None:
            oauth.forget(session, client)
        raise Rejected(
            f"{NOT_ACCEPTED} {session.account}{session.peer.says(error)}.",
            next_step="Check the account and its secret; the folder of sent mail needs it too.",
            is_secret_refused=True,
        ) from None


def _search(session: Session, server: imaplib.IMAP4, *criteria: str) -> list[bytes]:
    answer = _taken(session, server.uid("SEARCH", *criteria), "search")
    line = answer[0] if answer and isinstance(answer[0], bytes) else b""
    if line and not _UIDS.fullmatch(line):
        raise imaplib.IMAP4.abort("a search's answer is malformed")
    return sorted(line.split(), key=int)


def _fetch(
    session: Session, server: imaplib.IMAP4, uids: list[bytes], what: str
) -> list[tuple[bytes, Mail]]:
    """The mails with their numbers, oldest first."""
    if not uids:
        return []
    asked = b",".join(uids).decode()
    answer = _taken(session, server.uid("FETCH", asked, what), "read")
    found: dict[bytes, Mail] = {}
    for part in answer:
        if isinstance(part, tuple) and (number := re.search(rb"UID (\d+)", part[0])):
            found[number[1]] = read(part[1][:MAIL_BYTES_MAX])
    return [(uid, found[uid]) for uid in uids if uid in found]


def _taken(session: Session, answer: tuple[str, Sequence[object]], what: str) -> Sequence[object]:
    status, data = answer
    if status != "OK":
        said = data[0].decode("utf-8", "replace") if data and isinstance(data[0], bytes) else ""
        raise _refused(session, said, what)
    return data


def _refused(session: Session, said: str, what: str = "open") -> Rejected | Unavailable:
    if _code(said) in _LATER:
        return Unavailable(
            f"The folder of sent mail cannot be read at the moment{session.peer.says(said)}.",
            next_step=f"{NOTHING_WRITTEN}; ask again later.",
        )
    return Rejected(
        f"The mail server does not let the account {session.account} {what} the folder"
        f" {session.mailbox.folder}{session.peer.says(said)}.",
        next_step="Check the folder's name, and that the account may read it.",
    )


def _code(said: str) -> str:
    found = _CODE.search(said)
    return found[1] if found else ""


def _day(moment: datetime) -> str:
    """As IMAP writes it, in English whatever the locale."""
    return f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year}"


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
