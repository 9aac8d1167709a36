"""How a session is opened: every one through here, whoever's connector it is.

The connection of a bundle says whose account it is and of which environment; here the system says
it itself, and only where both agree is there a session. A sandbox's name on a production account
opens nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.operation import Connector, Identity
from connectors.saying import safe

IDENTITY_SECONDS = 600.0  # for so long an account is taken to be who it was
IDENTITIES_MAX = 500  # remembered in one process; the oldest goes first


class OtherIdentityError(Rejected):
    """The system says that the secret is another account's, or of another environment."""


@contextmanager
def opened(connector: Connector, credential: Credential) -> Iterator[Any]:
    """A session of an account that is who its connection says, in the environment that it says.

    Raises Rejected where the credential has expired, OtherIdentityError where the system knows the
    account as another one; else what the connector raises.
    """
    _refuse_expired(credential, datetime.now(UTC))
    try:
        with connector.open(credential) as session:
            check(identified(connector, credential, session), connector.name, credential)
            yield session
    except Rejected as refused:
        if refused.is_secret_refused:
            _IDENTITIES.forget(connector, credential)
        raise


def identified(connector: Connector, credential: Credential, session: Any) -> Identity:
    """Who a session is; the system is asked once in ten minutes for the same secret."""
    known = _IDENTITIES.get(connector, credential)
    if known is None:
        known = connector.identify(session)
        _IDENTITIES.keep(connector, credential, known)
    return known


def check(identity: Identity, system: str, credential: Credential) -> None:
    """Raises OtherIdentityError unless account and environment are those of the credential."""
    said, declared = safe(identity.account), safe(credential.account)
    if identity.account != credential.account:
        raise OtherIdentityError(
            f"The secret of the account {declared} at {system} is not its own: the system"
            f" says that it is {said}.",
            next_step="Give the connection its own secret, or name that account if it is meant.",
        )
    if identity.environment not in (None, credential.environment):
        raise OtherIdentityError(
            f"The account {declared} at {system} is of the {identity.environment}"
            f" environment, as the system says; its connection says {credential.environment}.",
            next_step="Use an account of this environment.",
        )


def forget_identities() -> None:
    """Every account is asked anew who it is."""
    _IDENTITIES.clear()


def _refuse_expired(credential: Credential, now: datetime) -> None:
    if credential.expires_at is not None and credential.expires_at <= now:
        raise Rejected(
            f"The credential of the account {safe(credential.account)} has expired.",
            next_step="Issue a new one.",
        )


@dataclass(frozen=True)
class _Known:
    identity: Identity
    until: float  # on the clock of time.monotonic


class _Identities:
    """What systems said of accounts, bounded in time and number; no secret is kept."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], _Known] = {}
        self._lock = Lock()

    def get(self, connector: Connector, credential: Credential) -> Identity | None:
        with self._lock:
            known = self._known.get(_key(connector, credential))
        return known.identity if known and known.until > time.monotonic() else None

    def keep(self, connector: Connector, credential: Credential, identity: Identity) -> None:
        with self._lock:
            key = _key(connector, credential)
            self._known.pop(key, None)
            self._known[key] = _Known(identity, time.monotonic() + IDENTITY_SECONDS)
            while len(self._known) > IDENTITIES_MAX:
                del self._known[next(iter(self._known))]

    def forget(self, connector: Connector, credential: Credential) -> None:
        with self._lock:
            self._known.pop(_key(connector, credential), None)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


def _key(connector: Connector, credential: Credential) -> tuple[str, ...]:
    digest = hashlib.sha256(credential.secret.encode()).hexdigest()
    return (connector.name, credential.address, credential.account, digest)


_IDENTITIES = _Identities()
