"""A session at a mail server: who writes, whom to, and how the server is asked who that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors import scoped
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.mail.address import Mailbox, mailbox
from connectors.operation import Identity
from connectors.wire import Peer

NOT_ACCEPTED = "The mail server does not accept the secret of the account"


@dataclass(frozen=True)
class Session:
    """One account at one server; nothing is connected until something is asked or sent."""

    account: str
    scopes: frozenset[str]
    mailbox: Mailbox
    peer: Peer
    secret: str = field(repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """Raises Rejected for an address that is not understood, or a secret that is empty."""
    where = mailbox(credential.address)
    peer = Peer("the mail server", credential.account, secrets=(credential.secret,))
    if not credential.secret or "\x00" in credential.secret + credential.account:
        raise Rejected(
            f"{NOT_ACCEPTED} {credential.account}: it is empty or holds a zero byte.",
            next_step="Give the connection a secret.",
            is_secret_refused=True,
        )
    yield Session(credential.account, credential.scopes, where, peer, credential.secret)


def identify(session: Session) -> Identity:
    """The user name that the server lets in with the secret, often the mailbox itself:
    `desk@example.com`. It tells no environments apart.

    Raises Rejected where it lets nobody in, Unavailable where it cannot be asked.
    """
    from connectors.mail.submission import signed_in

    with signed_in(session):
        return Identity(session.account)
