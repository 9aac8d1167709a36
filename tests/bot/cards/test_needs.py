"""What a waiting card says of who is still missing, in which order, and who no longer counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from bot.cards import text
from bot.cards.model import Action
from bot.cards.needs import approved_count, approvers
from bot.cards.run_card import run_card
from bot.view import RunView
from tests.bot.cards.stories import STORIES


def said(story: str) -> str:
    return shown(STORIES[story])


def shown(view: RunView) -> str:
    return " ".join(text.render(run_card(view), UTC).split())


@pytest.mark.parametrize(
    ("story", "counted"),
    [
        ("in_stages_0_of_3", (0, 3)),
        ("in_stages_1_of_3", (1, 3)),
        ("in_stages_2_of_3", (2, 3)),
        ("veto", (0, 2)),  # one approver of a role is one of the two people
        ("two_people_1_of_2", (1, 2)),
        ("delegated", (1, 2)),
    ],
)
def test_approvals_are_counted_once_whatever_they_stand_for(story, counted):
    assert approved_count(STORIES[story]) == counted


def test_a_later_stage_says_what_it_waits_for_until_it_is_open():
    assert "then 2 finance leads (Ann and Raj), after 1 support lead" in said("in_stages_0_of_3")
    assert "then 2 finance leads (Ann and Raj) · because" in said("in_stages_1_of_3")


def test_who_has_approved_is_not_named_as_missing():
    story = said("in_stages_2_of_3")
    assert "then 2 finance leads: approved by Ann 12:41, waiting for 1 more (Raj)" in story


def test_who_edited_is_not_named_as_missing_and_told_so():
    assert "needs 1 support lead (Mira)" in said("edited")
    assert "Lee cannot approve it." in said("edited")


def test_escalation_is_announced_and_then_names_the_second_group():
    assert "(Lee or Mira), from 14:41 finance leads too" in said("escalates_later")
    assert "(Ann or Raj)" not in said("escalates_later")
    assert "(Lee or Mira), since 14:41 finance leads too (Ann or Raj)" in said("escalated")


def test_a_card_says_when_too_few_could_approve():
    view = STORIES["in_stages_1_of_3"]
    few = replace(view, eligible={**view.eligible, "finance-leads": ("Raj",)})
    assert "then 2 finance leads (only Raj can now)" in shown(few)


def test_a_reason_of_several_demands_is_said_once():
    view = STORIES["in_stages_0_of_3"]
    one = [
        m.model_copy(update={"requirement": m.requirement.model_copy(update={"because": "x"})})
        if hasattr(m, "model_copy")
        else replace(m, requirement=m.requirement.model_copy(update={"because": "x"}))
        for m in view.missing
    ]
    assert shown(replace(view, missing=tuple(one))).count("because: x") == 1


def test_a_stand_in_is_named_with_whom_they_stand_for():
    assert "needs 1 support lead: approved by Mira for Lee 12:41" in said("delegated")


def test_who_met_a_demand_by_their_own_role_is_named_for_nobody():
    view = STORIES["delegated"]
    assert approvers(view) == ("Mira for Lee",)
    (mira,) = view.approvals
    own = mira.model_copy(
        update={"person_id": "P-Ann", "person_name": "Ann", "roles": ("finance-leads",)}
    )
    lee = mira.model_copy(
        update={
            "person_id": "P-Lee",
            "person_name": "Lee",
            "roles": ("support-lead",),
            "stands_in": (),
        }
    )
    both = (lee, own)
    missing = view.run.proposal.lacking(both, view.run.request.person_id)
    assert approvers(replace(view, approvals=both, missing=missing)) == ("Lee", "Ann")


def test_a_veto_is_no_approval_that_anybody_waits_for():
    assert "may veto: security (Eve)" in said("veto")
    assert "WAITING 0 of 2" in said("veto")


def test_who_no_longer_counts_is_said_above_the_diff():
    card = run_card(STORIES["approver_lost_role"])
    assert "Lee is no longer in support lead" in "".join(map(str, card.notice))
    assert card.badge.text == "WAITING 0 of 2"


@pytest.mark.parametrize(
    ("story", "row", "menu"),
    [
        (
            "waiting_0_of_2",
            [Action.APPROVE, Action.REJECT, Action.EDIT, Action.DETAILS],
            [Action.ASK, Action.CANCEL],
        ),
        (
            "waiting_1_of_2",
            [Action.APPROVE, Action.REJECT, Action.EDIT, Action.DETAILS],
            [Action.ASK, Action.WITHDRAW, Action.CANCEL],
        ),
        (
            "question_open",
            [Action.APPROVE, Action.REJECT, Action.REPLY, Action.DETAILS],
            [Action.EDIT, Action.ASK, Action.WITHDRAW, Action.CANCEL],
        ),
    ],
)
def test_what_is_needed_most_stands_in_the_row(story, row, menu):
    buttons = run_card(STORIES[story]).buttons
    assert [b.action for b in buttons if not b.is_minor] == row
    assert [b.action for b in buttons if b.is_minor] == menu
