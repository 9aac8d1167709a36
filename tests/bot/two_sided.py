"""A whole Assent over Slack and Teams without a chat: people of a table for each side."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from bot.bundle.loading import connected
from bot.incoming import Click, Message, Reply, Verb
from bot.people.directories import Directories
from bot.ports import Directory
from policies.settings_file import Human
from store import people
from store.database import Database
from store.model.person import Account
from store.model.request import Place
from store.model.run import Run, Status
from tests.bot.conftest import TableDirectory, World

TENANT = "7d1f0a52-0000-4000-8000-00000000aa01"
CHANNEL = "19:supportops@thread.tacv2"
NUMBERS = itertools.count(1)


def guid(number: int) -> str:
    return f"7d1f0a52-0000-4000-8000-{number:012d}"


LEE, ANN, MIRA, DANA, EVE = map(guid, range(1, 6))
# A person of the table and who they are in Teams. Eve is in Teams alone and nobody's.
SAME = {"lead": LEE, "finance": ANN, "lead2": MIRA, "agent": DANA}


class TwoSided(World):
    """The same people in Slack, by the roles of the table, and in Teams, where `teams` says what
    their accounts there hold: nothing, unless a test says so."""

    def everybody(self, db: Database) -> Directory:
        held: dict[str, tuple[str, tuple[str, ...]]] = {
            guid: (self.directory.roles[user][0], ()) for user, guid in SAME.items()
        }
        self.teams = TableDirectory(db, {**held, EVE: ("Lee Park", ())}, surface="teams")
        self.sides = {"slack": self.directory, "teams": self.teams}
        return Directories(self.sides)

    def declare(self, **more: tuple[str, ...]) -> None:
        """Everybody's accounts on both sides are one human's, as bundle.yml says."""
        accounts = {user: (f"slack:{user}", f"teams:{guid}") for user, guid in SAME.items()}
        humans = {
            key: Human.model_construct(name=key, accounts=listed)
            for key, listed in {**accounts, **more}.items()
        }
        present = self.assent.catalogue().bundle
        settings = present.settings.model_copy(update={"people": humans})
        bundle = replace(present, settings=settings, revision=f"{present.revision}+")
        self.assent.in_force.put(connected(self.assent.settings, bundle))

    def in_teams(self, user: str, **flags: Any) -> Account:
        """Somebody's account there, by their object id or by who they are in Slack."""
        known = SAME.get(user, user)
        name = self.teams.roles.get(known, (known, ()))[0]
        fields = {"surface": "teams", "team": TENANT, "user": known, "display_name": name, **flags}
        return Account.model_validate(fields)

    def ask_in_teams(
        self, text: str, user: str = "agent", *, channel: str = CHANNEL, thread: str | None = None
    ) -> tuple[Reply, Run | None]:
        """A message in Teams, planned at once; what was said, and the run that it made."""
        before, number = self.last_id(), next(NUMBERS)
        root = str(number) if thread is None else thread
        reply = self.assent.flow.receive(
            Message(
                account=self.in_teams(user),
                place=Place(surface="teams", team=TENANT, channel=channel, thread=root),
                message=str(number),
                text=text,
                event_keys=(f"teams:{number}",),
                received_at=self.clock(),
            )
        )
        self.plan()
        return reply, self.run(self.last_id()) if self.last_id() != before else None

    def press_in_teams(self, verb: Verb, run: Run, user: str, **flags: Any) -> Reply:
        """A click there, with what the surface says that this very account holds."""
        account, now = self.in_teams(user, **flags), self.run(run.id)
        place = Place(surface="teams", team=TENANT, channel=CHANNEL, thread="")
        return self.assent.flow.press(
            Click(
                verb=verb,
                run_id=run.id,
                digest=now.proposal.digest if now.proposal else "",
                account=account,
                person=self.teams.person(account),
                place=place,
                message="",
                text="because",
                clicked_at=self.clock(),
            )
        )

    def approved_in_teams(self, run: Run, user: str) -> Run:
        """An approval that must count, and the run once it has stopped moving."""
        reply = self.press_in_teams(Verb.APPROVE, run, user)
        assert not reply.is_refusal, reply.text
        return self.settled(run)

    def waits(self, run: Run) -> bool:
        return self.run(run.id).status is Status.WAITING and not self.approvals(run)

    def person_id(self, account: Account) -> str:
        with self.assent.db.begin() as tx:
            return people.person_for(tx, account)
