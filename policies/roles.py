"""Who holds a role, as the bundle says: one answer for a click, for the requester and for cards.

Only ids are compared. What a chat shows as a name never decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from policies.settings_file import Human, Role

SLACK: Final = "slack"
TEAMS: Final = "teams"
AccountKey = tuple[str, str]  # surface, and the surface's own id of the user


@dataclass(frozen=True)
class _Sources:
    """Where the holders of one role come from, included roles followed."""

    groups: tuple[str, ...]
    rosters: tuple[str, ...]
    accounts: tuple[AccountKey, ...]

    def of(self, surface: str) -> tuple[str, ...]:
        """What has members on a surface, by the key of `members`."""
        return {SLACK: self.groups, TEAMS: self.rosters}.get(surface, ())


@dataclass(frozen=True)
class RoleBook:
    """The roles and people of one bundle.

    `members` below are the users of Slack's user groups by handle, or those of Teams' rosters by
    conversation id, as they were just asked for. A handle has no colon and a conversation id has
    one, so that neither is taken for the other; what is missing has no members. A circle of
    inclusions ends where it closes.
    """

    roles: Mapping[str, Role]
    people: Mapping[str, Human] = field(default_factory=dict)

    @property
    def groups(self) -> frozenset[str]:
        """The handles that have to be asked for; empty where the bundle alone says who is who."""
        return frozenset(role.group for role in self.roles.values() if role.group)

    @property
    def rosters(self) -> frozenset[str]:
        """The teams and channels of Teams whose members have to be asked for, by id."""
        found = (role.teams_roster for role in self.roles.values())
        return frozenset(roster for roster in found if roster)

    def users(
        self, role: str, surface: str, members: Mapping[str, tuple[str, ...]]
    ) -> tuple[str, ...]:
        """The accounts of one surface that hold a role, each once; nobody for an unknown role."""
        sources = self._sources().get(role, _Sources((), (), ()))
        grouped = (user for key in sources.of(surface) for user in members.get(key, ()))
        listed = (user for place, user in sources.accounts if place == surface)
        return tuple(dict.fromkeys((*grouped, *listed)))

    def one_a_human(self, surface: str, users: Iterable[str]) -> tuple[str, ...]:
        """The accounts without those of people who are among them already by another account."""
        owners = {
            account_of(written): name
            for name, human in self.people.items()
            for written in human.accounts
        }
        found = {owners.get((surface, user), f"{surface}:{user}"): user for user in users}
        return tuple(found.values())

    def held_by(
        self, surface: str, user: str, members: Mapping[str, tuple[str, ...]]
    ) -> tuple[str, ...]:
        """The roles that an account holds, in the bundle's order."""
        return tuple(role for role in self.roles if user in self.users(role, surface, members))

    def vacancies(
        self, members: Mapping[str, tuple[str, ...]], surface: str = SLACK
    ) -> Mapping[str, str]:
        """Why nobody holds a role by an account of a surface, for each role that nobody does."""
        found = {}
        for role, sources in self._sources().items():
            keys = sources.of(surface)
            is_listed = any(place == surface for place, _ in sources.accounts)
            if is_listed or any(members.get(key) for key in keys):
                continue
            gone = [key for key in keys if key not in members]
            found[role] = _why_vacant(surface, keys, gone)
        return MappingProxyType(found)

    def _sources(self) -> Mapping[str, _Sources]:
        return {role: self._sources_of(role) for role in self.roles}

    def _sources_of(self, role: str) -> _Sources:
        included = tuple(dict.fromkeys(self._with_included(role, set())))
        return _Sources(
            groups=tuple(dict.fromkeys(one.group for one in included if one.group)),
            rosters=tuple(dict.fromkeys(o.teams_roster for o in included if o.teams_roster)),
            accounts=tuple(dict.fromkeys(key for one in included for key in self._listed(one))),
        )

    def _with_included(self, role: str, seen: set[str]) -> Iterator[Role]:
        if role in seen or role not in self.roles:
            return
        seen.add(role)
        yield self.roles[role]
        for other in self.roles[role].includes:
            yield from self._with_included(other, seen)

    def _listed(self, role: Role) -> Iterator[AccountKey]:
        for written in role.accounts:
            yield account_of(written)
        for name in role.people:
            if human := self.people.get(name):
                yield from (account_of(written) for written in human.accounts)


def _why_vacant(surface: str, keys: tuple[str, ...], gone: list[str]) -> str:
    if surface == TEAMS:
        if gone:
            return f"no team or channel {' or '.join(gone)} in Teams has me as a member"
        return f"nobody is in {' or '.join(keys)} in Teams" if keys else "it names nobody in Teams"
    if gone:
        return f"there is no user group {' or '.join(gone)}"
    return f"the user group {' and '.join(keys)} is empty" if keys else "it names nobody in Slack"


def account_of(written: str) -> AccountKey:
    """ "slack:U0DANA" and "teams:7d1f0a52-..." as surface and user; without a surface it is
    Slack's."""
    surface, colon, user = written.partition(":")
    return (surface, user) if colon and surface in (SLACK, TEAMS) else (SLACK, written)
