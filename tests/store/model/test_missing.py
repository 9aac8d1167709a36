"""What a plan still lacks: one person meets one requirement, and nobody counts who may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.model.approval import Approval, Missing, StandIn, missing
from store.model.decision import Requirement

SHOWN = datetime(2026, 11, 22, 12, tzinfo=UTC)
BARRED = {"dana"}


def approval(
    who: str, *roles: str, minutes: int = 1, stands_in: tuple[StandIn, ...] = (), verdict: str = ""
) -> Approval:
    return Approval(
        run_id="R-1001",
        digest="0" * 64,
        person_id=who,
        person_name=who.title(),
        roles=roles,
        stands_in=stands_in,
        verdict="reject" if verdict == "reject" else "approve",
        reason="",
        given_at=SHOWN + timedelta(minutes=minutes),
        account_user=f"U0{who.upper()}",
    )


def need(*roles: str, count: int = 1, stage: int = 1) -> Requirement:
    return Requirement(roles=roles, count=count, stage=stage, rule="rule", because="because")


def people(count: int) -> Requirement:
    return Requirement(kind="people", count=count, rule="rule", because="because")


def lacks(*requirements: Requirement, given: list[Approval]) -> list[int]:
    return [m.count for m in missing(requirements, given, BARRED, SHOWN)]


def whole(*requirements: Requirement, given: list[Approval]) -> tuple[Missing, ...]:
    return missing(requirements, given, BARRED, SHOWN)


def test_one_person_meets_one_requirement_even_when_they_hold_both_roles() -> None:
    assert (
        sum(lacks(need("lead"), need("finance"), given=[approval("ann", "lead", "finance")])) == 1
    )


def test_one_person_counts_once_however_often_they_approve() -> None:
    twice = [approval("ann", "lead"), approval("ann", "lead", "finance", minutes=2)]
    assert lacks(need("lead", count=2), given=twice) == [1]
    assert sum(lacks(need("lead"), need("finance"), given=twice)) == 1


def test_approvals_are_spread_so_that_the_most_is_met_in_whatever_order_they_come() -> None:
    both, one = approval("ann", "lead", "finance"), approval("lee", "lead", minutes=2)
    other = approval("lee", "finance", minutes=2)
    for wanted in ([need("lead"), need("finance")], [need("finance"), need("lead")]):
        for second in (one, other):
            assert lacks(*wanted, given=[both, second]) == [0, 0]
            assert lacks(*wanted, given=[second, both]) == [0, 0]


def test_the_spread_says_who_stands_for_what() -> None:
    found = whole(
        need("lead"),
        need("finance"),
        given=[approval("ann", "lead", "finance"), approval("lee", "lead", minutes=2)],
    )
    assert [m.approved_by for m in found] == [("Lee",), ("Ann",)]


def test_a_group_is_met_by_holders_of_any_of_its_roles() -> None:
    group = need("lead", "finance", count=2)
    assert lacks(group, given=[approval("ann", "lead"), approval("raj", "finance")]) == [0]
    assert lacks(group, given=[approval("ann", "lead"), approval("raj", "sales")]) == [1]


def test_a_rejection_is_no_approval() -> None:
    assert lacks(need("lead"), given=[approval("ann", "lead", verdict="reject")]) == [1]


def test_the_requester_and_the_editors_never_count() -> None:
    given_by = [approval("dana", "lead"), approval("ann", "lead")]
    assert [m.count for m in missing([need("lead", count=2)], given_by, {"dana"}, SHOWN)] == [1]
    assert [m.count for m in missing([need("lead")], given_by, {"dana", "ann"}, SHOWN)] == [1]
    assert [m.count for m in missing([people(2)], given_by, {"dana", "ann"}, SHOWN)] == [2]


def test_a_later_stage_is_closed_until_every_earlier_one_is_complete() -> None:
    first, second = need("lead", count=2), need("finance", stage=2)
    ann, lee, raj = approval("ann", "lead"), approval("lee", "lead"), approval("raj", "finance")
    before = whole(first, second, given=[ann])
    assert [(m.count, m.is_open) for m in before] == [(1, True), (1, False)]
    after = whole(first, second, given=[ann, lee])
    assert [(m.count, m.is_open) for m in after] == [(0, True), (1, True)]
    assert lacks(first, second, given=[ann, lee, raj]) == [0, 0]


def test_an_approval_that_came_before_its_stage_opened_does_not_count() -> None:
    early = [approval("raj", "finance"), approval("ann", "lead", minutes=2)]
    assert lacks(need("lead"), need("finance", stage=2), given=early) == [0, 1]


def test_nobody_fills_two_stages() -> None:
    ann = approval("ann", "lead", "finance")
    assert lacks(need("lead"), need("finance", stage=2), given=[ann]) == [0, 1]


def test_different_people_are_counted_over_all_requirements_with_whatever_role() -> None:
    wanted = (need("lead"), need("finance"), people(3))
    ann, lee = approval("ann", "lead"), approval("lee", "lead", "finance")
    assert lacks(*wanted, given=[ann, lee]) == [0, 0, 1]
    assert lacks(*wanted, given=[ann, lee, approval("raj", "sales")]) == [0, 0, 0]


def test_who_holds_no_role_is_no_different_person_either() -> None:
    ann, sam = approval("ann", "lead"), approval("sam")
    assert lacks(people(2), given=[ann, sam]) == [1]
    assert lacks(people(2), given=[ann, approval("sam", stands_in=(LEE,))]) == [0]


def test_one_more_demand_lets_nobody_complete_what_was_incomplete() -> None:
    given_by = [approval("ann", "lead"), approval("raj", "finance")]
    before = lacks(need("lead"), people(2), given=given_by)
    assert lacks(need("lead"), people(2), need("finance"), given=given_by) == [*before, 0]


def test_a_veto_asks_nobody_to_approve() -> None:
    veto = Requirement(kind="veto", roles=("security",), count=0, rule="rule", because="because")
    assert lacks(veto, given=[]) == [0]
    assert lacks(veto, need("lead"), given=[approval("sam", "security")]) == [0, 1]


def test_an_escalation_counts_from_its_minute_on() -> None:
    patient = Requirement(
        roles=("lead",),
        count=1,
        escalates_to=("managers",),
        escalates_after_minutes=30,
        rule="rule",
        because="because",
    )
    assert lacks(patient, given=[approval("max", "managers", minutes=29)]) == [1]
    assert lacks(patient, given=[approval("max", "managers", minutes=30)]) == [0]
    assert lacks(patient, given=[approval("max", "managers", minutes=31)]) == [0]
    assert lacks(need("lead"), given=[approval("max", "managers", minutes=31)]) == [1]


LEE = StandIn(role="lead", person_id="lee", person_name="Lee")


def test_a_stand_in_counts_for_the_absent_role() -> None:
    assert lacks(need("lead"), given=[approval("mira", "support", stands_in=(LEE,))]) == [0]


def test_an_absent_persons_role_counts_once_whoever_uses_it() -> None:
    two = [approval("mira", stands_in=(LEE,)), approval("max", stands_in=(LEE,), minutes=2)]
    assert lacks(need("lead", count=2), given=two) == [1]
    self_too = [approval("mira", stands_in=(LEE,)), approval("lee", "lead", minutes=2)]
    assert lacks(need("lead", count=2), given=self_too) == [1]


def test_nobody_stands_in_for_somebody_who_may_not_approve() -> None:
    dana = StandIn(role="lead", person_id="dana", person_name="Dana")
    assert lacks(need("lead"), given=[approval("mira", stands_in=(dana,))]) == [1]


def test_a_stand_in_with_the_role_of_their_own_counts_as_themselves() -> None:
    dana = StandIn(role="lead", person_id="dana", person_name="Dana")
    assert lacks(need("lead"), given=[approval("mira", "lead", stands_in=(dana,))]) == [0]


def test_one_stand_in_is_one_person_however_many_they_stand_in_for() -> None:
    max_ = StandIn(role="lead", person_id="max", person_name="Max")
    assert lacks(need("lead", count=2), given=[approval("mira", stands_in=(LEE, max_))]) == [1]


ROLES = ("lead", "finance", "managers")
PEOPLE = ("ann", "bob", "cam", "dana", "eve", "fay")
ABSENT = ("lee", "max")
STANDS_IN = st.lists(
    st.builds(
        lambda role, who: StandIn(role=role, person_id=who, person_name=who.title()),
        st.sampled_from(ROLES),
        st.sampled_from(ABSENT),
    ),
    max_size=2,
).map(tuple)
GIVEN = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sets(st.sampled_from(ROLES)), STANDS_IN),
    max_size=6,
    unique_by=lambda each: each[0],
).map(
    lambda drawn: [
        approval(who, *sorted(roles), minutes=10 * n, stands_in=stands)
        for n, (who, roles, stands) in enumerate(drawn)
    ]
)
NEEDS = st.builds(
    lambda roles, count, stage, after: Requirement(
        roles=tuple(sorted(roles)),
        count=count,
        stage=stage,
        escalates_to=("managers",) if after else (),
        escalates_after_minutes=after,
        rule="rule",
        because="because",
    ),
    st.sets(st.sampled_from(ROLES), min_size=1, max_size=2),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([0, 20]),
)
WANTED = st.lists(
    NEEDS | st.integers(2, 4).map(people),
    max_size=4,
    unique_by=lambda r: (r.kind, r.roles, r.stage),
)


@given(WANTED, GIVEN)
def test_one_more_approval_never_makes_more_lack(
    wanted: list[Requirement], given_by: list[Approval]
) -> None:
    totals = [sum(lacks(*wanted, given=given_by[:n])) for n in range(len(given_by) + 1)]
    assert totals == sorted(totals, reverse=True)


@given(WANTED, NEEDS, GIVEN)
def test_one_more_requirement_never_makes_less_lack(
    wanted: list[Requirement], more: Requirement, given_by: list[Approval]
) -> None:
    before = sum(lacks(*wanted, given=given_by))
    after = sum(lacks(*wanted, more, given=given_by))
    assert after >= before


@pytest.mark.slow
@given(WANTED, GIVEN)
def test_what_is_complete_was_approved_by_enough_different_people_who_are_not_barred(
    wanted: list[Requirement], given_by: list[Approval]
) -> None:
    found = whole(*wanted, given=given_by)
    counted = [name for m in found if m.requirement.kind == "approve" for name in m.approved_by]
    assert len(counted) == len(set(counted))
    assert "Dana" not in counted
    if not any(m.count for m in found):
        assert len(counted) >= sum(r.count for r in wanted if r.kind == "approve")


@pytest.mark.slow
@settings(max_examples=500)
@given(WANTED, st.lists(NEEDS | st.integers(2, 4).map(people), min_size=1, max_size=2), GIVEN)
def test_who_completes_a_plan_with_more_demands_completes_it_without_them(
    wanted: list[Requirement], more: list[Requirement], given_by: list[Approval]
) -> None:
    if not any(lacks(*wanted, *more, given=given_by)):
        assert not any(lacks(*wanted, given=given_by))
