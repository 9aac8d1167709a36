"""`/assent away` and `/assent back`: a person hands over their own roles, and takes them back.

Nobody can hand over what somebody else holds, or what they only hold for somebody else; an operator
who must do that for a person who is gone already uses `assent people delegate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.cards.phrases import joined, memberships
from bot.incoming import SAID_AS, Reply, storable
from bot.people import delegating
from bot.people.delegating import By
from bot.ports import Clock, Directory, DirectoryUnavailableError
from bot.recording import Recorder
from store import delegations, people
from store.database import Database
from store.errors import DelegationError
from store.model.person import Account, Delegation, Person

BECAUSE_CHARACTERS_MAX = 300  # the reason of an absence
USAGE = "say it like: away until 2026-12-01 to @Mira because I am on holiday"
_AWAY = re.compile(
    r"until\s+(?P<until>\S{1,40})\s+to\s+(?P<to>.{1,200}?)(?:\s+because\s+(?P<because>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_ACCOUNT = re.compile(r"(?P<surface>slack|teams):(?P<user>\S{2,120})", re.IGNORECASE)
_NOT_KNOWN = "I cannot check who holds which role right now; nothing was handed over. Try again."


class Absence:
    """Delegations that people give themselves. Called from worker threads."""

    def __init__(
        self,
        db: Database,
        directory: Directory,
        recorder: Recorder,
        clock: Clock,
        zone: Callable[[], str],
    ) -> None:
        """`zone` is the time zone in which a day ends."""
        self._db, self._directory, self._recorder = db, directory, recorder
        self._clock, self._zone = clock, zone

    def away(self, account: Account, text: str) -> Reply:
        """ "until 2026-12-01 to slack:U0MIRA because ...": hands over every role that the person
        holds now, for at most delegations.DAYS_MAX days, in everything."""
        try:
            wanted = self._wanted(account, storable(text).strip())
            with self._db.begin() as tx:
                kept = delegating.give(
                    tx, self._recorder, wanted, By(wanted.from_id), self._clock()
                )
        except DirectoryUnavailableError:
            return _refused(_NOT_KNOWN)
        except DelegationError as refused:
            return _refused(f"Nothing was handed over: {refused}.")
        until = kept.ends_at.astimezone(ZoneInfo(self._zone()))
        return Reply(
            f"Until {until:%a %d %b %Y %H:%M} ({self._zone()}) {kept.to_name} decides for you in"
            f" {memberships(kept.roles)} ({kept.id}), never on what you ask for yourself."
            f" {SAID_AS[account.surface]}back ends it."
        )

    def back(self, account: Account) -> Reply:
        """Ends everything that the person has handed over."""
        if account.refusal is not None:
            return _refused(f"I cannot do that for you: {account.refusal}.")
        with self._db.begin() as tx:
            person_id, now = people.person_for(tx, account), self._clock()
            given = delegations.given_by(tx, person_id, now)
            for one in given:
                delegating.end(tx, self._recorder, one.id, By(person_id), now)
        if not given:
            return Reply("You had handed nothing over.")
        names = tuple(dict.fromkeys(one.to_name for one in given))
        decide = "decides" if len(names) == 1 else "decide"
        return Reply(f"Welcome back. {joined(names)} no longer {decide} for you.")

    def _wanted(self, account: Account, text: str) -> Delegation:
        """What was said, with who and which roles it is about; raises DelegationError."""
        said = _AWAY.fullmatch(text)
        if said is None:
            raise DelegationError(USAGE)
        ends_at = delegating.end_of(said["until"], self._zone())
        if ends_at is None:
            raise DelegationError(f"{said['until']} is no day that I can read; {USAGE}")
        named = _ACCOUNT.fullmatch(said["to"])
        if named is None or named["surface"].lower() != account.surface:
            raise DelegationError(f"{said['to']} is nobody here; pick them from the list after @")
        because = (said["because"] or "").strip()
        if len(because) > BECAUSE_CHARACTERS_MAX:
            raise DelegationError(f"give the reason in {BECAUSE_CHARACTERS_MAX} characters or less")
        person = self._directory.person(account)
        _may(person, "you")
        if not person.roles:
            raise DelegationError("you hold no role that I know")
        delegate = account.model_copy(update={"user": named["user"], "display_name": named["user"]})
        to = self._directory.person(delegate)
        _may(to, f"{to.name} cannot stand in for you")
        return Delegation(
            id="",
            from_id=person.id,
            from_name=person.name,
            to_id=to.id,
            to_name=to.name,
            roles=person.roles,
            starts_at=self._clock(),
            ends_at=ends_at,
            because=because,
        )


def _may(person: Person, who: str) -> None:
    if person.account.refusal is not None:
        raise DelegationError(f"{who}: {person.account.refusal}")


def _refused(text: str) -> Reply:
    return Reply(text, is_refusal=True)
