"""What people do to autonomy in the terminal, beside a running bot or without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.auditing import existing_store
from bot.autonomy import report
from bot.autonomy.brake import brake
from bot.autonomy.changing import Changes, by_person
from bot.autonomy.ladder import Autonomy
from bot.bootstrap import catalogue_of, utc_now
from bot.catalogue import Catalogue
from bot.recording import Recorder
from policies.bundle import LEVELS
from policies.engine import LEVEL_SUGGESTED
from policies.findings import BundleError


def show(state: Path, workflow: str | None, *, is_shadow: bool = False) -> str:
    """Every workflow in a table and in sentences, or one; with `is_shadow` how L3 would differ."""
    with _ladder(state) as (ladder, catalogue):
        names = [workflow] if workflow else sorted(catalogue.workflows)
        standings = [ladder.standing(name) for name in names]
    if is_shadow:
        return "\n".join(map(report.shadowed, standings))
    each = [report.whole(standing) for standing in standings]
    return "\n\n".join(each if workflow else [report.table(standings), *each])


def promote(state: Path, workflow: str, to: str, name: str, because: str) -> str:
    """Raises NotPromotedError with what lacks."""
    with _ladder(state) as (ladder, _):
        return report.whole(ladder.promote(workflow, LEVELS[to], name, because))


def demote(state: Path, workflow: str, to: str, name: str, because: str) -> str:
    """Raises CommandError for a level that is not below the present one. Back to L2 works while the
    bundle's folder is broken, too."""
    try:
        with _ladder(state) as (ladder, _):
            return report.whole(ladder.demote(workflow, LEVELS[to], name, because))
    except BundleError:
        if LEVELS[to] != LEVEL_SUGGESTED:
            raise
    change = by_person(workflow, LEVEL_SUGGESTED, name, because)
    with existing_store(state) as (settings, db), db.begin() as tx:
        return brake(tx, Changes(Recorder(utc_now), utc_now), settings.environment, change)


@contextmanager
def _ladder(state: Path) -> Iterator[tuple[Autonomy, Catalogue]]:
    with existing_store(state) as (settings, db):
        catalogue = catalogue_of(settings, utc_now())
        yield Autonomy(db, lambda: catalogue, Recorder(utc_now), utc_now), catalogue
