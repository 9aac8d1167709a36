"""A decision as plain text for the terminal: each rule, each labelled condition with its values."""

from __future__ import annotations

from collections.abc import Iterator

from policies.sentences import shown
from store.model.decision import Check, Decision, RuleResult, StepDecision

_MARKS = {True: "yes", False: "no ", None: "?? "}
_ANSWERS = {True: "matches", False: "does not match", None: "could not be judged"}


def lines(decision: Decision) -> tuple[str, ...]:
    """The decision, its requirements, then every step with every rule that was judged."""
    return tuple(_lines(decision))


def _lines(decision: Decision) -> Iterator[str]:
    yield decision.reason
    for requirement in decision.requirements:
        yield f"  needs {requirement.count} of {requirement.who}: {requirement.because}"
    for step in decision.steps:
        yield from _step(step)


def _step(step: StepDecision) -> Iterator[str]:
    yield f"{step.step} ({step.operation}): {step.reason}"
    for rule in step.rules:
        yield from _rule(rule)


def _rule(rule: RuleResult) -> Iterator[str]:
    because = "" if rule.is_matched is False else f": {rule.because}"
    yield f"  {rule.effect} {rule.rule} ({rule.source}) {_ANSWERS[rule.is_matched]}{because}"
    for check in rule.checks:
        yield f"    {_MARKS[check.is_met]} {check_line(check)}"


def check_line(check: Check) -> str:
    """`over small limit: refund.amount_minor=25000, small[refund.currency]=10000`."""
    values = ", ".join(f"{name}={shown(value)}" for name, value in check.values.items())
    text = f"{check.label}: {values}" if values else check.label
    return f"{text} ({check.problem})" if check.problem else text
