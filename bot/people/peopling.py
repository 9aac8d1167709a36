"""People in the flow: those whom the bundle declares, and the human who asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.ports import Directory, DirectoryUnavailableError
from bot.recording import Recorder
from policies.bundle import Bundle
from policies.roles import account_of
from store import declared_people, deliveries, identity, people, runs
from store.database import Database
from store.declared_people import Joined
from store.model.entry import Entry, Kind
from store.model.person import Declared, Person
from store.model.run import NEEDS_A_PERSON, Run, Status

CARDS_REDRAWN_MAX = 500  # newest open runs whose cards are drawn again after people were merged


class AccountMovedError(DirectoryUnavailableError):
    """The account that asked belongs to another human now, so nobody answers for the request."""


def apply_people(
    tx: Connection, recorder: Recorder, bundle: Bundle, now: datetime
) -> tuple[Joined, ...]:
    """Makes the people of a bundle those that accounts are resolved to, on start and on reload.

    Records each human whose accounts were found to be one, and draws the cards of open runs again:
    an approval may count no more. The same bundle again changes nothing.
    """
    joined = declared_people.declare(tx, people_of(bundle))
    for one in joined:
        recorder.append(
            tx,
            Entry(
                kind=Kind.PERSON,
                run_id="",
                actor="assent",
                data={
                    "person": one.person_id,
                    "declared": one.key,
                    "bundle": bundle.version,
                    "merged": list(one.merged),
                    "moved": [{"account": account, "from": who} for account, who in one.moved],
                },
            ),
        )
    if joined:
        for run in runs.newest_in_status(tx, (Status.WAITING, *NEEDS_A_PERSON), CARDS_REDRAWN_MAX):
            deliveries.touch(tx, run.id, now)
    return joined


def people_of(bundle: Bundle) -> tuple[Declared, ...]:
    """The bundle's people as the store knows them."""
    return tuple(
        Declared.model_validate(
            {
                "key": key,
                "name": human.name,
                "accounts": tuple(account_of(written) for written in human.accounts),
            }
        )
        for key, human in bundle.settings.people.items()
    )


def requester_of(db: Database, directory: Directory, run: Run) -> Person:
    """The human who asked, with the roles that they hold now by the account they asked with.

    Raises DirectoryUnavailableError, and AccountMovedError where that account is another human's
    by now: their roles are not the requester's.
    """
    place = run.request.place
    with db.read() as cx:
        account = people.account(cx, place.surface, place.team, run.request.account_user)
        requester_id = identity.present(cx, run.request.person_id)
    if account is None:
        raise DirectoryUnavailableError(f"The account that asked for {run.id} is not known.")
    person = directory.person(account)
    if person.id != requester_id:
        raise AccountMovedError(
            f"The account that asked for {run.id} belongs to somebody else now; ask for it anew."
        )
    return person
