"""Decisions that were made, made again under two bundles: what would become looser or tighter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies import facts as contract
from policies.engine import PROBLEMS_SHOWN, Engine, StepFacts
from policies.requirements import said
from policies.strictness import Change, change
from store.model.decision import Decision, Effect


@dataclass(frozen=True)
class Recorded:
    """One decision as it was recorded: a run's plan with the facts of its steps."""

    run_id: str
    steps: tuple[StepFacts, ...]


@dataclass(frozen=True)
class Replayed:
    """What the new bundle makes of it beside the old one, and why in one line."""

    run_id: str
    change: Change
    reason: str


def replay(recorded: Iterable[Recorded], old: Engine, new: Engine) -> Iterator[Replayed]:
    """Each decision under both. Facts that a bundle does not know deny, and the reason says so."""
    for each in recorded:
        before, after = _judged(old, each.steps), _judged(new, each.steps)
        yield Replayed(each.run_id, change(before.decision, after.decision), _reason(before, after))


@dataclass(frozen=True)
class _Judged:
    decision: Decision
    problem: str


def _judged(engine: Engine, steps: Sequence[StepFacts]) -> _Judged:
    found = [problem for step in steps for problem in _problems(engine, step)]
    return _Judged(engine.decide(steps), "; ".join(list(dict.fromkeys(found))[:PROBLEMS_SHOWN]))


def _problems(engine: Engine, step: StepFacts) -> tuple[str, ...]:
    if step.operation not in engine.operations:
        return (f"no connector offers the operation {step.operation}",)
    return contract.problems(step.facts, engine.fact_types(step.operation))


def _reason(before: _Judged, after: _Judged) -> str:
    if before.problem and after.problem:
        return f"cannot be judged under either: {after.problem}"
    if before.problem or after.problem:
        which = "old" if before.problem else "new"
        return f"cannot be judged under the {which} bundle: {before.problem or after.problem}"
    old, new = before.decision, after.decision
    if old.effect is not new.effect:
        because = new.reason.removeprefix(f"{new.effect.value}: ")
        return f"{old.effect.value} -> {new.effect.value}: {because}"
    if old.effect is Effect.NEEDS_APPROVAL and _asked(old) != _asked(new):
        return f"{_asked(old)} -> {_asked(new)}"
    return ""


def _asked(decision: Decision) -> str:
    return ", ".join(said(requirement) for requirement in decision.requirements) or "nobody"
