"""The people of a suite's story, by a table that a case may change at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.ports import DirectoryUnavailableError
from evals.cases.case import Someone
from store import people
from store.database import Database
from store.model.person import Account, Person

TEAM = "T0EVALS"


@dataclass
class TableDirectory:
    """Implements bot.ports.Directory. Accounts are named by the suite's names of people."""

    db: Database
    everybody: Mapping[str, Someone]
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)  # who holds what now
    names: dict[str, str] = field(default_factory=dict)  # what everybody calls themselves now
    is_away: bool = False

    def begin(self) -> None:
        """Everybody has the name and the roles that the suite says, and the directory answers."""
        self.roles = {key: one.roles for key, one in self.everybody.items()}
        self.names = {key: one.name for key, one in self.everybody.items()}
        self.is_away = False

    def account(self, key: str) -> Account:
        """The account of a person of the suite."""
        name = self.names[key]
        return Account(surface="slack", team=TEAM, user=user_of(key), display_name=name)

    def person(self, account: Account) -> Person:
        if self.is_away:
            raise DirectoryUnavailableError("The directory of people did not answer.")
        key = key_of(account.user)
        if key not in self.everybody:  # a surface that does not know an account says so
            account = account.model_copy(update={"team": "", "is_stranger": True})
        with self.db.begin() as tx:
            person_id = people.person_for(tx, account)
        return Person(
            id=person_id,
            name=account.display_name,
            roles=self.roles.get(key, ()),
            account=account,
        )

    def knows(self, surface: str) -> bool:
        return surface == "slack"

    def members(self, _surface: str, _team: str, role: str) -> tuple[str, ...] | None:
        if self.is_away:
            return None
        return tuple(self.names[key] for key, held in self.roles.items() if role in held)

    def vacancies(self) -> Mapping[str, str] | None:
        return None if self.is_away else {}


def user_of(key: str) -> str:
    """The user id of a person of the suite: "agent2" is U0-AGENT2."""
    return f"U0-{key.upper()}"


def key_of(user: str) -> str:
    """The suite's name of a user id; the id itself for nobody of the suite."""
    return user.removeprefix("U0-").lower() if user.startswith("U0-") else user
