"""Who the accounts of a bundle's connections are, as the systems themselves say: asked when a
bundle is about to come into force, in the environment that it would be in force in.

A connection whose account is another one's, or of another environment, keeps the bundle out. A
system that cannot be asked now does not: the same is asked before the first session there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from bot.catalogue import Catalogue
from connectors.errors import ConnectorError, Unavailable
from connectors.opening import OtherIdentityError
from connectors.operation import Identity
from policies.findings import Finding

log = logging.getLogger(__name__)

ANSWER_SECONDS = 20.0  # for all connections together; then the rest counts as away
ASKED_AT_ONCE_MAX = 16  # connections


@dataclass(frozen=True)
class Asked:
    """What came of asking who a connection is: one of the two."""

    connection: str
    identity: Identity | None = None
    error: ConnectorError | None = None


def ask(catalogue: Catalogue) -> tuple[Asked, ...]:
    """Every connection of the catalogue's environment, in the bundle's order, asked at once."""
    names = catalogue.connections()
    pool = ThreadPoolExecutor(ASKED_AT_ONCE_MAX, thread_name_prefix="identify")
    answers = {name: pool.submit(_ask, catalogue, name) for name in names}
    wait(answers.values(), ANSWER_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    return tuple(_answer(name, answer) for name, answer in answers.items())


def not_themselves(catalogue: Catalogue) -> tuple[Finding, ...]:
    """A finding for each connection that is not who it says; the rest that failed is logged."""
    return tuple(_judged(ask(catalogue)))


def _judged(answers: tuple[Asked, ...]) -> Iterator[Finding]:
    for asked in answers:
        if isinstance(asked.error, OtherIdentityError):
            yield Finding("bundle.yml", 0, 0, f"connection {asked.connection}: {asked.error}")
        elif asked.error is not None:
            log.warning(
                "the connection %s could not be checked and will be before it is used: %s",
                asked.connection,
                asked.error,
            )


def _ask(catalogue: Catalogue, name: str) -> Asked:
    try:
        return Asked(name, identity=catalogue.identify(name))
    except ConnectorError as error:
        return Asked(name, error=error)


def _answer(name: str, answer: Future[Asked]) -> Asked:
    if answer.done() and not answer.cancelled():
        return answer.result()
    return Asked(name, error=Unavailable(f"No answer came within {ANSWER_SECONDS:.0f} s."))
