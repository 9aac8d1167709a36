"""What a card offers and says in each status."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bot.cards import authority, phrases, press, text
from bot.cards.details import details
from bot.cards.model import Action
from bot.cards.run_card import run_card
from store.model.decision import Check
from store.model.plan import Slot
from store.model.run import SETTLED, Status
from tests.bot.cards.one_refund import PROPOSAL, approval, run, usd, view
from tests.bot.cards.stories import STORIES


@pytest.mark.parametrize("story", [s for s in STORIES if STORIES[s].run.status in SETTLED])
def test_settled_card_has_no_live_button(story):
    assert {button.action for button in run_card(STORIES[story]).buttons} <= {Action.DETAILS}


@pytest.mark.parametrize("story", STORIES)
def test_every_button_names_the_run_and_the_whole_digest_it_was_drawn_with(story):
    shown = STORIES[story]
    for button in run_card(shown).buttons:
        pressed = press.read(button.value)
        assert pressed is not None
        assert pressed.run_id == shown.run.id
        question = shown.run.question
        if button.action in (Action.ANSWER, Action.ANSWER_FORM):
            assert question is not None
            assert pressed.digest == question.slot
        else:
            proposal = shown.run.proposal
            assert pressed.digest == (proposal.digest if proposal else "")


def test_waiting_card_says_who_approved_and_who_is_missing():
    said = text.render(run_card(STORIES["waiting_1_of_2"]), UTC)
    assert "WAITING 1 of 2" in said
    assert "ok  needs 1 support lead: approved by Lee 12:41" in said
    assert "--  needs 1 finance lead (Ann or Raj) · because: third refund" in said


def test_card_says_that_the_directory_did_not_answer_instead_of_nobody():
    said = text.render(run_card(STORIES["waiting_directory_away"]), UTC)
    assert "the directory did not answer" in said
    assert "nobody holds this role now" in said


def test_approvals_of_an_earlier_plan_do_not_count_on_the_card():
    shown = STORIES["drifted"]
    said = text.render(run_card(shown), UTC)
    assert "CHANGED SINCE YOU LOOKED" in said
    assert "WAITING 0 of 2" in said


def test_what_was_found_differs_from_what_was_predicted_and_the_card_says_so():
    said = text.render(run_card(STORIES["applied_otherwise"]), UTC)
    assert "2 of 3 steps as predicted" in said.replace("\n", " ")
    assert "found closed" in said


def test_denied_card_shows_the_denying_rule_as_standing_in_the_way():
    said = text.render(run_card(STORIES["denied"]), UTC)
    assert "Denied by window" in said
    assert " no  delivered over 30 days ago  days = 43" in said
    assert "requester in support" not in said


def test_times_are_the_readers():
    from zoneinfo import ZoneInfo

    said = text.render(run_card(STORIES["waiting_1_of_2"]), ZoneInfo("Asia/Tokyo"))
    assert "approved by Lee 21:41" in said
    assert "Expires 22 Nov 01:41" in said


def test_press_survives_its_value_and_refuses_forged_ones():
    assert press.read(press.write(press.Press("R-1", "order", "10:43"))) == press.Press(
        "R-1", "order", "10:43"
    )
    of_part = press.Press("R-1", "refund~2.amount", "$40")
    assert press.read(press.write(of_part)) == of_part
    for forged in (
        "",
        "R-1",
        "R 1:ab",
        "R-1:" + "a" * 65,
        "R-1:a~b.c",
        "R-1:a.b.c",
        "R-1:a b",
        "x" * 5_000,
        "R-1:\n",
    ):
        assert press.read(forged) is None


def test_two_people_of_one_role_are_counted_apart():
    two = PROPOSAL.decision.requirements[0].model_copy(update={"count": 2})
    decided = PROPOSAL.decision.model_copy(update={"requirements": (two,)})
    of = PROPOSAL.model_copy(update={"decision": decided})
    shown = view(
        run(Status.WAITING, proposal=of),
        (approval("Lee", "support-lead", of=of), approval("Mira", "support-lead", of=of)),
    )
    assert run_card(shown).badge.text == "WAITING 2 of 2"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "(none)"), ("", "(empty)"), ("  ", "(empty)"), (True, "yes"), (False, "no"),
        (1043, "1043"), (usd(123_456), "$1,234.56"),
        ({"minor": 15_000, "currency": "JPY"}, "¥15,000"),
        ([], "(empty)"), (["a", "b"], "a, b"), ({"paid_out": False}, "paid out no"),
    ],
)  # fmt: skip
def test_values_are_said(value, said):
    assert phrases.say(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (2.1, "2.1 s"), (59.4, "59 s"), (59.96, "1 min"), (100, "1 min 40 s"),
     (3_600, "1 h"), (11_100, "3 h 5 min"), (187_200, "2 d 4 h"), (-5, "0.0 s")],
)  # fmt: skip
def test_durations_are_said(seconds, said):
    assert phrases.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("micro", "said"),
    [
        (0, "$0.00"),
        (30_000, "$0.03"),
        (2_100, "$0.0021"),
        (1_234_560_000, "$1,234.56"),
        (-30_000, "-$0.03"),
    ],
)
def test_costs_are_said(micro, said):
    assert phrases.dollars(micro) == said


def test_minor_units_of_a_check_are_said_as_money_where_the_currency_is_known():
    said = text.render(run_card(STORIES["waiting_1_of_2"]), UTC)
    assert "refund.amount = $40.00, payment.refundable = $129.00" in said
    known = authority.currencies(PROPOSAL.decision)
    alien = Check(label="x", is_met=True, values={"fee.amount_minor": 7, "n_minor": True})
    assert authority.check_line(alien, known).value == "fee.amount_minor = 7, n_minor = yes"


def test_what_ran_by_itself_waited_for_nobody():
    by_itself = STORIES["applied_by_itself"]
    proposed = by_itself.run.model_copy(update={"proposed_at": by_itself.run.approved_at})
    said = text.render(run_card(replace(by_itself, run=proposed)), UTC)
    assert "DONE in 1 min 42 s: 3 of 3" in said


def test_a_day_is_said_as_the_form_shows_it_on_the_card_and_in_details():
    until = Slot(name="until", value="2026-11-30", said="until Monday", source="the order")
    asking = view(run(Status.ASKING, slots=(until,)))
    assert "until Mon 30 Nov 2026, from the order" in text.render(run_card(asking), UTC)
    waiting = view(run(Status.WAITING, slots=(until,), proposal=PROPOSAL))
    assert "until Mon 30 Nov 2026 is from the order" in text.render(run_card(waiting), UTC)
    assert "until: Mon 30 Nov 2026" in text.render(details(waiting)[0], UTC)


def test_what_only_looks_like_a_day_is_said_as_it_is():
    assert phrases.say_slot(Slot(name="ref", value="2026-02-30", said="")) == "2026-02-30"
