"""Laws of deciding: denials and requirements never loosen, order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.engine import Engine, StepFacts
from policies.requirements import union
from policies.strictness import Change, change
from store.model.approval import Approval, missing
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
        text += f", require: [{', '.join(draw(st.lists(asks(), min_size=1, max_size=2)))}]"
    return text


@st.composite
def asks(draw: st.DrawFn) -> str:
    """Who must consent, in each of the ways that a rule can say it."""
    kind = draw(st.sampled_from(["role", "any_of", "all_of", "people", "veto"]))
    if kind == "people":
        return f"{{people: {draw(st.integers(2, 3))}}}"
    if kind == "veto":
        return f"{{veto: {draw(ROLES)}}}"
    roles = draw(st.lists(ROLES, min_size=1, max_size=2, unique=True))
    named = roles[0] if kind == "role" else f"[{', '.join(roles)}]"
    text = f"{kind}: {named}, count: {draw(st.integers(1, 2))}, stage: {draw(st.integers(1, 2))}"
    if draw(st.booleans()):
        text += f", escalate_to: {draw(ROLES)}, after_minutes: {draw(st.sampled_from([15, 30]))}"
    return f"{{{text}}}"


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
    return change(before, after) in {Change.SAME, Change.TIGHTER}


SHOWN = datetime(2026, 11, 22, 12, tzinfo=UTC)


@st.composite
def approvals(draw: st.DrawFn) -> tuple[Approval, ...]:
    """What up to six people gave, one every ten minutes; the first of them asked."""
    held = draw(st.lists(st.sets(ROLES), max_size=6))
    return tuple(
        Approval(
            run_id="R-1001",
            digest="0" * 64,
            person_id=f"person-{number}",
            person_name=f"Person {number}",
            roles=tuple(sorted(roles)),
            verdict="approve",
            reason="",
            given_at=SHOWN + timedelta(minutes=10 * number),
            account_user=f"U{number}",
        )
        for number, roles in enumerate(held)
    )


def may_execute(decision: Decision, given_by: tuple[Approval, ...]) -> bool:
    if decision.effect is not Effect.NEEDS_APPROVAL:
        return decision.effect is Effect.MAY_RUN
    lacking = missing(decision.requirements, given_by, {"person-0"}, SHOWN)
    return not any(lack.count for lack in lacking)


def names_the_first_approver(before: Decision) -> bool:
    """At L2 a write that nobody was asked to approve is refused; a rule that names an approver is
    what makes it approvable. It still never runs without that person."""
    return "no rule names one" in before.reason


@pytest.mark.slow
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


@pytest.mark.slow
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
    if level == 2 and names_the_first_approver(before):
        assert after.effect in (Effect.DENIED, Effect.NEEDS_APPROVAL)
    else:
        assert is_at_least_as_strict(after, before)


@pytest.mark.slow
@settings(LAWS, max_examples=200)
@given(
    written=st.lists(rules(), max_size=5),
    more=rules(("deny", "require")),
    facts=FACTS,
    level=LEVELS,
    given_by=approvals(),
)
def test_who_may_execute_with_one_more_denial_or_demand_may_execute_without_it(
    engine_of: Callable[..., Engine],
    common_facts: Mapping[str, object],
    written: list[str],
    more: str,
    facts: dict[str, object],
    level: int,
    given_by: tuple[Approval, ...],
) -> None:
    common = {**common_facts, "workflow.level": level}
    allowed = [*written, "effect: allow, all: {c: 'true'}, because: because"]
    before = decided(engine_of, common, allowed, facts)
    for extended in ([*allowed, more], [more, *allowed]):
        after = decided(engine_of, common, extended, facts)
        if may_execute(after, given_by) and not names_the_first_approver(before):
            assert may_execute(before, given_by)


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


@pytest.mark.slow
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
    assert {_ways_in(r) for r in one.requirements} == {_ways_in(r) for r in other.requirements}


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
