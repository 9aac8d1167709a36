"""A refund as people live it, through both of Slack's deliveries."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_a_refund_is_asked_approved_done_and_summarised(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, arrived damaged")
    card = play.until_card(run, "WAITING")
    for part in (f"order {order}", "$4.00", "Lee Park", "Expires", run.proposal.digest[:4], "cost"):
        assert part in card, f"{part} is not on the card:\n{card}"
    play.approve(run, "lead")
    assert play.refunds(order) == [400]
    settled = play.until_card(run, "DONE")
    assert "Lee Park" in settled
    assert play.buttons(run) == ["details"]
    [summary] = play.until(lambda: play.summaries(run), "the summary")
    for part in ("asked by Dana Okafor", "approved by Lee Park", "ledger", "$4.00"):
        assert part in summary, f"{part} is not in the summary:\n{summary}"
    assert play.is_ledger_whole()


def test_a_rejection_asks_for_its_reason_and_posts_it(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged", channel="random")
    play.people.press_and_show("Reject", "lead", run.id, "already refunded by phone", None)
    play.until_status(run, "rejected")
    assert "already refunded by phone" in play.until_card(run, "REJECTED")
    assert play.buttons(run) == ["details"]


def test_a_question_is_answered_by_a_button(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}", channel="random", status="asking")
    play.until_card(run, "QUESTION")
    play.press("damaged", "agent", run)
    play.until_status(run, "waiting")
    play.until_card(run, "WAITING")
    play.approve(run, "lead2")
    assert play.refunds(order) == [400]


def test_a_question_is_answered_by_the_form(play: Any) -> None:
    run = play.ask(f"refund order {play.order()}, damaged", status="asking")
    play.until_card(run, "QUESTION")
    play.press("answer_form", "agent", run, inputs={"Your answer": "$3.50"})
    play.until_status(run, "waiting")
    assert "$3.50" in play.until_card(run, "WAITING")


def test_a_question_is_answered_in_the_thread_by_who_asked_alone(play: Any) -> None:
    run = play.ask(f"refund order {play.order()}, damaged", channel="random", status="asking")
    thread = run.request.place.thread
    play.people.say("@Assent $9", "agent2", "random", thread)
    play.heard("agent2", "waits for an answer from Dana Okafor")
    assert play.run(run).status.value == "asking"
    play.people.say("@Assent $3.50", "agent", "random", thread)
    play.until_status(run, "waiting")
    assert "$3.50" in play.until_card(run, "WAITING")


def test_never_mind_ends_a_question(play: Any) -> None:
    run = play.ask(f"refund order {play.order()}, damaged", status="asking")
    play.people.say("@Assent never mind", "agent", "support-ops", run.request.place.thread)
    play.until_status(run, "cancelled")
    play.until_card(run, "CANCELLED")


def test_ambiguous_records_are_offered_as_choices(play: Any) -> None:
    run = play.ask("refund $4 on the keyboard order of ACME, damaged", status="asking")
    card = play.until_card(run, "QUESTION")
    assert "1043" in card
    assert "1077" in card
    choice = next(label for value, label in run.question.choices if "1077" in label)
    play.press(choice, "agent", run)
    now = play.until_status(run, "waiting")
    assert "order 1077" in play.until_card(now, "WAITING")
    play.press("Cancel", "agent", run)
    play.until_status(run, "cancelled")


def test_what_cannot_be_done_is_refused_with_what_can(play: Any) -> None:
    run = play.ask("raise Dana's salary by $400", channel="random", status="denied")
    card = play.until_card(run, "NOT DONE")
    assert "refund" in card.casefold()
    assert play.buttons(run) == ["details"]


def test_the_slash_command_helps_tells_the_status_the_digest_and_a_run(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, late")
    assert "Refund a payment" in play.people.command("/assent help", "agent")
    assert "Ledger:" in play.people.command("/assent status", "agent")
    assert "Northwind" not in play.people.command("/assent digest", "lead")
    assert run.id in play.people.command(f"/assent run {run.id}", "agent")
    assert "know no run" in play.people.command("/assent run R-99999", "agent")


def test_a_request_by_slash_command_opens_a_thread_of_its_own(play: Any) -> None:
    order = play.order()
    before = {run.id for run in play.runs()}
    play.people.command(f"/assent refund $4.00 on order {order}, damaged", "agent", "random")
    run = play.until(lambda: next((r for r in play.runs() if r.id not in before), None), "the run")
    play.until_status(run, "waiting")
    assert f"order {order}" in play.until_card(run, "WAITING")


def test_the_shortcut_takes_somebody_elses_message_as_ones_own_request(play: Any) -> None:
    order = play.order()
    text = f"refund $4.00 on order {order}, damaged"
    said = play.people.say(text, "lead", "support-ops", mention=False)
    before = {run.id for run in play.runs()}
    play.people.shortcut("agent", said["ts"])
    run = play.until(lambda: next((r for r in play.runs() if r.id not in before), None), "the run")
    play.until_status(run, "waiting")
    assert run.requester_name == "Dana Okafor"
    assert run.request.place.thread == said["ts"]
    play.until_card(run, "WAITING")
    play.approve(run, "lead")
    assert play.refunds(order) == [400]


def test_the_home_page_shows_what_waits_and_what_was_asked(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", channel="random")

    def shown(as_: str) -> str | None:
        home = play.people.home(as_)
        return home if f"order {order}" in home else None

    waiting = play.until(lambda: shown("lead"), "the lead's page")
    assert waiting.index("Waiting for you") < waiting.index(f"order {order}")
    mine = play.until(lambda: shown("agent"), "the agent's page")
    assert mine.index("You asked for") < mine.index(f"order {order}")
    assert f"order {order}" not in play.people.home("finance")
    assert run.id


def test_details_say_what_is_signed(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    play.press("Details", "finance", run)
    play.until(
        lambda: run.proposal.digest in play.people.modal_text("finance"),
        "the details to say the digest in full",
    )
    play.people.close("finance")


def test_a_plan_that_expired_cannot_be_approved(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    card = play.card_messages(run)
    play.let_expire(run)
    assert card == play.card_messages(run)
    play.press("Approve", "lead", run)
    play.heard("lead", "has expired")
    play.until_status(run, "expired")
    play.until_card(run, "EXPIRED")
    assert play.buttons(run) == ["details"]
