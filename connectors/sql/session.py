"""A session at a database: one account, one connection, that the database itself limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from connectors import scoped
from connectors.credentials import Credential, Environment
from connectors.errors import OutcomeUnknown, Rejected
from connectors.operation import Identity
from connectors.saying import safe
from connectors.sql import postgresql, sqlite
from connectors.sql.declaration import Database
from connectors.sql.failures import Speaker, translated

# The database's own setting that says what it is: ALTER DATABASE crm SET assent.environment = ...
ENVIRONMENT_SETTING = "assent.environment"
_ENVIRONMENTS: dict[str, Environment] = {"sandbox": "sandbox", "production": "production"}
_WHO = text(
    f"SELECT current_database(), current_user, current_setting('{ENVIRONMENT_SETTING}', true)"
)


@dataclass(frozen=True)
class Session:
    """What an operation gets. `system` is what people call the database."""

    system: str
    database: Database
    account: str
    scopes: frozenset[str]
    connection: Connection

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.system, self.account)

    @contextmanager
    def reading(self, scopes: frozenset[str]) -> Iterator[Connection]:
        """One consistent moment, in a transaction that cannot write. Raises the tree."""
        scoped.require(self.account, self.scopes, scopes)
        reading = self.connection.execution_options(is_writing=False)
        with translated(self.speaker), reading.begin():
            if self.database == "postgresql":
                self.connection.execute(postgresql.READ_ONLY)
            yield self.connection

    @contextmanager
    def writing(self, scopes: frozenset[str]) -> Iterator[Connection]:
        """One transaction. Whatever is raised inside rolls it back; where its commit was sent and
        not answered, OutcomeUnknown."""
        scoped.require(self.account, self.scopes, scopes)
        with translated(self.speaker):
            transaction = self.connection.execution_options(is_writing=True).begin()
            try:
                yield self.connection
            except BaseException:
                with translated(self.speaker):
                    transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError:
                raise OutcomeUnknown(
                    f"{self.system} did not answer when the write was to be kept: whether it was"
                    " is not known.",
                    next_step="Look at the record before doing anything else.",
                ) from None


def opening(
    system: str, database: Database
) -> Callable[[Credential], AbstractContextManager[Session]]:
    """How sessions at this database are opened."""

    @contextmanager
    def open_session(credential: Credential) -> Iterator[Session]:
        speaker = Speaker(system, credential.account)
        is_read_only = not any(scope.endswith(":write") for scope in credential.scopes)
        with translated(speaker):
            engine = _engine(database, credential, is_read_only, speaker)
            connection = engine.connect()
        try:
            yield Session(system, database, credential.account, credential.scopes, connection)
        finally:
            connection.close()

    return open_session


def identify(session: Session) -> Identity:
    """PostgreSQL: the database and its user ("crm/assent"), and the environment that the database
    is set to be. SQLite knows no users: the file's name."""
    with translated(session.speaker):
        if session.database == "sqlite":
            return Identity(sqlite.name_of(session.connection))
        with session.connection.begin():
            name, user, environment = session.connection.execute(_WHO).one()
    return Identity(f"{name}/{user}", _ENVIRONMENTS.get(environment or ""))


def _engine(
    database: Database, credential: Credential, is_read_only: bool, speaker: Speaker
) -> Engine:
    if not credential.address.startswith(f"{database}:"):
        raise Rejected(
            f"The address of {safe(speaker.system)} is none of {database}.",
            next_step=f"Write it as {database}://… into the variable that address_env names.",
        )
    make = postgresql.engine if database == "postgresql" else sqlite.engine
    return make(credential, is_read_only)
