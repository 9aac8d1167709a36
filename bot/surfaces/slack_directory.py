"""Who people in Slack are and which roles they hold: asked live, believed for seconds at most.

policies/roles.py says which accounts hold a role; this module asks Slack for the members of user
groups. Whatever cannot be asked is not known, and what is not known refuses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.surfaces.errors import Gone, SurfaceError
from bot.surfaces.slack_calls import call
from policies.roles import SLACK, RoleBook
from store.model.person import Account, Person
from store.model.values import Json

ACCOUNT_SECONDS = 30.0  # how long an account is believed that only asks or looks
NAME_SECONDS = 300.0  # how long a name is believed for a card; it grants nothing
NAMES_SECONDS = 1.0  # how long a message waits for the names of those whom it mentions
RECENT_SECONDS = 3.0  # how long accounts and groups are believed for plans, re-checks and cards
CACHED_MAX = 5_000
IDENTIFY_THREADS = 2  # one writer at a time commits
NAMES_MAX = 12  # members named on a card
WAIT_SECONDS = 5.0  # how long a worker thread waits for an answer
T = TypeVar("T")
_STRANGER_ERRORS = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


@dataclass(frozen=True)
class Workspace:
    """The workspace that the app is installed in; `enterprise` is empty outside of a grid."""

    team: str
    enterprise: str
    bot_user: str
    url: str


@dataclass(frozen=True)
class _Group:
    handle: str
    users: tuple[str, ...]


class SlackDirectory:
    """Accounts, roles and members of one workspace.

    `book` gives the roles of the bundle in force, asked for at each use; user groups are asked for
    only where a role names one. `identify` gives the stable id of the human behind an account
    (called in a worker thread).
    """

    def __init__(
        self,
        client: AsyncWebClient,
        book: Callable[[], RoleBook],
        identify: Callable[[Account], str],
    ) -> None:
        self._client, self._book, self._identify = client, book, identify
        self._workspace: Workspace | None = None
        self._accounts: dict[str, tuple[float, Account]] = {}
        self._groups: tuple[float, tuple[_Group, ...]] | None = None
        self._asking: dict[str, asyncio.Task[Account]] = {}
        # Threads of its own: those of the loop may all be waiting for this very answer.
        self._identifying = ThreadPoolExecutor(IDENTIFY_THREADS, "slack-identify")

    async def connect(self) -> Workspace:
        """Learns the workspace by auth.test. Raises SurfaceError where the token does not work."""
        data = await call("auth.test", self._client.auth_test())
        self._workspace = Workspace(
            team=str(data.get("team_id", "")),
            enterprise=str(data.get("enterprise_id") or ""),
            bot_user=str(data.get("user_id", "")),
            url=str(data.get("url", "")),
        )
        return self._workspace

    @property
    def workspace(self) -> Workspace:
        """The workspace that connect() learned; it comes first."""
        if self._workspace is None:
            raise RuntimeError("the directory is used before connect()")
        return self._workspace

    async def account(self, user: str, *, seconds: float = ACCOUNT_SECONDS) -> Account:
        """The account as Slack described it within so many seconds, 0 for now. Raises SurfaceError
        where Slack does not answer."""
        cached = self._accounts.get(user)
        if cached is not None and time.monotonic() - cached[0] < seconds:
            return cached[1]
        asking = self._asking.get(user) if seconds else None
        if asking is None:
            asking = asyncio.create_task(self._ask_account(user))
            self._asking[user] = asking
            asking.add_done_callback(lambda task: self._answered(user, task))
        return await asyncio.shield(asking)

    async def roles(self, user: str, *, is_fresh: bool = True) -> tuple[str, ...] | None:
        """The roles held now, None where Slack does not answer: then nothing is granted."""
        try:
            groups = await (self._ask_groups() if is_fresh else self._recent_groups())
        except SurfaceError:
            return None
        return self._book().held_by(SLACK, user, _members_of(groups))

    async def person(self, user: str, *, is_fresh: bool = True) -> Person | None:
        """The human behind an account with the roles held now, None where Slack does not answer.

        A click always asks; a plan, and the re-check before its first write, may take an answer of
        RECENT_SECONDS ago, because Slack lets an app list its user groups some twenty times a
        minute.
        """
        seconds = 0.0 if is_fresh else RECENT_SECONDS
        try:
            account, roles = await asyncio.gather(
                self.account(user, seconds=seconds), self.roles(user, is_fresh=is_fresh)
            )
        except SurfaceError:
            return None
        if roles is None:
            return None
        return await self._person(account, roles)

    async def _person(self, account: Account, roles: tuple[str, ...]) -> Person:
        loop = asyncio.get_running_loop()
        person_id = await loop.run_in_executor(self._identifying, self._identify, account)
        granted = () if account.refusal else roles
        return Person(id=person_id, name=account.display_name, roles=granted, account=account)

    async def members(self, role: str) -> tuple[str, ...] | None:
        """Names of those who hold a role and may approve; None where Slack does not answer."""
        try:
            groups = await self._recent_groups()
            users = self._book().users(role, SLACK, _members_of(groups))
            accounts = await asyncio.gather(*(self._named(user) for user in users[:NAMES_MAX]))
        except SurfaceError:
            return None
        named = {account.user: account.display_name for account in accounts if not account.refusal}
        names = [named[user] for user in self._book().one_a_human(SLACK, named)]
        rest = len(users) - NAMES_MAX
        return (*names, f"{rest} more") if rest > 0 else tuple(names)

    async def names(self, users: tuple[str, ...]) -> Mapping[str, str]:
        """What accounts are called, by account; whom Slack does not name in time is missing."""
        asked = {user: asyncio.ensure_future(self._named(user)) for user in users}
        if not asked:
            return {}
        done, late = await asyncio.wait(asked.values(), timeout=NAMES_SECONDS)
        for each in late:
            each.cancel()
        return {
            user: account.result().display_name
            for user, account in asked.items()
            if account in done and account.exception() is None
        }

    async def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role, by role; None where Slack does not answer."""
        try:
            return self._book().vacancies(_members_of(await self._recent_groups()))
        except SurfaceError:
            return None

    async def _named(self, user: str) -> Account:
        cached = self._accounts.get(user)
        if cached is not None and time.monotonic() - cached[0] < NAME_SECONDS:
            return cached[1]
        return await self.account(user)

    async def _ask_account(self, user: str) -> Account:
        try:
            data = await call("users.info", self._client.users_info(user=user))
        except Gone as gone:
            if gone.code not in _STRANGER_ERRORS:
                raise
            return Account(surface="slack", team="", user=user, display_name=user, is_stranger=True)
        return account_of(data.get("user") or {}, user, self.workspace)

    def _answered(self, user: str, task: asyncio.Task[Account]) -> None:
        if self._asking.get(user) is task:
            del self._asking[user]
        if task.cancelled() or task.exception() is not None:
            return
        self._accounts.pop(user, None)
        self._accounts[user] = (time.monotonic(), task.result())
        while len(self._accounts) > CACHED_MAX:
            del self._accounts[next(iter(self._accounts))]

    async def _recent_groups(self) -> tuple[_Group, ...]:
        if self._groups is not None and time.monotonic() - self._groups[0] < RECENT_SECONDS:
            return self._groups[1]
        return await self._ask_groups()

    async def _ask_groups(self) -> tuple[_Group, ...]:
        """The groups that carry roles, with their members, in one call where Slack gives both."""
        wanted = self._book().groups
        if not wanted:
            return ()
        data = await call("usergroups.list", self._client.usergroups_list(include_users=True))
        found: list[dict[str, Any]] = [
            group
            for group in data.get("usergroups") or []
            if group.get("handle") in wanted and not group.get("date_delete")
        ]
        users = await asyncio.gather(*(self._users_of(group) for group in found))
        groups = tuple(
            _Group(str(group["handle"]), members)
            for group, members in zip(found, users, strict=True)
        )
        self._groups = (time.monotonic(), groups)
        return groups

    async def _users_of(self, group: dict[str, Json]) -> tuple[str, ...]:
        if isinstance(group.get("users"), list):
            return tuple(str(user) for user in group["users"])
        data = await call(
            "usergroups.users.list",
            self._client.usergroups_users_list(usergroup=str(group["id"])),
        )
        return tuple(str(user) for user in data.get("users") or [])


def _members_of(groups: tuple[_Group, ...]) -> Mapping[str, tuple[str, ...]]:
    return {group.handle: group.users for group in groups}


def account_of(user: dict[str, Json], user_id: str, workspace: Workspace) -> Account:
    """The account that a Slack user object describes, judged from this workspace. Pure."""
    profile = user.get("profile") or {}
    enterprise_user = user.get("enterprise_user") or {}
    is_own_team = user.get("team_id") in (None, workspace.team)
    is_own_grid = bool(workspace.enterprise) and (
        enterprise_user.get("enterprise_id") == workspace.enterprise
    )
    is_stranger = bool(user.get("is_stranger")) or not (is_own_team or is_own_grid)
    name = user.get("real_name") or profile.get("real_name") or profile.get("display_name")
    return Account(
        surface="slack",
        team=str(user.get("team_id") or "") if is_stranger else workspace.team,
        user=user_id,
        display_name=str(name or user.get("name") or user_id),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")) or user_id == "USLACKBOT",
        is_stranger=is_stranger,
        is_deactivated=bool(user.get("deleted")),
    )
