"""Laws of deciding: denials and requirements never loosen, order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.engine import Engine, StepFacts
from policies.requirements import union
from store.model.decision import Decision, Effect, Requirement

TYPES = {"box.weight": "int", "box.colour": "string"}
CONDITIONS = st.sampled_from(
    [
        "true",
        "false",
        "box.weight > 3",
        "box.weight <= 3",
        'box.colour == "red"',
        "box.weight < limits[box.colour]",
        "workflow.level < 3",
    ]
)
ROLES = st.sampled_from(["support", "admins", "finance-leads"])


@st.composite
def rules(draw: st.DrawFn, effects: tuple[str, ...] = ("deny", "allow", "require")) -> str:
    """One rule without its id, as a flow mapping."""
    effect = draw(st.sampled_from(effects))
    group = draw(st.sampled_from(["all", "any"]))
    checks = draw(st.lists(CONDITIONS, min_size=1, max_size=3))
    labelled = ", ".join(f"c{n}: '{text}'" for n, text in enumerate(checks))
    text = f"effect: {effect}, {group}: {{{labelled}}}, because: because"
    if effect == "require":
        text += f", require: [{{role: {draw(ROLES)}, count: {draw(st.integers(1, 3))}}}]"
    return text


LAWS = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
FACTS = st.fixed_dictionaries(
    {"box.weight": st.integers(-10, 10), "box.colour": st.sampled_from(["red", "blue", "green"])}
)
LEVELS = st.integers(1, 4)


def decided(
    engine_of: Callable[..., Engine],
    common: Mapping[str, object],
    written: list[str],
    facts: Mapping[str, object],
) -> Decision:
    lines = [f"  - {{id: r{n}, {text}}}" for n, text in enumerate(written)]
    head = "policy: box\napplies_to: [box.open]\nvalues: {limits: {red: 5, blue: 0}}\nrules:\n"
    engine = engine_of(head + "\n".join(lines), TYPES)
    return engine.decide([StepFacts("s", "box.open", {**common, **facts})])


def is_at_least_as_strict(after: Decision, before: Decision) -> bool:
    if after.effect is Effect.DENIED:
        return True
    if before.effect is Effect.DENIED:
        return False
    asked = {r.who: r.count for r in after.requirements}
    return all(asked.get(r.who, 0) >= r.count for r in before.requirements)


@LAWS
@given(
    written=st.lists(rules(), min_size=1, max_size=5),
    more=rules(("deny",)),
    facts=FACTS,
    level=LEVELS,
)
def test_one_more_denial_never_loosens(
    engine_of: Callable[..., Engine],
    common_facts: Mapping[str, object],
    written: list[str],
    more: str,
    facts: dict[str, object],
    level: int,
) -> None:
    common = {**common_facts, "workflow.level": level}
    before = decided(engine_of, common, written, facts)
    for extended in ([*written, more], [more, *written]):
        assert is_at_least_as_strict(decided(engine_of, common, extended, facts), before)


@LAWS
@given(
    written=st.lists(rules(), min_size=1, max_size=5),
    more=rules(("require",)),
    facts=FACTS,
    level=LEVELS,
)
def test_one_more_requirement_never_loosens_what_rules_decided(
    engine_of: Callable[..., Engine],
    common_facts: Mapping[str, object],
    written: list[str],
    more: str,
    facts: dict[str, object],
    level: int,
) -> None:
    common = {**common_facts, "workflow.level": level}
    before = decided(engine_of, common, written, facts)
    after = decided(engine_of, common, [*written, more], facts)
    # At L2 a write that nobody was asked to approve is refused; naming the approver is what makes
    # it approvable. It still never runs without that person.
    if level == 2 and "no rule names one" in before.reason:
        assert after.effect in (Effect.DENIED, Effect.NEEDS_APPROVAL)
    else:
        assert is_at_least_as_strict(after, before)


@LAWS
@given(written=st.lists(rules(), min_size=1, max_size=5), facts=FACTS, level=LEVELS)
def test_nothing_runs_or_is_approved_without_a_matching_allow_rule(
    engine_of: Callable[..., Engine],
    common_facts: Mapping[str, object],
    written: list[str],
    facts: dict[str, object],
    level: int,
) -> None:
    decision = decided(engine_of, {**common_facts, "workflow.level": level}, written, facts)
    (step,) = decision.steps
    if decision.effect is not Effect.DENIED:
        assert any(r.effect == "allow" and r.is_matched for r in step.rules)
        assert not any(r.effect == "deny" and r.is_matched for r in step.rules)
        assert all(r.is_matched is not None for r in step.rules)
    if level <= 2:
        assert decision.effect is not Effect.MAY_RUN
    if level == 1:
        assert decision.effect is Effect.DENIED


@LAWS
@given(
    written=st.lists(rules(), min_size=1, max_size=5),
    facts=FACTS,
    level=LEVELS,
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_rules_changes_no_verdict(
    engine_of: Callable[..., Engine],
    common_facts: Mapping[str, object],
    written: list[str],
    facts: dict[str, object],
    level: int,
    order: object,
) -> None:
    common = {**common_facts, "workflow.level": level}
    shuffled = list(written)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one = decided(engine_of, common, written, facts)
    other = decided(engine_of, common, shuffled, facts)
    assert one.effect is other.effect
    assert {(r.who, r.count) for r in one.requirements} == {
        (r.who, r.count) for r in other.requirements
    }


REQUIREMENTS = st.lists(
    st.builds(
        Requirement,
        kind=st.sampled_from(["approve", "approve", "people"]),
        roles=st.sampled_from([("a",), ("b",), ("a", "b")]),
        count=st.integers(1, 4),
        stage=st.integers(1, 2),
        escalates_to=st.sampled_from([(), ("m",), ("n",)]),
        escalates_after_minutes=st.sampled_from([10, 20]),
        rule=st.sampled_from(["r", "s"]),
        because=st.just("because"),
    ),
    max_size=6,
)


def _group(requirement: Requirement) -> tuple[str, tuple[str, ...], int]:
    return requirement.kind, requirement.roles, requirement.stage


def _ways_in(requirement: Requirement) -> tuple[object, ...]:
    escalation = (requirement.escalates_to, requirement.escalates_after_minutes)
    return (*_group(requirement), requirement.count, escalation if escalation[0] else ())


@given(REQUIREMENTS, REQUIREMENTS)
def test_a_union_asks_for_the_most_of_each_group_and_stage_and_is_its_own_union(
    one: list[Requirement], other: list[Requirement]
) -> None:
    joined = union([*one, *other])
    for group in {_group(r) for r in (*one, *other)}:
        demands = [r for r in (*one, *other) if _group(r) == group]
        (asked,) = [r for r in joined if _group(r) == group]
        assert asked.count == max(r.count for r in demands)
        # Whoever may approve by escalation may do so under every one of the demands.
        for role in asked.escalates_to:
            waits = [r.escalates_after_minutes for r in demands if role in r.escalates_to]
            assert len(waits) == len(demands)
            assert asked.escalates_after_minutes == max(waits)
    assert union(joined) == joined
    assert {_ways_in(r) for r in union([*other, *one])} == {_ways_in(r) for r in joined}
