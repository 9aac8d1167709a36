"""One person over every surface: what they hold in Slack they hold in Teams as well, and back.

Each account is asked for live, on its own surface, and counts only where it still is that human's
and may act. What a surface that is switched on does not answer is not known, and refuses. Of two
accounts on one surface each holds what that surface says of it: who is put into a group there is
put into it by account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.ports import Directory
from store import declared_people
from store.database import Database
from store.model.person import Account, Person


class Humans:
    """A directory that knows all accounts of a person: implements bot.ports.Directory.

    Called from worker threads, never inside a unit of work.
    """

    def __init__(self, db: Database, directory: Directory) -> None:
        self._db, self._directory = db, directory

    def person(self, account: Account) -> Person:
        """The human behind an account with every role they hold; raises
        DirectoryUnavailableError."""
        return self.whole(self._directory.person(account))

    def whole(self, person: Person) -> Person:
        """A person as one account of theirs was resolved, with what they hold on other surfaces.

        An account that may neither ask nor approve is lent nothing by the others. Raises
        DirectoryUnavailableError.
        """
        if person.account.refusal is not None:
            return person.model_copy(update={"roles": ()})
        with self._db.read() as cx:
            all_ = declared_people.accounts_of(cx, person.id, person.account.team)
        others = [one for one in all_ if one.surface != person.account.surface]
        roles = dict.fromkeys((*person.roles, *self.held(person.id, others)))
        return person.model_copy(update={"roles": tuple(roles)})

    def held(self, person_id: str, accounts: Iterable[Account]) -> tuple[str, ...]:
        """The roles that accounts of a person hold now, each where it still is theirs and may act.
        Those of surfaces that are switched off are left out."""
        known = (account for account in accounts if self.knows(account.surface))
        found = [self._directory.person(account) for account in known]
        mine = [one for one in found if one.id == person_id and one.account.refusal is None]
        return tuple(dict.fromkeys(role for one in mine for role in one.roles))

    def knows(self, surface: str) -> bool:
        """Whether accounts of a surface can be asked about."""
        return self._directory.knows(surface)

    def members(self, surface: str, team: str, role: str) -> tuple[str, ...] | None:
        """Names of those who hold a role, for cards."""
        return self._directory.members(surface, team, role)

    def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role, by role; None when it is not known."""
        return self._directory.vacancies()
