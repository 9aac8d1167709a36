"""Back to L2 without a bundle: while its folder is broken, the bot goes on with the earlier one,
and an operator must still be able to take autonomy away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.autonomy.ladder import by_person
from bot.errors import CommandError
from bot.recording import Recorder
from policies.engine import LEVEL_SUGGESTED
from store import autonomy
from store.autonomy import Earned
from store.model.entry import Entry, Kind


def brake(
    tx: Connection,
    recorder: Recorder,
    environment: str,
    workflow: str,
    name: str,
    because: str,
    now: datetime,
) -> str:
    """L2 from the next decision on, recorded; nobody is told in a channel, because only a bundle
    says which. Raises CommandError for a workflow that has earned nothing above L2."""
    change = by_person(workflow, LEVEL_SUGGESTED, name, because)
    present = autonomy.present(tx, workflow, environment)
    if present is None or present.level <= LEVEL_SUGGESTED:
        raise CommandError(
            f"{workflow} has earned nothing above L{LEVEL_SUGGESTED} in {environment}; every write"
            " of it is approved by people already"
        )
    recorder.append(
        tx,
        Entry(
            kind=Kind.AUTONOMY,
            run_id="",
            actor="operator",
            data={
                "workflow": workflow,
                "environment": environment,
                "from": present.level,
                "to": LEVEL_SUGGESTED,
                "bundle": "",
            },
            sensitive={"name": change.actor, "because": change.because},
        ),
    )
    earned = Earned(
        workflow=workflow,
        environment=environment,
        level=LEVEL_SUGGESTED,
        actor=change.actor,
        because=change.because,
        at=now,
    )
    autonomy.add(tx, earned)
    return (
        f"{workflow} is at L{LEVEL_SUGGESTED} in {environment} now. The bundle's folder cannot be"
        " loaded, so nobody was told in its channel; assent policy check says why."
    )
