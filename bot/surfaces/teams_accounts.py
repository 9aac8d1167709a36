"""Accounts of Teams, asked live of a conversation that they are in; believed for seconds at most.

Teams answers for the members of a conversation alone, so an account is asked about where it is:
where it clicks, else where it was met, else in a team or channel that the bot was seen in lately.
Who is found nowhere is not there any more, and is refused.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from bot.settings import Teams
from bot.surfaces.errors import Gone, SurfaceError
from bot.surfaces.teams_origin import Origin, guid, name_of, words
from policies.roles import TEAMS
from store import conversations
from store.conversations import Conversation
from store.database import Database
from store.model.person import Account
from store.model.values import Json

ACCOUNT_SECONDS = 30.0  # how long an account is believed that only asks or looks
NAME_SECONDS = 300.0  # how long a name is believed for a card; it grants nothing
CACHED_MAX = 5_000
PLACES_MAX = 6  # conversations in which one account is looked for
MENTIONS_ASKED_MAX = 5  # people of one message whose account is looked up
_STAFF_ROLE = "user"  # learn.microsoft.com, TeamsChannelAccount.userRole; others: guest, anonymous
_GUEST_MARK = "#EXT#"  # in the user principal name of an invited account


_PERSON = re.compile(r"29:[A-Za-z0-9_-]{1,300}")  # the address of a person


class Connector(Protocol):
    """What of the channel service is asked here; raises SurfaceError alone."""

    async def member(self, service_url: str, conversation: str, user: str) -> Json:
        """One member of a conversation by object id or address."""
        ...

    async def members(self, service_url: str, conversation: str) -> tuple[Json, ...]:
        """All members of a conversation."""
        ...


class TeamsAccounts:
    """Accounts by Entra object id. `rosters` names further conversations to look in."""

    def __init__(
        self,
        connector: Connector,
        teams: Teams,
        db: Database,
        rosters: Callable[[], Iterable[str]],
    ) -> None:
        self._connector, self._teams, self._db = connector, teams, db
        self._rosters = rosters
        self._accounts: dict[str, tuple[float, Account]] = {}
        self._asking: dict[str, asyncio.Task[Account]] = {}

    async def account(
        self, user: str, *, at: Conversation | None = None, seconds: float = ACCOUNT_SECONDS
    ) -> Account:
        """The account as Teams described it within so many seconds, 0 for now; asked of `at`
        alone where that is given. Raises SurfaceError where Teams does not answer."""
        cached = self._accounts.get(user)
        if cached is not None and time.monotonic() - cached[0] < seconds:
            return cached[1]
        asking = self._asking.get(user) if seconds else None
        if asking is None:
            asking = asyncio.create_task(self._ask(user, at))
            self._asking[user] = asking
            asking.add_done_callback(lambda task: self._answered(user, task))
        return await asyncio.shield(asking)

    async def sender(self, origin: Origin, *, seconds: float = ACCOUNT_SECONDS) -> Account:
        """Who sent an activity. Raises SurfaceError where Teams does not answer."""
        if not origin.user:
            return self.unknown(origin)
        return await self.account(origin.user, at=origin.conversation, seconds=seconds)

    def unknown(self, origin: Origin) -> Account:
        """The sender of whom nothing can be asked: without an object id nobody of this tenant."""
        return Account(
            surface=TEAMS,
            team=origin.place.team or self._teams.tenant,
            user=origin.user or origin.address,
            display_name=origin.name,
            is_guest=not origin.user,
        )

    async def users_of(self, addresses: Iterable[str], at: Conversation) -> Mapping[str, str]:
        """The object ids of people who were mentioned, by address; who is not found is missing."""
        wanted = tuple(dict.fromkeys(each for each in addresses if _PERSON.fullmatch(each)))
        found = await asyncio.gather(
            *(self._user_of(address, at) for address in wanted[:MENTIONS_ASKED_MAX])
        )
        return {address: user for address, user in zip(wanted, found, strict=False) if user}

    async def roster(self, conversation: str) -> tuple[Account, ...]:
        """All members of a conversation, guests and strangers marked. Raises SurfaceError."""
        service_url = await self.service_of(conversation)
        found = []
        for member in await self._connector.members(service_url, conversation):
            if user := _user(member):
                account = account_of(member, user, self._teams)
                self._keep(account)
                found.append(account)
        return tuple(found)

    async def is_in(self, user: str, conversation: str) -> bool:
        """Whether an account is a member of a conversation now. Raises SurfaceError."""
        service_url = await self.service_of(conversation)
        try:
            member = await self._connector.member(service_url, conversation, user)
        except Gone:
            return False
        return _user(member) == user

    async def service_of(self, conversation: str) -> str:
        """Where a conversation is reached: as it was last seen, else where anything is begun."""
        known = await asyncio.to_thread(self._conversation, conversation)
        return known.service_url if known is not None else self._teams.services[0]

    async def _ask(self, user: str, at: Conversation | None) -> Account:
        places = (at,) if at is not None else await asyncio.to_thread(self._places, user)
        lost: Gone | None = None
        for place in places:
            try:
                member = await self._connector.member(place.service_url, place.id, user)
            except Gone as gone:
                lost = gone if lost is None or gone.code == _NOT_THERE else lost
                continue
            return account_of(member, user, self._teams)
        if lost is None or lost.code != _NOT_THERE:
            if at is not None or await asyncio.to_thread(self._is_met, user):
                raise lost or Gone(f"{user} was met in no conversation that I am in", "never_met")
            # Declared and never seen, where the bot is in nothing that could hold them: it has not
            # been added yet. Nobody there, rather than not known, or nobody could act in Slack.
            return Account(
                surface=TEAMS,
                team=self._teams.tenant,
                user=user,
                display_name=user,
                is_stranger=True,
            )
        cached = self._accounts.get(user)
        name = cached[1].display_name if cached is not None else user
        return Account(
            surface=TEAMS,
            team=self._teams.tenant,
            user=user,
            display_name=name,
            is_deactivated=True,
        )

    def _places(self, user: str) -> tuple[Conversation, ...]:
        """Where an account that is not here now may be asked about, the likeliest first."""
        with self._db.read() as cx:
            contact = conversations.contact(cx, TEAMS, user)
            met = conversations.get(cx, TEAMS, contact.seen_in) if contact else None
            own = conversations.personal_of(cx, TEAMS, user)
            lately = conversations.shared_lately(cx, TEAMS, PLACES_MAX)
        rosters = tuple(
            Conversation(
                surface=TEAMS,
                team=self._teams.tenant,
                id=roster,
                kind="channel",
                service_url=self._teams.services[0],
            )
            for roster in self._rosters()
            if roster not in {each.id for each in lately}
        )
        found = {place.id: place for place in (met, own, *rosters, *lately) if place is not None}
        return tuple(found.values())[:PLACES_MAX]

    def _is_met(self, user: str) -> bool:
        with self._db.read() as cx:
            return conversations.contact(cx, TEAMS, user) is not None

    def _conversation(self, conversation: str) -> Conversation | None:
        with self._db.read() as cx:
            return conversations.get(cx, TEAMS, conversation)

    async def _user_of(self, address: str, at: Conversation) -> str:
        try:
            return _user(await self._connector.member(at.service_url, at.id, address))
        except SurfaceError:
            return ""

    def _answered(self, user: str, task: asyncio.Task[Account]) -> None:
        if self._asking.get(user) is task:
            del self._asking[user]
        if not task.cancelled() and task.exception() is None:
            self._keep(task.result())

    def _keep(self, account: Account) -> None:
        self._accounts.pop(account.user, None)
        self._accounts[account.user] = (time.monotonic(), account)
        while len(self._accounts) > CACHED_MAX:
            del self._accounts[next(iter(self._accounts))]


_NOT_THERE = "404"  # a member that is none, unlike 403: the bot itself may not look


def account_of(member: Json, user: str, teams: Teams) -> Account:
    """The account that a member of a conversation describes. Pure. What is not said refuses."""
    tenant = guid(member.get("tenantId"))
    principal = words(member.get("userPrincipalName")).upper()
    is_stranger = tenant not in teams.tenants or _user(member) != user
    parts = (name_of(member.get(part)) for part in ("givenName", "surname"))
    return Account(
        surface=TEAMS,
        team=tenant or teams.tenant,
        user=user,
        display_name=name_of(member.get("name")) or " ".join(filter(None, parts)) or user,
        is_guest=member.get("userRole") != _STAFF_ROLE or _GUEST_MARK in principal,
        is_bot=words(member.get("id")).startswith("28:"),
        is_stranger=is_stranger,
    )


def _user(member: Json) -> str:
    """The object id of a member; some services call it by its older name."""
    return guid(member.get("aadObjectId")) or guid(member.get("objectId"))
