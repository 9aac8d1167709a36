"""Rules applied to one step: every condition evaluated, its values written down. Pure.

This is the part that runs for every rule, so each value is looked up and worded once a step, and
the conditions of a file cross into the binding together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from policies import facts as contract
from policies.compiled import CompiledPolicy
from policies.requirements import union
from policies.sentences import brief, recorded
from store.model.decision import Check, Requirement, RuleResult
from store.model.values import Json

FACTS_MAX = 200  # kept of a step whose facts were refused; the largest contract has some thirty


@dataclass(frozen=True)
class Verdict:
    """The rules of one file as they were judged, and what those that match demand. The demands'
    `because` is that of their rule's result."""

    results: tuple[RuleResult, ...]
    demands: tuple[Requirement, ...]


def judge(
    policy: CompiledPolicy,
    facts: Mapping[str, object],
    shown_facts: Mapping[str, Json],
    source: str,
) -> Verdict:
    """Every rule of the file on one step's facts, in the file's order."""
    bindings = {**facts, **policy.constants}
    answers = policy.conditions.evaluate(policy.environment.activation(bindings))
    values = _values(policy, shown_facts)
    checks = tuple(map(_check, policy.labels, answers, [values[at] for at in policy.spoken_of]))
    worded: dict[str, str] = {}
    results: list[RuleResult] = []
    demands: list[Requirement] = []
    end = 0
    for rule in policy.rules:
        start, end = end, end + len(rule.checks)
        is_matched = _is_matched(answers[start:end], rule.is_any)
        because = "" if is_matched is False else rule.because.render(bindings, worded)
        own = checks[start:end]
        results.append(RuleResult(rule.id, source, rule.effect, is_matched, because, own))
        if is_matched and rule.demands:
            demands += rule.demands
    return Verdict(tuple(results), tuple(demands))


def demanded(verdicts: Sequence[Verdict]) -> tuple[Requirement, ...]:
    """The union of what matching rules demand. Only what stands in it is worded."""
    standing = union(demand for verdict in verdicts for demand in verdict.demands)
    if not standing:
        return ()
    because = {r.rule: r.because for verdict in verdicts for r in verdict.results}
    return tuple(r.model_copy(update={"because": because[r.rule]}) for r in standing)


def shown(facts: Mapping[str, object]) -> dict[str, Json]:
    """A step's facts as JSON, from which StepFacts of the same meaning can be made again."""
    return {name: recorded(value) for name, value in facts.items()}


def shown_of_unsound(facts: Mapping[str, object]) -> dict[str, Json]:
    """What can be recorded of facts that were refused: those that are facts at all."""
    sound = {name: value for name, value in facts.items() if contract.is_sound(name, value)}
    return shown(dict(islice(sound.items(), FACTS_MAX)))


def _values(policy: CompiledPolicy, shown_facts: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The values that each group of mentions has, one map that all its conditions share."""
    bindings = {**shown_facts, **policy.shown_constants}
    values = {mention.text: brief(mention.value(bindings)) for mention in policy.mentions}
    values |= policy.fixed
    return [{name: values[name] for name in group} for group in policy.groups]


def _check(label: str, answer: bool | str, values: dict[str, Json]) -> Check:
    if answer is True or answer is False:
        return Check(label, answer, values)
    return Check(label, None, values, answer)


def _is_matched(answers: Sequence[bool | str], is_any: bool) -> bool | None:
    """None as soon as one condition could not be judged: an error is never outvoted."""
    for answer in answers:
        if answer is not True and answer is not False:
            return None
    return any(answers) if is_any else all(answers)
