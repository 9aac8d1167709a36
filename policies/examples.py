"""The examples that stand in policy files, run against the whole bundle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.bundle import Bundle
from policies.compiled import Policy
from policies.engine import Engine, StepFacts
from policies.facts import Catalogue
from policies.findings import Finding
from policies.policy_references import operation_of
from policies.requirements import asked, union, worded
from policies.rules import Example
from store.model.decision import Decision, Effect, Requirement

# Which matching rules an example's `rules` are compared with, by what was decided.
_DECIDING = {Effect.DENIED: "deny", Effect.NEEDS_APPROVAL: "require", Effect.MAY_RUN: "allow"}


def run(bundle: Bundle, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Every example that does not come out as it says; empty when all do."""
    engine = Engine(bundle, catalogue)
    return tuple(
        case.finding(problem)
        for case in cases(bundle, engine)
        for problem in problems(case.example, engine.decide([case.step]))
    )


@dataclass(frozen=True)
class Case:
    """One example of a bundle, ready to be decided."""

    policy: Policy
    index: int
    example: Example
    step: StepFacts

    def finding(self, problem: str) -> Finding:
        """A finding at the example."""
        message = f"{self.example.name}: {problem}"
        return self.policy.document.finding(("examples", self.index), message)


def cases(bundle: Bundle, engine: Engine) -> tuple[Case, ...]:
    """Every example of every file."""
    return tuple(
        Case(policy, index, example, step(policy, example, engine))
        for policy in bundle.policies
        for index, example in enumerate(policy.file.examples)
    )


def step(policy: Policy, example: Example, engine: Engine) -> StepFacts:
    """The example's facts: the file's `given` as far as the operation declares it, then its own.
    Counters that neither states stand at 0: nothing was asked before."""
    operation = operation_of(policy.file, example) or ""
    types = engine.fact_types(operation)
    given = {name: value for name, value in policy.file.given.items() if name in types}
    tallies = {name: 0 for counter in engine.counters(operation) for name in counter.fact_types}
    return StepFacts(example.name, operation, {**tallies, **given, **example.facts})


def problems(example: Example, decision: Decision) -> Iterator[str]:
    """How a decision differs from what the example expects, one clause each."""
    if decision.effect != example.expect:
        yield f"expected {example.expect!r}, decided {decision.reason!r}"
        return
    wanted = union(r for ask in example.approvers for r in asked(ask, "", ""))
    if sorted(map(_demand, decision.requirements)) != sorted(map(_demand, wanted)):
        yield f"asks for {worded(decision.requirements) or 'nobody'}"
    if example.rules is not None and (found := _deciding(decision)) != set(example.rules):
        yield f"decided by {', '.join(sorted(found)) or 'no rule'}"


def _demand(requirement: Requirement) -> str:
    """What is asked for, without the rule that asks for it."""
    return requirement.model_copy(update={"rule": "", "because": ""}).model_dump_json()


def _deciding(decision: Decision) -> set[str]:
    effect = _DECIDING[decision.effect]
    rules = (rule for step in decision.steps for rule in step.rules)
    return {rule.rule for rule in rules if rule.effect == effect and rule.is_matched}
