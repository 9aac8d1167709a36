"""Two decisions put together never ask for less than either."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policies.stricter import stricter
from store.model.decision import Decision, Effect, Requirement, StepDecision

REQUIREMENTS = st.lists(
    st.builds(
        Requirement,
        roles=st.sampled_from([("a",), ("b",), ("a", "b")]),
        count=st.integers(1, 3),
        stage=st.integers(1, 2),
        rule=st.sampled_from(["r", "s"]),
        because=st.sampled_from(["one reason", "another"]),
    ),
    max_size=3,
)


def decision(effect: Effect, requirements: list[Requirement]) -> Decision:
    asked = tuple(requirements) if effect is Effect.NEEDS_APPROVAL else ()
    step = StepDecision(
        step="s", operation="o.p", effect=effect, reason="why", rules=(), requirements=asked
    )
    return Decision(effect=effect, reason=f"it {effect}", steps=(step,), requirements=asked)


DECISIONS = st.builds(decision, st.sampled_from(Effect), REQUIREMENTS)
ORDER = [Effect.MAY_RUN, Effect.NEEDS_APPROVAL, Effect.DENIED]
LEAD = Requirement(roles=("a",), count=1, rule="r", because="as it was signed")


@given(DECISIONS, DECISIONS)
def test_it_refuses_what_either_refuses_and_asks_what_either_asks(
    one: Decision, other: Decision
) -> None:
    both = stricter(one, other)
    assert ORDER.index(both.effect) == max(ORDER.index(one.effect), ORDER.index(other.effect))
    if both.effect is Effect.DENIED:
        assert both.requirements == ()
        return
    for asked in (*one.requirements, *other.requirements):
        key = (asked.kind, asked.roles, asked.stage)
        counts = [r.count for r in both.requirements if (r.kind, r.roles, r.stage) == key]
        assert [count for count in counts if count >= asked.count], asked


@given(DECISIONS)
def test_it_changes_nothing_where_both_are_the_same(one: Decision) -> None:
    union = {(r.roles, r.stage) for r in one.requirements}
    assert {(r.roles, r.stage) for r in stricter(one, one).requirements} == union
    assert stricter(one, one).effect is one.effect


def test_what_may_run_now_keeps_the_requirements_that_were_signed_in_their_words() -> None:
    signed = decision(Effect.NEEDS_APPROVAL, [LEAD])
    for now in (Effect.MAY_RUN, Effect.NEEDS_APPROVAL):
        reworded = [LEAD.model_copy(update={"because": "as it is now"})]
        assert stricter(signed, decision(now, reworded)).requirements == (LEAD,)


def test_what_needs_approval_now_is_not_run_because_it_might_have_been() -> None:
    both = stricter(decision(Effect.MAY_RUN, []), decision(Effect.NEEDS_APPROVAL, [LEAD]))
    assert both.effect is Effect.NEEDS_APPROVAL
    assert both.steps[0].effect is Effect.NEEDS_APPROVAL
    assert both.requirements == (LEAD,)


def test_a_denial_keeps_its_reason() -> None:
    denied, may_run = decision(Effect.DENIED, []), decision(Effect.MAY_RUN, [])
    assert stricter(denied, may_run).reason == "it denied"
    assert stricter(may_run, denied).reason == "it denied"
