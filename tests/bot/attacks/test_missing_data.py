"""Missing data: what is not known, is too much or cannot be asked grants nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot.incoming import Verb
from connectors.desk.payments_refund import OPERATION
from policies.engine import Engine, StepFacts
from policies.facts import COMMON
from store import reservations
from store.errors import StoreError
from store.model.run import Status
from tests.bot.attacks.witness import HUGE, SMALL, Witness

pytestmark = pytest.mark.slow  # each is fast, all together are not

FACTS = sorted({*COMMON, *OPERATION.fact_types})
COUNTED = [
    f"refunds_of_{whom}.{what}"
    for whom in ("customer", "requester", "everybody")
    for what in ("count", "sum_minor")
]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[dict[str, Any]], None]], None]:
    """Has policy told other facts than those that were read, in every step."""
    real = Engine.decide

    def tell(change: Callable[[dict[str, Any]], None]) -> None:
        def decide(self: Engine, steps: Any) -> Any:
            return real(self, [_changed(step, change) for step in steps])

        monkeypatch.setattr(Engine, "decide", decide)

    return tell


def _changed(step: StepFacts, change: Callable[[dict[str, Any]], None]) -> StepFacts:
    facts = dict(step.facts)
    if step.operation == OPERATION.name:
        change(facts)
    return StepFacts(step_id=step.step_id, operation=step.operation, facts=facts)


@pytest.mark.parametrize("name", [*FACTS, *COUNTED])
def test_each_fact_dropped_in_turn(world: Any, witness: Witness, told: Any, name: str) -> None:
    def drop(facts: dict[str, Any]) -> None:
        assert name in facts, f"policy is not told {name}"
        del facts[name]

    told(drop)
    witness.turned_down(world.ask(SMALL), f"the fact {name} is missing")


@pytest.mark.parametrize("name", FACTS)
def test_each_fact_null(world: Any, witness: Witness, told: Any, name: str) -> None:
    told(lambda facts: facts.update({name: None}))
    witness.turned_down(world.ask(SMALL), name)


@pytest.mark.parametrize("name", ["is_approved", "refund.is_safe", "requester.is_admin", ""])
def test_a_fact_too_many(world: Any, witness: Witness, told: Any, name: str) -> None:
    told(lambda facts: facts.update({name: True}))
    witness.turned_down(world.ask(SMALL), "is not declared")


def test_groups_without_anybody(world: Any, witness: Witness) -> None:
    world.directory.roles["agent"] = ("Dana Okafor", ())
    witness.turned_down(world.ask(SMALL), "support")
    run = world.ask(SMALL, "agent2")
    for user, (name, _) in list(world.directory.roles.items()):
        world.directory.roles[user] = (name, ())
    witness.refused(world.press(Verb.APPROVE, run, "lead"), "a support lead")
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


def test_a_directory_that_is_away_when_it_is_planned(
    world: Any, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.proposing.PAUSES_SECONDS", ())
    world.directory.is_away = True
    witness.turned_down(world.ask(SMALL), "directory", "ask again")


def test_a_directory_that_is_away_when_somebody_approves(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    witness.refused(
        world.press(Verb.APPROVE, run, "lead", is_directory_away=True), "cannot check your role"
    )
    assert world.approvals(run) == []
    witness.nothing_was_written()


def test_a_directory_that_is_away_when_it_is_executed(
    world: Any, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.drifting.PAUSES_SECONDS", ())
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    executor, begin = world.assent.executor, world.assent.executor.begin

    def away(run_id: str, digest: str) -> int:
        world.directory.is_away = True
        return int(begin(run_id, digest))

    executor.begin = away
    witness.turned_down(world.approve(run, "finance2"), "Nothing was done")


@pytest.mark.parametrize("call", ["values", "replace"])
def test_a_counter_store_that_is_down(
    world: Any, witness: Witness, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Nothing is shown that could be signed; once it is back, the request goes on by itself."""
    broken = [name for name in vars(reservations) if not name.startswith("_")]
    assert broken

    def down(*_given: Any, **_named: Any) -> Any:
        raise StoreError("the store of counters is down")

    names = [
        name
        for name in broken
        if callable(value := getattr(reservations, name))
        and getattr(value, "__module__", "") == reservations.__name__
        and not isinstance(value, type)
    ]
    for name in names if call == "values" else names[1:]:
        monkeypatch.setattr(reservations, name, down)
    with pytest.raises(StoreError):
        world.say(SMALL)
    run = world.run(world.last_id())
    assert run.status is Status.RECEIVED
    assert run.proposal is None
    witness.refused(world.press(Verb.APPROVE, run, "lead"))
    witness.nothing_was_written()
    monkeypatch.undo()
    world.plan()
    assert witness.needs(run) == {("support-leads", 1)}


def test_a_system_that_does_not_answer(
    world: Any, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.desk import faults

    monkeypatch.setattr("bot.proposing.PAUSES_SECONDS", ())
    faults.set_fault(world.desk, "unavailable", operation="payments.refund", call="read", count=50)
    witness.turned_down(world.ask(SMALL), "ask again")


def test_facts_are_what_the_card_says(world: Any, witness: Witness, told: Any) -> None:
    """A decision is recorded with the facts that it was made on, so nothing can be said later."""
    seen: list[Mapping[str, Any]] = []
    told(lambda facts: seen.append(dict(facts)))
    run = world.ask(SMALL)
    assert witness.needs(run) == {("support-leads", 1)}
    recorded = run.proposal.decision.steps[0].facts
    assert recorded
    assert recorded["refund.amount_minor"] == seen[-1]["refund.amount_minor"] == 4_000
