"""What a bundle's examples touch: each rule matching and not, each condition true and false."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.bundle import Bundle
from policies.compiled import Policy
from policies.findings import Finding
from policies.rules import Rule
from store.model.decision import Decision


@dataclass(frozen=True)
class Coverage:
    """How many rules and conditions there are, and a finding for each that no example touched.

    A rule is covered once it has matched and has not (one without conditions need only match), a
    condition once it was true and was false. `rules` and `conditions` are (covered, all).
    """

    rules: tuple[int, int]
    conditions: tuple[int, int]
    uncovered: tuple[Finding, ...]


Answers = Mapping[tuple[str, str], set[bool | None]]


def coverage(bundle: Bundle, decisions: Iterable[Decision]) -> Coverage:
    """What these decisions of the bundle's own engine touched of it."""
    answers = _answers(decisions)
    rules = [
        (policy, index, rule)
        for policy in bundle.policies
        for index, rule in enumerate(policy.file.rules)
    ]
    of_rules = [list(_rule(policy, index, rule, answers)) for policy, index, rule in rules]
    of_conditions = [
        list(_condition(policy, index, rule, label, answers))
        for policy, index, rule in rules
        for label in (rule.any or rule.all)
    ]
    return Coverage(
        rules=(sum(not missed for missed in of_rules), len(of_rules)),
        conditions=(sum(not missed for missed in of_conditions), len(of_conditions)),
        uncovered=tuple(sorted(f for missed in (*of_rules, *of_conditions) for f in missed)),
    )


def _answers(decisions: Iterable[Decision]) -> Answers:
    """(rule, label) -> how its condition came out; under the label "" whether the rule matched."""
    found: dict[tuple[str, str], set[bool | None]] = {}
    for decision in decisions:
        for step in decision.steps:
            for rule in step.rules:
                found.setdefault((rule.rule, ""), set()).add(rule.is_matched)
                for check in rule.checks:
                    found.setdefault((rule.rule, check.label), set()).add(check.is_met)
    return found


def _rule(policy: Policy, index: int, rule: Rule, answers: Answers) -> Iterator[Finding]:
    seen = answers.get((rule.id, ""), set())
    path = ("rules", index, "id")
    if True not in seen:
        yield policy.document.finding(path, f"{rule.id} matches in no example")
    if False not in seen and (rule.all or rule.any):
        yield policy.document.finding(path, f"{rule.id} matches in every example that it is in")


def _condition(
    policy: Policy, index: int, rule: Rule, label: str, answers: Answers
) -> Iterator[Finding]:
    seen = answers.get((rule.id, label), set())
    path = ("rules", index, "any" if rule.any else "all", label)
    for answer, word in ((True, "true"), (False, "false")):
        if answer not in seen:
            message = f"{rule.id}: {label!r} is {word} in no example"
            yield policy.document.key_finding(path, message)
