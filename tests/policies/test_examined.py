"""A bundle's own examples: what they touch, and the slips that they would not notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from policies import document
from policies.bundle import Bundle
from policies.compiled import Policy
from policies.examined import Examined, examine
from policies.facts import Catalogue
from policies.findings import Finding
from policies.mutants import mutants
from policies.mutated_conditions import slips
from policies.parse import parse
from policies.rules import PolicyFile

HEAD = """\
policy: box
applies_to: [box.open]
values: {limits: {red: 5, blue: 0}, colours: [red, blue]}
rules:
  - id: known
    effect: allow
    all: {a colour: "box.colour in colours"}
    because: known
  - id: heavy
    effect: require
    all:
      over the limit: "box.colour in colours && box.weight > limits[box.colour]"
    require: [{role: support-leads, count: 2}]
    because: heavy
given:
  requester.id: person-dana
  requester.roles: [support]
  request.channel: support-ops
  request.surface: slack
  workflow.name: refund
  workflow.level: 3
  run.environment: sandbox
  step.is_reversible: true
  now: 2026-11-22T12:00:00Z
  read.age_seconds: 4
  box.weight: 5
  box.colour: red
examples:
  - {name: at the limit, expect: may run}
"""
OVER = (
    "  - {{name: {0} over the limit, facts: {{box.colour: {0}, box.weight: {1}}},"
    " expect: needs approval, rules: [heavy], approvers: [{{role: support-leads, count: 2}}]}}\n"
)
UNKNOWN = "  - {name: green, facts: {box.colour: green}, expect: denied, rules: []}\n"
THOROUGH = (
    HEAD
    + OVER.format("red", 6)
    + OVER.format("blue", 1)
    + UNKNOWN
    + "  - {name: blue at the limit, facts: {box.colour: blue, box.weight: 0}, expect: may run}\n"
)


def policy(text: str) -> Policy:
    findings: list[Finding] = []
    source = document.read("box.yml", text.encode())
    file = parse(PolicyFile, source, findings)
    assert file, findings
    return Policy(file, source)


@pytest.fixture
def examined(desk: Bundle) -> Callable[[str], Examined]:
    catalogue: Catalogue = {"box.open": {"box.weight": "int", "box.colour": "string"}}
    return lambda text: examine(replace(desk, policies=(policy(text),)), catalogue)


def said(findings: tuple[Finding, ...]) -> list[str]:
    return [str(finding) for finding in findings]


def test_what_no_example_touches_is_named_at_its_place(examined: Callable[[str], Examined]) -> None:
    found = examined(HEAD)
    assert found.examples == 1
    assert not found.failing
    assert (found.coverage.rules, found.coverage.conditions) == ((0, 2), (0, 2))
    assert said(found.coverage.uncovered) == [
        "box.yml:5:9: known matches in every example that it is in",
        "box.yml:7:11: known: 'a colour' is false in no example",
        "box.yml:9:9: heavy matches in no example",
        "box.yml:12:7: heavy: 'over the limit' is true in no example",
    ]


def test_examples_on_both_sides_of_everything_leave_nothing_open(
    examined: Callable[[str], Examined],
) -> None:
    found = examined(THOROUGH)
    assert (found.coverage.rules, found.coverage.conditions) == ((2, 2), (2, 2))
    assert not found.coverage.uncovered
    assert said(found.surviving) == []
    assert found.mutants == 15


@pytest.mark.parametrize(
    ("left_out", "survivor"),
    [
        ("blue at the limit", "box.yml:3:33: limits.blue: 0 made -1"),
        ("red over the limit", "box.yml:3:24: limits.red: 5 made 6"),
        ("at the limit", "box.yml:3:24: limits.red: 5 made 4"),
    ],
)
def test_a_slip_that_no_example_notices_is_named_at_its_place(
    examined: Callable[[str], Examined], left_out: str, survivor: str
) -> None:
    lines = THOROUGH.splitlines(keepends=True)
    text = "".join(line for line in lines if f"{{name: {left_out}," not in line)
    assert text != THOROUGH
    assert survivor in said(examined(text).surviving)


def test_no_mutant_is_tried_while_an_example_fails(examined: Callable[[str], Examined]) -> None:
    found = examined(HEAD.replace("expect: may run", "expect: denied"))
    assert said(found.failing) == [
        "box.yml:29:5: at the limit: expected 'denied', decided 'may run: known'"
    ]
    assert found.mutants == 0


def test_each_operator_and_number_of_a_condition_slips_once_and_texts_never() -> None:
    text = "a.b <= 10 && !(c == 'x < 3') || d > e[\"f\"]"
    changed = {(slip.what, slip.offset): slip.text for slip in slips(text)}
    assert changed == {
        ("negated", 0): f"!({text}\n)",
        ("<= made <", 4): "a.b < 10 && !(c == 'x < 3') || d > e[\"f\"]",
        ("10 made 9", 7): "a.b <= (9) && !(c == 'x < 3') || d > e[\"f\"]",
        ("10 made 11", 7): "a.b <= (11) && !(c == 'x < 3') || d > e[\"f\"]",
        ("&& made ||", 10): "a.b <= 10 || !(c == 'x < 3') || d > e[\"f\"]",
        ("== made !=", 17): "a.b <= 10 && !(c != 'x < 3') || d > e[\"f\"]",
        ("|| made &&", 29): "a.b <= 10 && !(c == 'x < 3') && d > e[\"f\"]",
        ("> made >=", 34): "a.b <= 10 && !(c == 'x < 3') || d >= e[\"f\"]",
    }


def test_who_must_consent_is_made_less_or_another_in_every_way() -> None:
    asks = (
        "[{role: a, count: 2}, {any_of: [a, b], count: 1, stage: 2, escalate_to: c,"
        " after_minutes: 5}, {people: 3}, {veto: a}]"
    )
    text = (
        f"policy: p\napplies_to: [box.open]\nrules:\n"
        f"  - {{id: r, effect: require, require: {asks}, because: b}}\n"
    )
    found = [mutant.finding.message for mutant in mutants(policy(text), ("a", "b", "c"))]
    assert found == [
        "without the rule r",
        "r: asks for nobody",
        "r: count 1",
        "r: a made b",
        "r: asks for nobody",
        "r: stage 1",
        "r: without its escalation",
        "r: without a",
        "r: a made c",
        "r: without b",
        "r: b made c",
        "r: asks for nobody",
        "r: people 2",
        "r: asks for nobody",
        "r: a made b",
    ]


def test_every_kind_of_constant_slips() -> None:
    text = (
        "policy: p\napplies_to: [box.open]\nvalues: {n: 3, window: 90 days, names: [a, b],\n"
        "  times: [{from: 2026-01-01T00:00:00Z}], name: x, flag: true}\n"
        "rules:\n  - {id: r, effect: deny, because: b}\n"
    )
    found = [str(mutant.finding) for mutant in mutants(policy(text), ())]
    assert found[1:] == [
        "box.yml:3:13: n: 3 made 2",
        "box.yml:3:13: n: 3 made 4",
        "box.yml:3:24: window: 90 days made 89 days",
        "box.yml:3:24: window: 90 days made 91 days",
        "box.yml:3:41: names.0: without a",
        "box.yml:3:44: names.1: without b",
        "box.yml:4:11: times.0: without item 1",
        "box.yml:4:18: times.0.from: made 2025-12-31T23:59:59Z",
        "box.yml:4:18: times.0.from: made 2026-01-01T00:00:01Z",
    ]


@pytest.mark.slow
def test_the_shipped_examples_leave_only_open_what_another_rule_says_again(
    desk: Bundle, catalogue: Catalogue
) -> None:
    found = examine(desk, catalogue)
    assert not found.failing
    assert not found.coverage.uncovered
    # What an allow rule asks for is also the opposite of a denial, so that whoever reads either
    # sees it; every currency stands in both tables of limits.
    assert {f"{f.file}: {f.message}" for f in found.surviving} == {
        "policies/addresses.yml: support-readdresses: `all` made `any`",
        "policies/addresses.yml: support-readdresses: without the condition 'requester in support'",
        "policies/addresses.yml: support-readdresses: without the condition 'not shipped yet'",
        "policies/orders.yml: support-cancels: `all` made `any`",
        "policies/orders.yml: support-cancels: without the condition 'requester in support'",
        "policies/orders.yml: support-cancels: without the condition 'not shipped yet'",
        "policies/refunds.yml: support-refunds: `all` made `any`",
        "policies/refunds.yml: support-refunds: without the condition 'requester in support'",
        'policies/refunds.yml: support-refunds: without the condition "in the payment\'s currency"',
        "policies/refunds.yml: support-refunds: without the condition"
        " 'within what can be refunded'",
        "policies/refunds.yml: known-currency: 'no limits for this currency' || made &&",
    }
