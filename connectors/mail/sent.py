"""What was sent already: the provider's folder where there is one, else what this process sent.

SMTP itself cannot be asked. Where no folder is configured, a call whose answer was lost stays
unknown, and whoever asks is told so rather than that nothing was sent.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from threading import Lock

from connectors.mail import folder
from connectors.mail.message import Mail
from connectors.mail.session import Session

CONNECTIONS_MAX = 200  # remembered in one process; the one longest unused goes first
MAILS_MAX = 200  # remembered of one connection

_SENT: OrderedDict[tuple[str, int, str, str], deque[Mail]] = OrderedDict()
_LOCK = Lock()


def to(session: Session, recipients: tuple[str, ...]) -> tuple[Mail, ...]:
    """The mails to exactly these people, newest first, of the last days. Raises of the tree."""
    if session.mailbox.folder_server is not None:
        return folder.to(session, recipients)
    wanted = frozenset(recipients)
    return tuple(mail for mail in _remembered(session) if mail.recipients == wanted)


def marked(session: Session, mark: str) -> Mail | None:
    """The mail of that Message-ID. None proves nothing where `is_complete` is false."""
    if session.mailbox.folder_server is not None:
        return folder.marked(session, mark)
    return next((mail for mail in _remembered(session) if mail.id == mark), None)


def is_complete(session: Session) -> bool:
    """Whether a mail that is not found was not sent."""
    return session.mailbox.folder_server is not None


def remember(session: Session, mail: Mail) -> None:
    """The server has taken it."""
    with _LOCK:
        mails = _SENT.setdefault(_connection(session), deque(maxlen=MAILS_MAX))
        mails.appendleft(mail)
        _SENT.move_to_end(_connection(session))
        while len(_SENT) > CONNECTIONS_MAX:
            _SENT.popitem(last=False)


def forget() -> None:
    """As after a restart."""
    with _LOCK:
        _SENT.clear()


def _remembered(session: Session) -> tuple[Mail, ...]:
    with _LOCK:
        return tuple(_SENT.get(_connection(session), ()))


def _connection(session: Session) -> tuple[str, int, str, str]:
    server = session.mailbox.server
    return (server.host, server.port, session.account, session.mailbox.sender)
