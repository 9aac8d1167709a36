"""Looser, tighter, both or neither: what a change of policy makes of a decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.strictness import Change, change, covers
from store.model.approval import Approval, missing
from store.model.decision import Decision, Effect, Requirement

SHOWN = datetime(2026, 11, 22, 12, tzinfo=UTC)


def need(*roles: str, **more: Any) -> Requirement:
    return Requirement(**{"roles": roles, "count": 1, "rule": "r", "because": "b", **more})


LEAD, FINANCE, EITHER = need("lead"), need("finance"), need("finance", "lead")
PEOPLE = need(kind="people", count=2)
VETO = need("security", kind="veto", count=0)
PATIENT = need("lead", escalates_to=("managers",), escalates_after_minutes=30)


def decision(effect: Effect, *requirements: Requirement) -> Decision:
    return Decision(effect=effect, reason="reason", steps=(), requirements=requirements)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (Effect.MAY_RUN, Effect.NEEDS_APPROVAL, Change.TIGHTER),
        (Effect.MAY_RUN, Effect.DENIED, Change.TIGHTER),
        (Effect.NEEDS_APPROVAL, Effect.DENIED, Change.TIGHTER),
        (Effect.DENIED, Effect.NEEDS_APPROVAL, Change.LOOSER),
        (Effect.DENIED, Effect.MAY_RUN, Change.LOOSER),
        (Effect.NEEDS_APPROVAL, Effect.MAY_RUN, Change.LOOSER),
        (Effect.DENIED, Effect.DENIED, Change.SAME),
        (Effect.MAY_RUN, Effect.MAY_RUN, Change.SAME),
    ],
)
def test_effects_are_ordered(old: Effect, new: Effect, found: Change) -> None:
    assert change(decision(old), decision(new)) is found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ([LEAD], [need("lead", rule="other", because="else")], Change.SAME),
        ([LEAD, FINANCE], [FINANCE, LEAD], Change.SAME),
        ([need("lead", count=2)], [LEAD], Change.LOOSER),
        ([LEAD], [LEAD, FINANCE], Change.TIGHTER),
        ([LEAD], [FINANCE], Change.CHANGED),
        ([LEAD], [EITHER], Change.LOOSER),
        ([EITHER], [LEAD], Change.TIGHTER),
        ([EITHER, EITHER], [LEAD], Change.CHANGED),
        ([LEAD, EITHER], [need("lead", count=2)], Change.TIGHTER),
        ([LEAD, need("finance", stage=2)], [LEAD, FINANCE], Change.LOOSER),
        ([LEAD], [need("lead", stage=2)], Change.SAME),
        ([LEAD], [PATIENT], Change.LOOSER),
        ([PATIENT], [LEAD], Change.TIGHTER),
        ([PATIENT], [PATIENT.model_copy(update={"escalates_after_minutes": 60})], Change.TIGHTER),
        ([LEAD, VETO], [LEAD], Change.LOOSER),
        ([LEAD], [LEAD, VETO], Change.TIGHTER),
        ([LEAD, PEOPLE], [LEAD], Change.LOOSER),
        ([LEAD, FINANCE], [LEAD, FINANCE, PEOPLE], Change.SAME),
        ([LEAD, PEOPLE], [LEAD, FINANCE], Change.TIGHTER),
    ],
)
def test_demands_are_a_partial_order(
    old: list[Requirement], new: list[Requirement], found: Change
) -> None:
    of = Effect.NEEDS_APPROVAL
    assert change(decision(of, *old), decision(of, *new)) is found


ROLES = st.sampled_from([("lead",), ("finance",), ("finance", "lead")])
DEMANDS = st.lists(
    st.builds(
        lambda roles, count, stage, after: need(
            *roles,
            count=count,
            stage=stage,
            escalates_to=("managers",) if after else (),
            escalates_after_minutes=after,
        ),
        ROLES,
        st.integers(1, 2),
        st.integers(1, 2),
        st.sampled_from([0, 0, 20, 40]),
    )
    | st.just(PEOPLE),
    max_size=3,
    unique_by=lambda r: (r.kind, r.roles, r.stage),
)
GIVEN = st.lists(st.sets(st.sampled_from(["lead", "finance", "managers"])), max_size=6)


def approvals(roles: list[set[str]]) -> list[Approval]:
    return [
        Approval(
            run_id="R-1001",
            digest="0" * 64,
            person_id=f"p{number}",
            person_name=f"P{number}",
            roles=tuple(sorted(held)),
            verdict="approve",
            reason="",
            given_at=SHOWN + timedelta(minutes=10 * number),
            account_user=f"U{number}",
        )
        for number, held in enumerate(roles)
    ]


def is_met(demands: list[Requirement], given_by: list[Approval]) -> bool:
    return not any(m.count for m in missing(demands, given_by, set(), SHOWN))


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(DEMANDS, DEMANDS, GIVEN)
def test_whoever_meets_the_stricter_demands_meets_the_others(
    strict: list[Requirement], other: list[Requirement], roles: list[set[str]]
) -> None:
    if covers(strict, other) and is_met(strict, approvals(roles)):
        assert is_met(other, approvals(roles))


@settings(max_examples=300, deadline=None)
@given(DEMANDS, DEMANDS, GIVEN)
def test_one_more_demand_is_never_looser(
    asked: list[Requirement], more: list[Requirement], roles: list[set[str]]
) -> None:
    assert covers([*asked, *more], asked)
    if is_met([*asked, *more], approvals(roles)):
        assert is_met(asked, approvals(roles))


@given(DEMANDS, DEMANDS, DEMANDS)
def test_strictness_is_an_order(
    one: list[Requirement], two: list[Requirement], three: list[Requirement]
) -> None:
    assert covers(one, one)
    if covers(one, two) and covers(two, three):
        assert covers(one, three)
