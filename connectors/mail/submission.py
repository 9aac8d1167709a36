"""One conversation with a submission server: privately, signed in, everybody or nobody.

Replies are RFC 5321's, their meaning by RFC 3463. What was sent is unknown only between the end of
the text and the server's answer to it (RFC 1047); before, nothing was sent.
"""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from connectors.errors import ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.mail import oauth
from connectors.mail.address import Client
from connectors.mail.session import NOT_ACCEPTED, Session
from connectors.wire import CONNECT_SECONDS, NOTHING_WRITTEN, READ_SECONDS, was_never_sent

# RFC 5321, section 4.5.3.2.6 gives the server ten minutes to answer a text; those of a few
# kilobytes are answered within seconds, and a person waits.
TEXT_ANSWER_SECONDS = 60.0
RETRY_SECONDS = 300.0  # what grey-listing servers ask for at most (RFC 6647, section 5)
EHLO_NAME = "[127.0.0.1]"  # an address literal; the machine's own name is nobody's concern


def submit(session: Session, recipients: tuple[str, ...], message: bytes) -> None:
    """The server has taken the message for every recipient: whether it is delivered, a bounce to
    the sender tells. Raises of the tree; where one recipient is refused, nobody gets it."""
    with signed_in(session) as server:
        _check_size(server, len(message))
        _expect(session, server.docmd("MAIL", f"FROM:<{session.mailbox.sender}>"), "the sender")
        for recipient in recipients:
            _expect(session, server.docmd("RCPT", f"TO:<{recipient}>"), recipient)
        _expect(session, server.docmd("DATA"), "the text", wanted=354)
        _send_text(session, server, message)


@contextmanager
def signed_in(session: Session) -> Iterator[smtplib.SMTP]:
    """A connection that the account is signed in at. Raises of the tree; inside it, a line that
    breaks means that nothing was sent."""
    try:
        server = _connect(session)
        try:
            _sign_in(session, server)
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.close()
    except ConnectorError:
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise _away(session, error) from None


def _connect(session: Session) -> smtplib.SMTP:
    place = session.mailbox.server
    where = (place.host, place.port, EHLO_NAME)
    if place.is_tls_at_once:
        secure = smtplib.SMTP_SSL(
            *where, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
        )
        _greeted(session, secure)
        return secure
    server = smtplib.SMTP(*where, timeout=CONNECT_SECONDS)
    _greeted(session, server)
    if place.must_be_private:
        if not server.has_extn("starttls"):
            raise Rejected(
                f"The mail server {place.host} offers no encryption.",
                next_step=f"{NOTHING_WRITTEN}; use a server with TLS, or one on this machine.",
            )
        _expect(session, server.starttls(context=ssl.create_default_context()), "encryption")
        _expect(session, server.ehlo(), "the greeting")
    return server


def _greeted(session: Session, server: smtplib.SMTP) -> None:
    assert server.sock is not None
    server.sock.settimeout(READ_SECONDS)
    _expect(session, server.ehlo(), "the greeting")


def _sign_in(session: Session, server: smtplib.SMTP) -> None:
    """By a token where the connection has a client; else by PLAIN or LOGIN, in UTF-8."""
    offered = server.esmtp_features.get("auth", "").upper().split()
    if client := session.mailbox.client:
        answer = _by_token(session, client, server)
    elif "PLAIN" in offered:
        both = _b64(f"\0{session.account}\0{session.secret}")
        answer = server.docmd("AUTH", f"PLAIN {both}")
    elif "LOGIN" in offered:
        answer = server.docmd("AUTH", f"LOGIN {_b64(session.account)}")
        if answer[0] == 334:
            answer = server.docmd(_b64(session.secret))
    else:
        raise Rejected(
            "The mail server offers no way to sign in by PLAIN or LOGIN.",
            next_step=f"{NOTHING_WRITTEN}; use its submission port, mostly 465 or 587.",
        )
    _expect(session, answer, "the sign-in", is_sign_in=True)


def _by_token(session: Session, client: Client, server: smtplib.SMTP) -> tuple[int, bytes]:
    answer = server.docmd("AUTH", f"XOAUTH2 {_b64(oauth.signature(session, client))}")
    if answer[0] == 334:  # why not, as JSON; an empty line asks for the refusal itself
        answer = server.docmd("")
    if answer[0] != 235:
        oauth.forget(session, client)
    return answer


def _check_size(server: smtplib.SMTP, size_bytes: int) -> None:
    said = server.esmtp_features.get("size", "").strip()
    if said.isdigit() and 0 < int(said) < size_bytes:
        raise Rejected(
            f"The mail has {size_bytes} bytes; the mail server takes {int(said)} at most.",
            next_step=f"{NOTHING_WRITTEN}; write less.",
        )


def _send_text(session: Session, server: smtplib.SMTP, message: bytes) -> None:
    """From here on a line that breaks leaves open whether it was sent."""
    text = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in _lines(message))
    assert server.sock is not None
    server.sock.settimeout(TEXT_ANSWER_SECONDS)
    try:
        server.sock.sendall(text + b"\r\n.\r\n")
        answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(
            f"The mail server gave no answer to the text ({type(error).__name__}): whether the"
            " mail was sent is not known.",
            next_step=f"Look into the folder of sent mail of {session.mailbox.sender}.",
        ) from None
    _expect(session, answer, "the text")


def _lines(message: bytes) -> list[bytes]:
    return message.removesuffix(b"\r\n").split(b"\r\n")


def _expect(
    session: Session,
    answer: tuple[int, bytes],
    subject: str,
    *,
    wanted: int = 0,
    is_sign_in: bool = False,
) -> None:
    """Raises for any reply but the wanted one, 2xx where none is named. Nothing was sent then."""
    code, text = answer
    if code == wanted or (not wanted and 200 <= code < 300):
        return
    said = session.peer.says(text.decode("utf-8", "replace"))
    if 400 <= code < 500:
        raise Unavailable(
            f"The mail server takes {subject} only later ({code}){said}.",
            next_step=f"{NOTHING_WRITTEN}; it will be tried again.",
            retry_after_seconds=RETRY_SECONDS,
        )
    if is_sign_in:
        raise Rejected(
            f"{NOT_ACCEPTED} {session.account}{said}.",
            next_step=f"{NOTHING_WRITTEN}; check the account and its secret.",
            is_secret_refused=True,
        )
    if code <= 0:
        raise Unavailable(
            "The mail server does not speak SMTP.",
            next_step=f"{NOTHING_WRITTEN}; check the connection's address.",
        )
    raise Rejected(
        f"The mail server refuses {subject} ({code}){said}.",
        next_step=f"{NOTHING_WRITTEN}, to nobody; check the recipients and the account's rights.",
    )


def _away(session: Session, error: Exception) -> ConnectorError:
    if isinstance(error, smtplib.SMTPResponseException):  # refused before any greeting
        message = error.smtp_error
        text = message if isinstance(message, bytes) else str(message).encode()
        try:
            _expect(session, (error.smtp_code, text), "connections")
        except ConnectorError as meant:
            return meant
    how = "cannot be reached" if was_never_sent(error) else "broke off"
    return Unavailable(
        f"The mail server {session.mailbox.server.host} {how} ({type(error).__name__}).",
        next_step=f"{NOTHING_WRITTEN}; ask again later.",
    )


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
