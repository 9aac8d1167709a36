"""What a database says, as the error tree. Messages carry no statement, no value and no secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.errors import Conflict, ConnectorError, Rejected, Unavailable
from connectors.saying import safe

BUSY_SECONDS = 1.0  # a database says no time to wait; its queues move faster than that

NOTHING_WRITTEN = "Nothing was written"


@dataclass(frozen=True)
class Speaker:
    """Which database says it, and to whom."""

    system: str
    account: str


@contextmanager
def translated(speaker: Speaker) -> Iterator[None]:
    """Raises of the tree whatever SQLAlchemy raises inside. Outside of a commit, whatever went
    wrong wrote nothing: the transaction was never kept."""
    try:
        yield
    except DBAPIError as error:
        raise _error(speaker, error.orig or error) from None
    except SQLAlchemyError as error:
        raise _unavailable(speaker, type(error).__name__) from None


def _error(speaker: Speaker, said: BaseException) -> ConnectorError:
    """By PostgreSQL's SQLSTATE, the start of which is its class; else by SQLite's and libpq's
    words, which have none."""
    state, words = str(getattr(said, "sqlstate", None) or ""), str(said)
    for states, phrases, make in _RULES:
        if state.startswith(states) if state else any(each in words for each in phrases):
            return make(speaker)
    return _unavailable(speaker, type(said).__name__)


def _no_secret(speaker: Speaker) -> Rejected:
    return Rejected(
        f"{speaker.system} does not accept the secret of the account {safe(speaker.account)}.",
        next_step="Check the account and its secret, or rotate the secret.",
        is_secret_refused=True,
    )


def _there_already(speaker: Speaker) -> Conflict:
    return Conflict(
        f"{speaker.system} has another record of this key already.",
        next_step=f"{NOTHING_WRITTEN}; read it again.",
    )


def _full(speaker: Speaker) -> Unavailable:
    return Unavailable(
        f"{speaker.system} takes no more at the moment.",
        next_step=f"{NOTHING_WRITTEN}; ask again later.",
        retry_after_seconds=BUSY_SECONDS,
    )


def _not_permitted(speaker: Speaker) -> Rejected:
    return Rejected(
        f"{speaker.system} does not permit the account {safe(speaker.account)} this.",
        next_step=f"{NOTHING_WRITTEN}; ask the owner of the database to grant it.",
    )


def _no_such(speaker: Speaker) -> Rejected:
    return Rejected(
        f"{speaker.system} has no such table or column for {safe(speaker.account)}.",
        next_step=f"{NOTHING_WRITTEN}; compare the bundle's declaration with the database.",
    )


def _values_refused(speaker: Speaker) -> Rejected:
    return Rejected(
        f"The rules of {speaker.system} itself refuse these values.",
        next_step=f"{NOTHING_WRITTEN}; check the values and the record.",
    )


def _no_account(speaker: Speaker) -> Rejected:
    return Rejected(
        f"{speaker.system} does not know the account {safe(speaker.account)} here.",
        next_step=f"{NOTHING_WRITTEN}; check the account and the address.",
    )


def _too_slow(speaker: Speaker) -> Unavailable:
    return _unavailable(speaker, "it took too long")


def _unavailable(speaker: Speaker, why: str) -> Unavailable:
    return Unavailable(
        f"{speaker.system} does not work at the moment ({why}).",
        next_step=f"{NOTHING_WRITTEN}; ask again later.",
    )


# SQLSTATEs: appendix A of PostgreSQL's manual. The first rule that fits decides.
_RULES: tuple[tuple[tuple[str, ...], tuple[str, ...], Callable[[Speaker], ConnectorError]], ...] = (
    (("28",), ("authentication failed", "no password supplied"), _no_secret),
    (("3D",), ("does not exist", "not permitted to log in", "no pg_hba.conf entry"), _no_account),
    (("23505",), ("UNIQUE constraint failed",), _there_already),
    (("53",), ("too many connections", "remaining connection slots"), _full),
    (("42501", "25006"), ("readonly database", "not authorized"), _not_permitted),
    (("42P01", "42703", "3F000"), ("no such table", "no such column"), _no_such),
    (("57014", "55P03", "40"), ("locked", "interrupted"), _too_slow),
    (("22", "23", "42"), ("constraint failed", "datatype mismatch"), _values_refused),
)
