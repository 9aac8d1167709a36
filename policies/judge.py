"""Rules applied to one step: every condition evaluated, its values written down. Pure.

This is the part that runs for every rule, so each value is looked up and worded once a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.compiled import CompiledCheck, CompiledPolicy, CompiledRule
from policies.rules import Ask
from policies.sentences import recorded
from store.model.decision import Check, RuleResult
from store.model.values import Json


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule as judged, with what it asks for where it matches."""

    result: RuleResult
    asks: tuple[Ask, ...]


def judge(
    policy: CompiledPolicy,
    facts: Mapping[str, object],
    shown_facts: Mapping[str, Json],
    source: str,
) -> list[Verdict]:
    """Every rule of the file on one step's facts, in the file's order."""
    bindings = {**facts, **policy.constants}
    activation = policy.environment.activation(bindings)
    shown_bindings = {**shown_facts, **policy.shown_constants}
    values = {mention.text: _brief(mention.value(shown_bindings)) for mention in policy.mentions}
    worded: dict[str, str] = {}
    verdicts = []
    for rule in policy.rules:
        checks = tuple([_check(check, activation, values) for check in rule.checks])
        is_matched = _is_matched(rule, checks)
        result = RuleResult(
            rule=rule.id,
            source=source,
            effect=rule.effect,
            is_matched=is_matched,
            because=rule.because.render(bindings, worded),
            checks=checks,
        )
        verdicts.append(Verdict(result, rule.asks if is_matched else ()))
    return verdicts


def shown(facts: Mapping[str, object]) -> dict[str, Json]:
    """A step's facts as JSON."""
    return {name: recorded(value) for name, value in facts.items()}


def _check(check: CompiledCheck, activation: Any, values: Mapping[str, Json]) -> Check:
    answer = check.condition.evaluate(activation)
    spoken_of = {name: values[name] for name in check.mentions}
    if isinstance(answer, bool):
        return Check(label=check.label, is_met=answer, values=spoken_of)
    return Check(label=check.label, is_met=None, values=spoken_of, problem=answer)


def _is_matched(rule: CompiledRule, checks: tuple[Check, ...]) -> bool | None:
    """None as soon as one condition could not be judged: an error is never outvoted."""
    answers = [check.is_met for check in checks]
    if None in answers:
        return None
    return any(answers) if rule.is_any else all(answers)


def _brief(value: Json) -> Json:
    """A value for the record; of a whole map, the keys say enough."""
    return list(value) if type(value) is dict else value
