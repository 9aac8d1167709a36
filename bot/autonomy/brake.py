"""Back to L2 without a bundle: while its folder is broken, the bot goes on with the earlier one,
and an operator must still be able to take autonomy away."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.autonomy.changing import Change, Changes, Where
from bot.autonomy.standing import earned_level
from bot.errors import CommandError
from policies.engine import LEVEL_SUGGESTED
from store import autonomy


def brake(tx: Connection, changes: Changes, environment: str, change: Change) -> str:
    """The change to L2, for the next decision on; nobody is told in a channel, because only a
    bundle says which. Raises CommandError for a workflow that has earned nothing above L2."""
    at = Where(environment)
    changes.record(tx, at, change)
    if earned_level(autonomy.present(tx, change.workflow, environment)) <= LEVEL_SUGGESTED:
        raise CommandError(
            f"{change.workflow} has earned nothing above L{LEVEL_SUGGESTED} in {environment}; every"
            " write of it is approved by people already"
        )
    changes.settle(tx, at, change)
    return (
        f"{change.workflow} is at L{LEVEL_SUGGESTED} in {environment} now. The bundle's folder"
        " cannot be loaded, so nobody was told in its channel; assent policy check says why."
    )
