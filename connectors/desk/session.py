"""A session at the desk: one service account, one connection that the database itself limits."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from connectors import opening, scoped
from connectors.credentials import Credential, Environment
from connectors.desk import faults
from connectors.desk.access import Grant, grant
from connectors.desk.engines import GATE, check_is_there, limited_engine
from connectors.desk.tables import accounts
from connectors.errors import Rejected, Unavailable
from connectors.operation import Identity

# What SQLite says when the authorizer or the read-only file refuses.
REFUSALS = ("not authorized", "authorization denied", "prohibited", "readonly")
ACCOUNT_CHARACTERS_SHOWN = 64  # of an account name in a message

_ACCOUNT = select(accounts).where(accounts.c.name == bindparam("account"))


def utc_now() -> datetime:
    """The desk's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Session:
    """What an operation gets. `scopes` are those that account and credential both hold, `granted`
    all that the account holds."""

    account: str
    environment: Environment
    granted: frozenset[str]
    scopes: frozenset[str]
    address: str
    connection: Connection
    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    @contextmanager
    def reading(
        self, operation: str, call: faults.Call, scopes: frozenset[str]
    ) -> Iterator[Connection]:
        """One consistent moment of the desk. Raises of the tree."""
        self.require(scopes)
        with translated(self.account):
            self._suffer(operation, call)
            with self.connection.begin():
                yield self.connection

    @contextmanager
    def writing(
        self, operation: str, call: faults.Call, scopes: frozenset[str]
    ) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start. Raises of the tree.

        Anything raised inside rolls it back. Once the commit was sent, a failure is OutcomeUnknown.
        """
        self.require(scopes)
        with translated(self.account):
            fault = self._suffer(operation, call)
            transaction = self.connection.execution_options(is_writing=True).begin()
            try:
                yield self.connection
            except BaseException:
                transaction.rollback()
                raise
            check_is_there(self.address)
            try:
                transaction.commit()
            except DBAPIError as error:
                raise faults.unknown(operation) from error
        if fault is not None and fault.kind == "time_out_after_write":
            raise faults.unknown(operation)

    def _suffer(self, operation: str, call: faults.Call) -> faults.Fault | None:
        check_is_there(self.address)
        self.connection.execution_options(is_writing=False)
        fault = faults.strike(self.connection, self.address, operation, call)
        faults.suffer(fault, operation, call, self.account, self.sleep)
        return fault


@contextmanager
def open_session(
    credential: Credential,
    now: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    engines: Callable[[str, Grant], Engine] = limited_engine,
) -> Iterator[Session]:
    """A session limited to the credential's scopes, by the desk's clock.

    Raises Rejected for an expired credential, an unknown account, a wrong secret or environment;
    Unavailable when the database is not there.
    """
    if credential.expires_at is not None and credential.expires_at <= now():
        raise Rejected(
            f"The credential of account {_shown(credential.account)} has expired.",
            next_step="Issue a new one.",
        )
    gate = engines(credential.address, GATE)
    granted = _granted_scopes(gate, credential)
    scopes = granted & credential.scopes
    engine = engines(credential.address, grant(scopes))
    with _connected(engine, credential) as connection:
        yield Session(
            account=credential.account,
            environment=credential.environment,  # the desk's own: another is refused above
            granted=granted,
            scopes=scopes,
            address=credential.address,
            connection=connection,
            now=now,
            sleep=sleep,
        )


def identify(session: Session) -> Identity:
    """The account as the desk knows it."""
    return Identity(session.account, session.environment, session.granted)


def secret_sha256(secret: str) -> str:
    """What the desk stores of a secret. Secrets are random, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


@contextmanager
def translated(account: str) -> Iterator[None]:
    """Turns the database's errors into the tree's. Messages carry no statement and no value."""
    try:
        yield
    except IntegrityError as error:
        raise Rejected(
            "The orders desk's own rules refuse these values.",
            next_step="Nothing was written; check the amounts and the record.",
        ) from error
    except DBAPIError as error:
        reason = str(error.orig)
        if any(words in reason for words in REFUSALS):
            raise Rejected(
                f"The orders desk's database refuses this to account {_shown(account)}: {reason}.",
                next_step="Nothing was written; the account's scopes do not cover it.",
            ) from error
        raise Unavailable(
            f"The orders desk's database does not work: {reason}.",
            next_step="Nothing was written; ask again later.",
        ) from error


@contextmanager
def _connected(engine: Engine, credential: Credential) -> Iterator[Connection]:
    check_is_there(credential.address)
    with translated(credential.account):
        connection = engine.connect()
    try:
        yield connection
    finally:
        connection.close()


def _granted_scopes(gate: Engine, credential: Credential) -> frozenset[str]:
    """The account's scopes after its secret was checked. One message, so that names do not leak."""
    with _connected(gate, credential) as connection, translated(credential.account):
        row = connection.execute(_ACCOUNT, {"account": credential.account}).one_or_none()
    stored = row.secret_sha256 if row is not None else ""
    is_known = hmac.compare_digest(stored, secret_sha256(credential.secret))
    shown = _shown(credential.account)
    if row is None or not is_known or not row.is_enabled:
        raise Rejected(
            f"The orders desk does not accept account {shown} with this secret.",
            next_step="Check the account's name and secret, or rotate the secret.",
            is_secret_refused=True,
        )
    opening.check(Identity(credential.account, row.environment), "the orders desk", credential)
    return frozenset(row.scopes.split())


def _shown(account: str) -> str:
    return ascii(account[:ACCOUNT_CHARACTERS_SHOWN])[1:-1]
