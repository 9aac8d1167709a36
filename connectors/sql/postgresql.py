"""PostgreSQL: an engine for one account, with its time-outs, and read-only where it only reads."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.saying import safe
from connectors.wire import CONNECT_SECONDS, READ_SECONDS

LOCK_SECONDS = 5.0  # how long a write waits for another's; a declared write takes milliseconds
IDLE_SECONDS = 60.0  # a transaction of ours that does nothing for so long is ended by the server
ENGINES_MAX = 40  # accounts whose engines are kept; another secret is another engine
READ_ONLY = text("SET TRANSACTION READ ONLY")

# What an address may say beside host, port and database. None of them weakens a session.
PARAMETERS = frozenset({"host", "sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding"})
_LOCAL = ("localhost", "127.0.0.1", "::1")


@lru_cache(maxsize=ENGINES_MAX)
def engine(credential: Credential, is_read_only: bool) -> Engine:
    """What makes connections for one account, and keeps none. On its first one it asks the database
    what it is, in more calls than a declared write takes; so it is made once. Raises Rejected for
    an address or an account that cannot be one."""
    settings = {
        "statement_timeout": int(READ_SECONDS * 1000),
        "lock_timeout": int(LOCK_SECONDS * 1000),
        "idle_in_transaction_session_timeout": int(IDLE_SECONDS * 1000),
        "default_transaction_read_only": "on" if is_read_only else "off",
        "client_encoding": "UTF8",
        "timezone": "UTC",
    }
    return create_engine(
        _url(credential),
        poolclass=NullPool,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": int(CONNECT_SECONDS),
            "application_name": "assent",
            "tcp_user_timeout": int(READ_SECONDS * 1000),
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )


def _url(credential: Credential) -> URL:
    try:
        given = make_url(credential.address)
    except (ArgumentError, ValueError):
        raise _refused("cannot be read", "as postgresql://HOST:PORT/DATABASE") from None
    if given.username or given.password:
        raise _refused("names a user or a password", "without; `account` and `secret` have them")
    if others := sorted(given.query.keys() - PARAMETERS):
        raise _refused(f"sets {safe(', '.join(others))}", f"with {', '.join(sorted(PARAMETERS))}")
    database, _, user = credential.account.rpartition("/")
    if not user or database != given.database:
        raise Rejected(
            f"The account {safe(credential.account)} is none of this database.",
            next_step="Write it as DATABASE/USER, as the database itself says.",
        )
    query = dict(given.query)
    if not _is_local(given):
        query.setdefault("sslmode", "require")
    return given.set(
        drivername="postgresql+psycopg",
        username=user,
        password=credential.secret or None,
        query=query,
    )


def _is_local(url: URL) -> bool:
    hosts = (url.host, *_listed(url.query.get("host")))
    return all(h in _LOCAL or h.startswith("/") for h in hosts if h)


def _listed(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if value else ()


def _refused(why: str, how: str) -> Rejected:
    return Rejected(f"The address of the database {why}.", next_step=f"Write it {how}.")
