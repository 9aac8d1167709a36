"""What counters say of a plan: what other runs had asked for before it, and its own earlier steps.

A proposal is decided in the unit of work that stores it, on the tallies of that very unit, after it
has reserved: so no request of the same moment is overlooked and nothing has to be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from bot.catalogue import Catalogue
from bot.ports import Clock
from bot.showing import Sight, decide
from policies.counters import Counter
from store import identity, reservations
from store.model.decision import Effect
from store.model.plan import Proposal
from store.model.reservation import Reservation, Tally
from store.model.values import Json

Facts = Mapping[str, Json]


def offer(
    tx: Connection,
    catalogue: Catalogue,
    sight: Sight,
    clock: Clock,
    stands: Callable[[Proposal], bool] = lambda _: True,
) -> Proposal:
    """Reserves what the plan asks for and decides on it, to be stored in the same unit of work.
    What is denied, or does not stand for another reason, reserves nothing and leaves an earlier
    showing's reservations as they were."""
    attempt = tx.begin_nested()
    run_id, now = sight.given.run_id, sight.given.now
    reservations.replace(tx, run_id, wanted(catalogue, sight), now)
    proposal = decide(catalogue, sight, tallies(tx, sight), clock)
    if proposal.decision.effect is Effect.DENIED or not stands(proposal):
        attempt.rollback()
    else:
        attempt.commit()
    return proposal


def wanted(catalogue: Catalogue, sight: Sight) -> tuple[Reservation, ...]:
    """What the plan's steps reserve: one for each step and counter."""
    return tuple(
        Reservation(
            counter=counter.name,
            subject=counter.subject(facts),
            currency=counter.currency_of(facts),
            amount_minor=counter.amount_minor(facts),
        )
        for step, facts in zip(sight.plan.steps, sight.facts, strict=True)
        for counter in catalogue.policy.counters(step.operation)
    )


def tallies(cx: Connection, sight: Sight) -> Callable[[Counter, Facts], Tally]:
    """What other runs reserved before this one, inside each counter's window at the sight's now.
    One human's accounts count together, whatever ids they had when they asked."""
    requesters = identity.all_ids(cx, sight.given.requester.id)

    def tally(counter: Counter, facts: Facts) -> Tally:
        return reservations.tally(
            cx,
            sight.given.run_id,
            counter.name,
            {counter.subject({**facts, "requester.id": known}) for known in requesters},
            counter.currency_of(facts),
            sight.given.now - counter.window,
        )

    return tally
