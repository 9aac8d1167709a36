"""The directories of every surface that is switched on, as one. What a surface that is switched on
does not answer is not known; a surface that is switched off is not asked and grants nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.ports import Directory, DirectoryUnavailableError
from store.model.person import Account, Person

_REST = re.compile(r"\d+ more")  # a directory names some, and says how many more there are


class Directories:
    """Implements bot.ports.Directory over one directory for each surface."""

    def __init__(self, by_surface: Mapping[str, Directory]) -> None:
        self._by_surface = dict(by_surface)

    def person(self, account: Account) -> Person:
        """The human behind an account with the roles of this account alone; raises
        DirectoryUnavailableError."""
        directory = self._by_surface.get(account.surface)
        if directory is None:
            raise DirectoryUnavailableError(f"{account.surface.title()} is switched off.")
        return directory.person(account)

    def knows(self, surface: str) -> bool:
        """Whether a surface is switched on."""
        return surface in self._by_surface

    def members(self, surface: str, team: str, role: str) -> tuple[str, ...] | None:
        """Names of those who hold a role on any surface, those of `surface` first; each name once.
        None where nobody is known to and a surface did not answer."""
        order = sorted(self._by_surface, key=lambda each: (each != surface, each))
        asked = [
            self._by_surface[each].members(each, team if each == surface else "", role)
            for each in order
        ]
        known = [names for names in asked if names is not None]
        named = tuple(dict.fromkeys(n for names in known for n in names if not _REST.fullmatch(n)))
        if not named and len(known) < len(asked):
            return None
        rest = [n for names in known for n in names if _REST.fullmatch(n)]
        return (*named, *sorted(rest, key=len)[-1:])

    def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role on any surface, by role; None where a surface does not answer."""
        asked = [directory.vacancies() for directory in self._by_surface.values()]
        known = [found for found in asked if found is not None]
        if len(known) < len(asked) or not known:
            return None
        vacant = [role for role in known[0] if all(role in found for found in known)]
        return {role: ", and ".join(found[role] for found in known) for role in vacant}
