"""What deciding and explaining costs beside the bare conditions, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies import cel, document
from policies.bundle import Bundle
from policies.compiled import Policy
from policies.engine import Engine, StepFacts
from policies.explain import lines
from policies.facts import COMMON, FactTypes
from policies.findings import Finding
from policies.parse import parse
from policies.rules import PolicyFile
from policies.settings_file import BundleFile
from store.model.decision import Effect

DESK = Path(__file__).parents[2] / "policies" / "bundles" / "desk"
TYPES: FactTypes = {"refund.amount_minor": "int", "refund.currency": "string"}
CONDITION = "refund.amount_minor > limits[refund.currency] + {}"
FACTS = {
    "requester.id": "person-dana",
    "requester.roles": ["support"],
    "request.channel": "support-ops",
    "request.surface": "slack",
    "workflow.name": "refund",
    "workflow.level": 2,
    "run.environment": "sandbox",
    "step.is_reversible": True,
    "now": datetime(2026, 11, 22, 12, tzinfo=UTC),
    "read.age_seconds": 4,
    "refund.amount_minor": 25_000,
    "refund.currency": "USD",
}


def _engine(rules: int) -> Engine:
    text = [
        "policy: bench",
        "applies_to: [payments.refund]",
        "values: {limits: {USD: 10000, EUR: 10000}}",
        "rules:",
        "  - {id: allow, effect: allow, all: {all: 'refund.amount_minor > 0'}, because: fine}",
    ]
    text += [
        f"  - {{id: rule-{n}, effect: require, all: {{over it: '{CONDITION.format(n)}'}},"
        " require: [{role: leads, count: 1}], because: 'over {limits[refund.currency]}'}"
        for n in range(rules - 1)
    ]
    findings: list[Finding] = []
    source = document.read("bench.yml", "\n".join(text).encode())
    file = parse(PolicyFile, source, findings)
    settings = parse(
        BundleFile, document.read("bundle.yml", (DESK / "bundle.yml").read_bytes()), findings
    )
    assert file
    assert settings, findings
    bundle = Bundle(settings, {}, (Policy(file, source),), {}, "", "bench")
    return Engine(bundle, {"payments.refund": TYPES})


def _bare(rules: int) -> Callable[[], None]:
    """The same conditions compiled by the binding, with one activation, and nothing else."""
    environment = cel.Environment({**COMMON, **TYPES, "limits": "map<string,int>"})
    texts = ["refund.amount_minor > 0", *(CONDITION.format(n) for n in range(rules - 1))]
    conditions = [environment.compile(text) for text in texts]
    values = {**FACTS, "limits": {"USD": 10_000, "EUR": 10_000}}

    def run() -> None:
        activation = environment.activation(values)
        for condition in conditions:
            condition.evaluate(activation)

    return run


def _times_us(run: Callable[[], object], rounds: int) -> list[float]:
    spent = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        run()
        spent.append((time.perf_counter_ns() - start) / 1_000)
    return sorted(spent)


@pytest.mark.bench
@pytest.mark.parametrize(("rules", "rounds"), [(1, 3_000), (100, 300), (1_000, 40)])
def test_deciding_and_explaining_beside_bare_conditions(rules: int, rounds: int) -> None:
    engine = _engine(rules)
    step = StepFacts("refund", "payments.refund", FACTS)
    expected = Effect.NEEDS_APPROVAL if rules > 1 else Effect.DENIED
    assert engine.decide([step]).effect is expected
    decide = _times_us(lambda: engine.decide([step]), rounds)
    explain = _times_us(lambda: lines(engine.decide([step])), rounds)
    bare = _times_us(_bare(rules), rounds)
    for name, spent in (("decide", decide), ("decide and explain", explain)):
        p50, p99 = spent[rounds // 2], spent[rounds * 99 // 100]
        ratio = p50 / bare[rounds // 2]
        print(
            f"\n{rules:>5} rules  {name:<18}  p50 {p50:>9,.0f} us  p99 {p99:>9,.0f} us"
            f"  {ratio:.1f} x the bare conditions ({bare[rounds // 2]:,.0f} us)",
            end="",
        )
