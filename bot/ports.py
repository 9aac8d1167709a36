"""What the flow needs from outside itself, as the narrowest shapes: people and time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from store.model.person import Account, Person

Clock = Callable[[], datetime]  # aware UTC


class DirectoryUnavailableError(Exception):
    """The directory of people did not answer. Nothing was decided: absence of an answer refuses."""


class Directory(Protocol):
    """Who people are and which roles they hold, asked live. Called from worker threads."""

    def person(self, account: Account) -> Person:
        """The human behind an account with the roles held now; raises DirectoryUnavailableError.

        An account that the surface says it does not know is a stranger's and holds none: that is an
        answer. No `team` is needed to find one: a declared account has none until it is seen.
        """
        ...

    def knows(self, surface: str) -> bool:
        """Whether accounts of this surface can be asked about."""
        ...

    def members(self, surface: str, team: str, role: str) -> tuple[str, ...] | None:
        """Names of those who hold a role, for cards; None when the directory does not answer."""
        ...

    def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role, for each role that nobody holds; None when it is not known."""
        ...
