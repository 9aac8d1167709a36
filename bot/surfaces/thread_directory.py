"""A surface's directory for worker threads: `bot.ports.Directory` over the surface's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from bot.ports import DirectoryUnavailableError
from store.model.person import Account, Person

WAIT_SECONDS = 5.0  # how long a worker thread waits for an answer
T = TypeVar("T")


class LiveDirectory(Protocol):
    """A surface's own directory, on its loop. None is said where the chat does not answer."""

    async def person(self, user: str, *, is_fresh: bool = True) -> Person | None:
        """The human behind an account with the roles held now; not fresh: within seconds."""
        ...

    async def members(self, role: str) -> tuple[str, ...] | None:
        """Names of those who hold a role and may approve."""
        ...

    async def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role, by role."""
        ...


class ThreadDirectory:
    """`surface` is the one whose accounts it knows, `name` what people call it.

    Until `bind` is called, and whenever the chat does not answer, it is unavailable.
    """

    def __init__(self, directory: LiveDirectory, surface: str, name: str) -> None:
        self._directory, self._surface, self._name = directory, surface, name
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Names the loop that the directory's client lives on."""
        self._loop = loop

    def person(self, account: Account) -> Person:
        """The human behind an account; raises DirectoryUnavailableError."""
        if not self.knows(account.surface):
            raise DirectoryUnavailableError(f"{self._name} knows no accounts of {account.surface}.")
        person = self._wait(self._directory.person(account.user, is_fresh=False))
        if person is None:
            raise DirectoryUnavailableError(
                f"{self._name} did not say which roles this person holds."
            )
        return person

    def knows(self, surface: str) -> bool:
        """This surface's accounts alone."""
        return surface == self._surface

    def members(self, surface: str, team: str, role: str) -> tuple[str, ...] | None:
        """Names of those who hold a role, None where the chat does not answer."""
        if surface != self._surface:
            return ()
        try:
            return self._wait(self._directory.members(role))
        except DirectoryUnavailableError:
            return None

    def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role, by role; None where the chat does not answer."""
        try:
            return self._wait(self._directory.vacancies())
        except DirectoryUnavailableError:
            return None

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self._loop is None or not self._loop.is_running():
            coroutine.close()
            raise DirectoryUnavailableError(f"The {self._name} surface is not running.")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout=WAIT_SECONDS)
        except TimeoutError as error:
            future.cancel()
            raise DirectoryUnavailableError(f"{self._name} did not answer in time.") from error
        except Exception as error:  # a closed session, say: whatever it is, nothing is known
            raise DirectoryUnavailableError(f"{self._name} could not be asked.") from error
