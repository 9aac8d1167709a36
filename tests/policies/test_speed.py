"""Deciding and explaining against its floor: the bare conditions, measured in turn in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

import pytest

from policies import cel
from policies.engine import Engine, StepFacts
from policies.explain import lines
from policies.facts import COMMON, FactTypes

RULES = 100
RATIO_MAX = 3
ROUNDS = 7
RUNS_A_ROUND = 60
TYPES: FactTypes = {"box.weight": "int", "box.colour": "string"}
CONDITION = "box.weight > limits[box.colour] + {}"


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


@pytest.mark.slow
def test_deciding_and_explaining_a_hundred_rules_takes_less_than_thrice_their_conditions(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object]
) -> None:
    rules = "".join(
        f"  - {{id: rule-{n}, effect: require, all: {{over it: '{CONDITION.format(n)}'}},"
        " require: [{role: leads, count: 1}], because: 'over {limits[box.colour]}'}\n"
        for n in range(RULES)
    )
    head = "policy: box\napplies_to: [box.open]\nvalues: {limits: {red: 5, blue: 0}}\nrules:\n"
    engine = engine_of(head + rules, TYPES)
    facts = {**common_facts, "box.weight": 500, "box.colour": "red"}
    step = StepFacts("s", "box.open", facts)
    environment = cel.Environment({**COMMON, **TYPES, "limits": "map<string,int>"})
    conditions = [environment.compile(CONDITION.format(n)) for n in range(RULES)]
    values = {**facts, "limits": {"red": 5, "blue": 0}}

    def bare() -> None:
        activation = environment.activation(values)
        for condition in conditions:
            condition.evaluate(activation)

    def explained() -> tuple[str, ...]:
        return lines(engine.decide([step]))

    assert sum("over it: box.weight=500, limits[box.colour]=5" in s for s in explained()) == RULES
    ratios = []
    for _ in range(ROUNDS):
        spent = [(_seconds(bare), _seconds(explained)) for _ in range(RUNS_A_ROUND)]
        ratios.append(median(whole for _, whole in spent) / median(floor for floor, _ in spent))
    assert median(ratios) < RATIO_MAX
