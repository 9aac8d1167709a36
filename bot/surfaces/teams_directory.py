"""Who people in Teams are and which roles they hold: asked live, believed for seconds at most.

policies/roles.py says which accounts hold a role; this module asks Teams for the members of the
teams and channels that a role names. Whatever cannot be asked is not known, and what is not known
refuses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from bot.surfaces.errors import Gone, SurfaceError
from bot.surfaces.teams_accounts import NAME_SECONDS, TeamsAccounts
from bot.surfaces.teams_origin import Origin
from policies.roles import TEAMS, RoleBook
from store.errors import StoreError
from store.model.person import Account, Person

RECENT_SECONDS = 3.0  # how long accounts and roles are believed for plans, re-checks and cards
ROSTER_SECONDS = 60.0  # how long a whole roster is believed for names on cards; it grants nothing
CACHED_MAX = 5_000
IDENTIFY_THREADS = 2  # one writer at a time commits
NAMES_MAX = 12  # members named on a card


class TeamsDirectory:
    """Accounts, roles and members. `book` gives the roles of the bundle in force, asked for at each
    use; `identify` gives the stable id of the human behind an account (called in a worker thread).
    """

    def __init__(
        self,
        accounts: TeamsAccounts,
        book: Callable[[], RoleBook],
        identify: Callable[[Account], str],
    ) -> None:
        self.accounts = accounts
        self._book, self._identify = book, identify
        self._rosters: dict[str, tuple[float, tuple[Account, ...] | None]] = {}
        self._held: dict[str, tuple[float, tuple[str, ...]]] = {}
        # Threads of its own: those of the loop may all be waiting for this very answer.
        self._identifying = ThreadPoolExecutor(IDENTIFY_THREADS, "teams-identify")

    async def clicking(self, origin: Origin) -> Person | None:
        """The human who pressed something, with the roles of this moment; None where Teams does
        not answer or names nobody, which refuses."""
        if not origin.user:
            return None
        try:
            account, roles = await asyncio.gather(
                self.accounts.sender(origin, seconds=0.0), self.roles(origin.user)
            )
            return await self._person(account, roles)
        except (SurfaceError, StoreError):
            return None

    async def person(self, user: str, *, is_fresh: bool = True) -> Person | None:
        """The human behind an account with the roles held now, None where Teams does not answer.

        A plan, and the re-check before its first write, may take an answer of RECENT_SECONDS ago.
        """
        try:
            account, roles = await asyncio.gather(
                self.accounts.account(user, seconds=0.0 if is_fresh else RECENT_SECONDS),
                self.roles(user, is_fresh=is_fresh),
            )
            return await self._person(account, roles)
        except (SurfaceError, StoreError):
            return None

    async def roles(self, user: str, *, is_fresh: bool = True) -> tuple[str, ...]:
        """The roles held now. Raises SurfaceError where Teams does not answer."""
        held = self._held.get(user)
        if not is_fresh and held is not None and time.monotonic() - held[0] < RECENT_SECONDS:
            return held[1]
        book = self._book()
        rosters = tuple(book.rosters)
        is_in = await asyncio.gather(*(self.accounts.is_in(user, each) for each in rosters))
        members = {
            each: (user,) for each, is_member in zip(rosters, is_in, strict=True) if is_member
        }
        found = book.held_by(TEAMS, user, members)
        self._held.pop(user, None)
        self._held[user] = (time.monotonic(), found)
        while len(self._held) > CACHED_MAX:
            del self._held[next(iter(self._held))]
        return found

    async def members(self, role: str) -> tuple[str, ...] | None:
        """Names of those who hold a role and may approve; None where Teams does not answer."""
        book = self._book()
        try:
            users = book.users(role, TEAMS, await self._members())
            accounts = await asyncio.gather(*(self._named(user) for user in users[:NAMES_MAX]))
        except SurfaceError:
            return None
        named = {account.user: account.display_name for account in accounts if not account.refusal}
        names = [named[user] for user in book.one_a_human(TEAMS, named)]
        rest = len(users) - NAMES_MAX
        return (*names, f"{rest} more") if rest > 0 else tuple(names)

    async def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role, by role; None where Teams does not answer."""
        try:
            return self._book().vacancies(await self._members(), TEAMS)
        except SurfaceError:
            return None

    async def _person(self, account: Account, roles: tuple[str, ...]) -> Person:
        loop = asyncio.get_running_loop()
        person_id = await loop.run_in_executor(self._identifying, self._identify, account)
        granted = () if account.refusal else roles
        return Person(id=person_id, name=account.display_name, roles=granted, account=account)

    async def _named(self, user: str) -> Account:
        return await self.accounts.account(user, seconds=NAME_SECONDS)

    async def _members(self) -> dict[str, tuple[str, ...]]:
        """The members of every roster that carries a role; one that is not there is missing."""
        rosters = tuple(self._book().rosters)
        found = await asyncio.gather(*(self._roster(each) for each in rosters))
        return {
            roster: tuple(account.user for account in accounts)
            for roster, accounts in zip(rosters, found, strict=True)
            if accounts is not None
        }

    async def _roster(self, conversation: str) -> tuple[Account, ...] | None:
        known = self._rosters.get(conversation)
        if known is not None and time.monotonic() - known[0] < ROSTER_SECONDS:
            return known[1]
        try:
            accounts: tuple[Account, ...] | None = await self.accounts.roster(conversation)
        except Gone:
            accounts = None
        self._rosters[conversation] = (time.monotonic(), accounts)
        return accounts
