"""What deciding and explaining costs beside the bare conditions, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
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
from tests.bench import figures

pytestmark = pytest.mark.bench

DESK = Path(__file__).parents[2] / "policies" / "bundles" / "desk"
TYPES: FactTypes = {"refund.amount_minor": "int", "refund.currency": "string"}
RATIO_BAR = 3  # deciding and explaining 100 rules, as a multiple of their bare conditions
P99_BAR_MS = 1.5  # milliseconds of the same
ALLOW = "refund.amount_minor > 0"
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


def _engine(rules: int, operations: int = 1) -> Engine:
    """An engine of `rules` rules, spread evenly over files of one operation each."""
    findings: list[Finding] = []
    settings = parse(
        BundleFile, document.read("bundle.yml", (DESK / "bundle.yml").read_bytes()), findings
    )
    policies = [_policy(rules // operations, number, findings) for number in range(operations)]
    assert settings, findings
    bundle = Bundle(settings, {}, tuple(policies), {}, "", "bench")
    return Engine(bundle, {f"payments.refund{number}": TYPES for number in range(operations)})


def _policy(rules: int, number: int, findings: list[Finding]) -> Policy:
    text = [
        f"policy: bench-{number}",
        f"applies_to: [payments.refund{number}]",
        "values: {limits: {USD: 10000, EUR: 10000}}",
        "rules:",
        f"  - {{id: allow-{number}, effect: allow, all: {{all: '{ALLOW}'}}, because: fine}}",
    ]
    text += [
        f"  - {{id: rule-{number}-{n}, effect: require,"
        f" all: {{over it: '{CONDITION.format(n)}'}},"
        " require: [{role: leads, count: 1}], because: 'over {limits[refund.currency]}'}"
        for n in range(rules - 1)
    ]
    source = document.read("bench.yml", "\n".join(text).encode())
    file = parse(PolicyFile, source, findings)
    assert file, findings
    return Policy(file, source)


def _bare(rules: int) -> Callable[[], None]:
    """The same conditions compiled by the binding, with one activation, and nothing else."""
    environment = cel.Environment({**COMMON, **TYPES, "limits": "map<string,int>"})
    texts = [ALLOW, *(CONDITION.format(n) for n in range(rules - 1))]
    conditions = [environment.compile(text) for text in texts]
    values = {**FACTS, "limits": {"USD": 10_000, "EUR": 10_000}}

    def run() -> None:
        activation = environment.activation(values)
        for condition in conditions:
            condition.evaluate(activation)

    return run


def _spent_us(run: Callable[[], object]) -> float:
    start = time.perf_counter_ns()
    run()
    return (time.perf_counter_ns() - start) / 1_000


@pytest.mark.parametrize(
    ("rules", "operations", "rounds"),
    [(1, 1, 5_000), (100, 1, 1_000), (1_000, 1, 100), (1_000, 100, 5_000)],
)
def test_deciding_and_explaining_beside_bare_conditions(
    rules: int, operations: int, rounds: int
) -> None:
    engine = _engine(rules, operations)
    step = StepFacts("refund", "payments.refund0", FACTS)
    judged = rules // operations
    (decided,) = engine.decide([step]).steps
    assert len(decided.rules) == judged
    assert decided.effect is (Effect.NEEDS_APPROVAL if judged > 1 else Effect.DENIED)
    runs = {
        "bare conditions": _bare(judged),
        "decide": lambda: engine.decide([step]),
        "decide and explain": lambda: lines(engine.decide([step])),
    }
    for run in runs.values():
        run()
    # In turn, so that whatever else the machine does falls on all of them.
    rounds_us = [{name: _spent_us(run) for name, run in runs.items()} for _ in range(rounds)]
    noun = "operation" if operations == 1 else "operations"
    figures.title(f"{rules:,} rules over {operations:,} {noun}, {judged:,} judged")
    bare = _quantile(rounds_us, "bare conditions", 0.5)
    for name in runs:
        p50, p99 = (_quantile(rounds_us, name, share) for share in (0.5, 0.99))
        ratio = f", {p50 / bare:.2f} x the bare conditions" if name != "bare conditions" else ""
        figures.line(name, f"p50 {p50:,.0f} us, p99 {p99:,.0f} us{ratio}")
    if judged == 100:
        explained = _quantile(rounds_us, "decide and explain", 0.5)
        figures.under("decide and explain beside bare", explained / bare, RATIO_BAR, "x", 2)
        tail = _quantile(rounds_us, "decide and explain", 0.99)
        figures.under("decide and explain, p99", tail / 1_000, P99_BAR_MS, "ms", 2)


def _quantile(rounds_us: Sequence[Mapping[str, float]], name: str, share: float) -> float:
    return figures.quantile([spent[name] for spent in rounds_us], share)
