"""What is kept of a decision: the facts to judge it again, in a size that the ledger takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.engine import STEPS_MAX, Engine, StepFacts
from policies.record import RECORD_BYTES_MAX, recorded
from store.ledger.leaf import LEAF_BYTES_MAX
from store.model import canonical
from store.model.decision import Decision, Effect

TYPES = {"box.weight": "int", "box.colour": "string", "box.labels": "list<string>"}
BOX: Mapping[str, object] = {"box.weight": 7, "box.colour": "red", "box.labels": ["fragile"]}
HEAD = "policy: box\napplies_to: [box.open]\nvalues: {limits: {red: 5, blue: 0}}\nrules:\n"
ALLOW = "  - {id: light, effect: allow, all: {light: box.weight < 99}, because: light}\n"


def box_rules(count: int) -> str:
    """One rule that allows and so many that do not match, each speaking of a colour and a limit."""
    condition = "box.weight > limits[box.colour] + {} && box.labels.exists(l, l == box.colour)"
    return (
        HEAD
        + ALLOW
        + "".join(
            f"  - {{id: rule-{n}, effect: require, all: {{over it: '{condition.format(n)}'}},"
            f" require: [{{role: leads, count: 1}}], because: 'over {{limits[box.colour]}}'}}\n"
            for n in range(count - 1)
        )
    )


def test_every_decision_keeps_the_facts_it_was_made_on(
    decide_refund: Callable[..., Decision], refund_facts: Mapping[str, object], engine: Engine
) -> None:
    decision = decide_refund({"refund.amount_minor": 12_900, "workflow.level": 4})
    (step,) = decision.steps
    assert step.facts.keys() >= refund_facts.keys()
    assert step.facts["refund.amount_minor"] == 12_900
    assert step.facts["workflow.level"] == 4, "as stated, not as the environment capped it"
    assert step.facts["now"] == "2026-11-22T12:00:00Z"
    kept = json.loads(canonical.encode(recorded(decision)))["steps"][0]
    assert engine.decide([StepFacts(kept["step"], kept["operation"], kept["facts"])]) == decision


@given(
    st.dictionaries(
        st.sampled_from(["box.weight", "box.colour", "box.labels", "now", "box.\u00fc", "x" * 200]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(st.characters(exclude_categories=[]))
        | st.binary()
        | st.datetimes()
        | st.lists(st.none() | st.text(), max_size=3)
        | st.dictionaries(st.text(), st.floats()),
    )
)
def test_facts_that_were_refused_are_kept_as_far_as_they_are_facts(
    engine_of: Callable[..., Engine],
    common_facts: Mapping[str, object],
    facts: dict[str, object],
) -> None:
    engine = engine_of(HEAD + ALLOW, TYPES)
    decision = engine.decide([StepFacts("s", "box.open", {**common_facts, **facts})])
    assert canonical.encode(recorded(decision))
    (step,) = decision.steps
    assert step.facts["requester.id"] == "person-dana"


def test_the_facts_of_an_unknown_operation_are_kept(engine: Engine) -> None:
    decision = engine.decide([StepFacts("s", "box.burn", {"box.weight": 3, "box.top": 0.5})])
    assert decision.effect is Effect.DENIED
    assert decision.steps[0].facts == {"box.weight": 3}


def test_a_hundred_rules_of_three_steps_are_kept_whole(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object]
) -> None:
    facts = {**common_facts, **BOX}
    steps = [StepFacts(f"s{n}", "box.open", facts) for n in range(3)]
    decision = engine_of(box_rules(100), TYPES).decide(steps)
    kept = recorded(decision)
    assert kept == decision.model_dump(mode="json")
    assert all(len(step["rules"]) == 100 for step in kept["steps"])
    assert len(canonical.encode(kept).encode()) < LEAF_BYTES_MAX / 4


@pytest.mark.slow
@pytest.mark.parametrize("is_wide", [False, True])
def test_the_largest_decision_is_shortened_until_it_fits_and_says_so(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object], is_wide: bool
) -> None:
    labels = [f"{n:0>4}" * 500 for n in range(500)] if is_wide else ["fragile"]
    facts = {**common_facts, **BOX, "box.labels": labels}
    steps = [StepFacts(f"s{n}", "box.open", facts) for n in range(STEPS_MAX)]
    decision = engine_of(box_rules(120), TYPES).decide(steps)
    kept = recorded(decision)
    assert len(canonical.encode(kept).encode()) <= RECORD_BYTES_MAX + 1_000 < LEAF_BYTES_MAX
    assert kept["shortened"].startswith("left out: the checks of rules that do not match")
    assert (kept["effect"], kept["reason"]) == (decision.effect.value, decision.reason)
    assert kept["requirements"] == decision.model_dump(mode="json")["requirements"]
    assert all(bool(step["facts"]) is not is_wide for step in kept["steps"])


def test_a_long_value_beside_a_check_is_cut_and_whole_among_the_facts(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object]
) -> None:
    facts = {
        **common_facts,
        "now": datetime(2026, 11, 22, tzinfo=UTC),
        "box.weight": 1,
        "box.colour": "r" * 4_000,
        "box.labels": [str(n) for n in range(500)],
    }
    condition = "box.colour != '' && box.labels.exists(l, l == '499')"
    text = f'{HEAD}{ALLOW}  - {{id: d, effect: deny, all: {{c: "{condition}"}}, because: b}}\n'
    (step,) = engine_of(text, TYPES).decide([StepFacts("s", "box.open", facts)]).steps
    values = step.rules[1].checks[0].values
    assert values["box.colour"] == "r" * 199 + "…"
    assert values["box.labels"] == [*(str(n) for n in range(20)), "… 480 more"]
    assert step.facts["box.colour"] == facts["box.colour"]
    assert step.facts["box.labels"] == facts["box.labels"]
