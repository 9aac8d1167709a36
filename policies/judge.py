"""Rules applied to one step: every condition evaluated, its values written down. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.compiled import CompiledPolicy, CompiledRule
from policies.sentences import recorded
from store.model.decision import Check, Requirement, RuleResult
from store.model.values import Json


@dataclass(frozen=True)
class Verdict:
    """One rule as judged, with what it asks for where it matches and asks."""

    result: RuleResult
    requirements: tuple[Requirement, ...] = ()


def judge(
    policy: CompiledPolicy,
    facts: Mapping[str, object],
    shown_facts: Mapping[str, Json],
    source: str,
) -> list[Verdict]:
    """Every rule of the file on one step's facts, in the file's order."""
    bindings = {**facts, **policy.constants}
    activation = policy.environment.activation(bindings)
    values_shown = {**shown_facts, **policy.shown_constants}
    verdicts = []
    for rule in policy.rules:
        checks = []
        matches: list[bool | None] = []
        for check in rule.checks:
            answer = check.condition.evaluate(activation)
            values = {m.text: _brief(m.value(values_shown)) for m in check.mentions}
            if answer is True or answer is False:
                matches.append(answer)
                checks.append(Check(label=check.label, is_met=answer, values=values))
            else:
                matches.append(None)
                checks.append(
                    Check(label=check.label, is_met=None, values=values, problem=str(answer))
                )
        is_matched = _is_matched(rule.is_any, matches)
        verdicts.append(_verdict(rule, is_matched, tuple(checks), bindings, source))
    return verdicts


def _brief(value: Json) -> Json:
    """A value for the record; of a whole map, the keys say enough."""
    return list(value) if type(value) is dict else value


def _is_matched(is_any: bool, matches: list[bool | None]) -> bool | None:
    """None as soon as one condition could not be judged: an error is never outvoted."""
    if None in matches:
        return None
    return any(matches) if is_any else all(matches)


def _verdict(
    rule: CompiledRule,
    is_matched: bool | None,
    checks: tuple[Check, ...],
    bindings: Mapping[str, object],
    source: str,
) -> Verdict:
    because = rule.because.render(bindings)
    result = RuleResult(
        rule=rule.id,
        source=source,
        effect=rule.effect,
        is_matched=is_matched,
        because=because,
        checks=checks,
    )
    if not is_matched or not rule.asks:
        return Verdict(result)
    asked = [
        Requirement(role=ask.role, count=ask.count, rule=rule.id, because=because)
        for ask in rule.asks
    ]
    return Verdict(result, tuple(asked))


def shown(facts: Mapping[str, object]) -> dict[str, Json]:
    """A step's facts as JSON."""
    return {name: recorded(value) for name, value in facts.items()}
