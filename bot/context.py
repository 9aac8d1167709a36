"""What a planner with a model is told and allowed beside the request, put together for one
planning: the thread, the gate, the bundle's section with its prompts, what was planned before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from bot import overhearing
from bot.calls import Calls
from bot.gate import PlanningGate, Spent
from bot.metering import Metering
from bot.planner.planner import Before, Context
from bot.planner.spec import METER
from bot.ports import Clock
from policies.planner_section import PlannerSection
from store import meters
from store.database import Database
from store.meters import Total
from store.model.run import Run

DAY = timedelta(days=1)  # the window of spend_usd_per_day


def context_of(
    db: Database,
    metering: Metering,
    run: Run,
    calls: Calls,
    roles: Callable[[], frozenset[str]],
    clock: Clock,
) -> Context:
    """The context of a run's planning. Where the bundle has no `planner:`, nothing is looked up and
    the rules plan alone."""
    bundle = calls.catalogue.bundle
    section = bundle.settings.planner
    if section is None:
        return Context(parts=run.parts)
    with db.read() as cx:
        thread, spent = overhearing.thread(cx, run), _spent(cx, run, calls, clock)
    calls.began = calls.began or clock()

    def charge(meter: str, micro_usd: int) -> int:
        return metering.begin(run.id, meter, _model(section, meter), micro_usd)

    gate = PlanningGate(calls, section, charge, roles, spent, clock, calls.began)
    return Context(
        thread,
        gate,
        section,
        bundle.prompts,
        _before(run),
        is_change=run.edit is not None,
        parts=run.parts,
    )


def _spent(cx: Connection, run: Run, calls: Calls, clock: Clock) -> Spent:
    """What was charged, but for what `calls` has on its own books: earlier tries of a planning."""
    now = clock()
    day = meters.between(cx, now - DAY, now)
    of_models = [total.micro_usd for what, total in day.items() if is_of_models(what)]
    of_run = {
        what: Total(micro_usd=total.micro_usd - calls.ahead.get(what, 0), calls=total.calls)
        for what, total in meters.of_run(cx, run.id).items()
    }
    return Spent(of_run, sum(of_models) - sum(calls.ahead.values()))


def _model(section: PlannerSection, meter: str) -> str:
    """The model that is asked under a meter."""
    own = None if meter == METER else section.specialists[meter.removeprefix(f"{METER}.")].model
    return own or section.model


def is_of_models(meter: str) -> bool:
    """Whether a source of charges is a planner's model, or a specialist's."""
    return meter == METER or meter.startswith(f"{METER}.")


def _before(run: Run) -> Before | None:
    if not run.workflow:
        return None
    return Before(run.workflow, run.proposal.plan.slots if run.proposal else run.slots)
