"""A decision as plain text for the terminal: each rule, each labelled condition with its values."""

from __future__ import annotations

from collections.abc import Mapping

from policies.requirements import said as asked
from policies.sentences import shown
from store.model.decision import Check, Decision, RuleResult
from store.model.values import Json

_MARKS = {True: "yes", False: "no ", None: "?? "}
_ANSWERS = {True: "matches", False: "does not match", None: "could not be judged"}


def lines(decision: Decision) -> tuple[str, ...]:
    """The decision, its requirements, then every step with every rule that was judged."""
    said = [
        decision.reason,
        *(f"  needs {asked(r)}: {r.because}" for r in decision.requirements),
    ]
    known: dict[int, str] = {}
    for step in decision.steps:
        said.append(f"{step.step} ({step.operation}): {step.reason}")
        for rule in step.rules:
            said += _rule(rule, known)
    return tuple(said)


def _rule(rule: RuleResult, known: dict[int, str]) -> list[str]:
    because = "" if rule.is_matched is False else f": {rule.because}"
    head = f"  {rule.effect} {rule.rule} ({rule.source}) {_ANSWERS[rule.is_matched]}{because}"
    return [head, *[f"    {_MARKS[c.is_met]} {_check(c, known)}" for c in rule.checks]]


def _check(check: Check, known: dict[int, str]) -> str:
    """A check's line. `known` keeps the texts of maps of values, because conditions that speak of
    the same share one."""
    key = id(check.values)
    values = known.get(key)
    if values is None:
        values = known[key] = _values(check.values)
    text = f"{check.label}: {values}" if values else check.label
    return f"{text} ({check.problem})" if check.problem else text


def _values(values: Mapping[str, Json]) -> str:
    """`refund.amount_minor=25000, small[refund.currency]=10000`."""
    return ", ".join(f"{name}={shown(value)}" for name, value in values.items())
