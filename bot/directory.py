"""People as the surfaces' own directories describe them, asked live.

A click is judged by a fresh answer; names on cards may be some seconds old. No answer is no answer:
the caller refuses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from bot.ports import DirectoryUnavailableError
from store import people
from store.database import Database
from store.model.person import Account, Person

T = TypeVar("T")

ANSWER_SECONDS_MAX = 8.0  # a directory that takes longer counts as not answering
NAMES_SECONDS_MAX = 30.0  # how old the names of a role's holders on a card may be


class Source(Protocol):
    """One surface's directory. None means that it did not answer."""

    async def account(self, team: str, user: str) -> Account | None: ...
    async def roles(self, team: str, user: str) -> tuple[str, ...] | None: ...
    async def members(self, role: str) -> tuple[str, ...] | None: ...


class LiveDirectory:
    """The Directory of the flow, over the surfaces that are switched on."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._sources: Mapping[str, Source] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._names: dict[tuple[str, str], tuple[float, tuple[str, ...] | None]] = {}

    def connect(self, loop: asyncio.AbstractEventLoop, sources: Mapping[str, Source]) -> None:
        """The surfaces are up: from now on people can be looked up."""
        self._loop, self._sources = loop, sources

    def person(self, account: Account) -> Person:
        """The human with the roles held now; raises DirectoryUnavailableError."""
        source = self._source(account.surface)
        now = self._ask(source.account(account.team, account.user))
        roles = self._ask(source.roles(account.team, account.user))
        if now is None or roles is None:
            raise DirectoryUnavailableError("The directory of people did not answer.")
        with self._db.begin() as tx:
            person_id = people.person_for(tx, now)
        return Person(id=person_id, name=now.display_name, roles=roles, account=now)

    def members(self, surface: str, team: str, role: str) -> tuple[str, ...] | None:
        """Names of a role's holders, at most NAMES_SECONDS_MAX old; None without an answer."""
        kept = self._names.get((surface, role))
        if kept is not None and time.monotonic() - kept[0] < NAMES_SECONDS_MAX:
            return kept[1]
        try:
            names = self._ask(self._source(surface).members(role))
        except DirectoryUnavailableError:
            names = None
        if names is not None:
            self._names[(surface, role)] = (time.monotonic(), names)
        return names

    def _source(self, surface: str) -> Source:
        if surface not in self._sources:
            raise DirectoryUnavailableError(f"The directory of {surface} is not connected.")
        return self._sources[surface]

    def _ask(self, question: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None, "sources come with their loop"
        future = asyncio.run_coroutine_threadsafe(question, self._loop)
        try:
            return future.result(ANSWER_SECONDS_MAX)
        except TimeoutError:
            future.cancel()
            raise DirectoryUnavailableError("The directory of people did not answer.") from None
