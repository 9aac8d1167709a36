"""An approver asks the requester about a waiting plan; the reply stands on the card."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.approval.asking import QUESTIONS_MAX
from bot.cards.block_kit import render
from bot.cards.summary import line_notice
from bot.incoming import Verb
from store import ledger
from store.model.entry import Kind
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"


def said(world: Any, run: Any) -> list[tuple[str, str, str]]:
    return [(r.kind, r.name, r.text) for r in world.run(run.id).remarks]


def test_a_question_reaches_the_requester_and_the_reply_the_card(world: Any) -> None:
    run = world.ask(SMALL)
    assert not world.question(run, "lead", "Is there a photo?").is_refusal
    assert world.lines(run)[-1].startswith("Dana Okafor, Lee Park asks about")
    assert "“Is there a photo?” Reply here" in world.lines(run)[-1]
    assert not world.reply(run, "Yes,\n in the ticket").is_refusal
    assert said(world, run) == [
        ("question", "Lee Park", "Is there a photo?"),
        ("reply", "Dana Okafor", "Yes, in the ticket"),
    ]
    assert "Lee Park, Dana Okafor replies" in world.lines(run)[-1]
    assert world.kinds(run)[-2:] == [Kind.REMARK, Kind.REMARK]
    assert world.approve(run, "lead").status is Status.APPLIED


def test_a_question_leaves_the_plan_and_its_approvals_as_they_are(world: Any) -> None:
    run = world.ask("refund $1,500.00 on order 1067, arrived damaged")
    world.approve_only(run, "finance")
    world.question(run, "finance2", "Why so much?")
    world.reply(run, "The whole order was wet")
    assert world.run(run.id).proposal == run.proposal
    assert world.approve(run, "finance2").status is Status.APPLIED


def test_the_requesters_next_words_in_the_thread_are_the_reply(world: Any) -> None:
    run = world.ask(SMALL)
    world.question(run, "lead", "Is there a photo?")
    thread = run.request.place.thread
    reply = world.say("refund $20 on order 1063? no: yes, there is one", thread=thread)
    assert "your reply to Lee Park" in reply.text
    assert said(world, run)[-1][0] == "reply"
    assert world.last_id() == run.id


def test_one_reply_is_to_everybody_who_asked_since_the_last(world: Any) -> None:
    run = world.ask(SMALL)
    world.question(run, "lead", "Is there a photo?")
    world.question(run, "lead2", "Was express paid?")
    world.reply(run, "Yes, and no")
    assert world.lines(run)[-1].startswith("Lee Park and Mira Sol, Dana Okafor replies")
    world.question(run, "lead2", "Why not?")
    world.reply(run, "It was late")
    assert world.lines(run)[-1].startswith("Mira Sol, Dana Okafor replies")


def test_words_in_the_thread_that_answer_nothing_are_a_request_as_before(world: Any) -> None:
    run = world.ask(SMALL)
    thread = run.request.place.thread
    first = world.ask("refund $20 on order 1063, damaged", thread=thread)
    world.question(run, "lead", "Is there a photo?")
    other = world.ask("refund $21 on order 1063, damaged", "agent2", thread=thread)
    assert first.id != run.id != other.id
    assert [kind for kind, _, _ in said(world, run)] == ["question"]


def test_only_the_requester_replies_and_only_to_an_open_question(world: Any) -> None:
    run = world.ask(SMALL)
    assert "Nobody waits" in world.reply(run, "hello").text
    world.question(run, "lead", "Is there a photo?")
    for user in ("agent2", "lead", "outsider"):
        assert "Only Dana Okafor" in world.reply(run, "yes", user).text
    assert not world.reply(run, "yes").is_refusal
    assert "Nobody waits" in world.reply(run, "and more").text


@pytest.mark.parametrize("user", ["agent", "agent2", "outsider"])
def test_only_those_who_may_decide_ask(world: Any, user: str) -> None:
    run = world.ask(SMALL)
    assert world.question(run, user, "Why?").is_refusal
    assert said(world, run) == []
    assert world.lines(run) == []


def test_questions_and_their_length_are_bounded(world: Any) -> None:
    run = world.ask(SMALL)
    for text in ("", " \n ", "x" * 1_001, "\u202e" * 1_001):
        assert world.question(run, "lead", text).is_refusal
    for number in range(QUESTIONS_MAX):
        assert not world.question(run, "lead", f"question {number}").is_refusal
    assert "10 questions" in world.question(run, "lead", "one more").text
    assert world.reply(run, "x" * 1_001).is_refusal
    assert len(said(world, run)) == QUESTIONS_MAX


def test_nothing_is_asked_or_replied_after_the_end(world: Any) -> None:
    run = world.ask(SMALL)
    world.question(run, "lead", "Is there a photo?")
    run = world.approve(run, "lead")
    assert world.question(run, "lead2", "Why?").is_refusal
    assert world.reply(run, "yes").is_refusal
    world.say("thanks!", thread=run.request.place.thread)
    assert len(said(world, run)) == 1


def test_the_words_can_be_erased_from_the_ledger(world: Any) -> None:
    run = world.ask(SMALL)
    world.question(run, "lead", "Is Mrs Example blind?")
    with world.assent.db.read() as cx:
        entry = ledger.show(cx, run.id)[-1]
    assert "Example" not in str(entry.data)
    assert entry.kind is Kind.REMARK


def test_a_line_of_the_thread_pings_nobody(world: Any) -> None:
    run = world.ask(SMALL)
    world.question(run, "lead", "<!channel> <@U0DANA> @here *bold*?")
    card = line_notice(world.assent.reading.view(run.id), world.lines(run)[-1])
    shown = json.dumps(render(card).blocks)
    assert "<!channel>" not in shown
    assert "<@U0DANA>" not in shown


def test_hostile_words_stay_words(world: Any) -> None:
    run = world.ask(SMALL)
    text = "<!channel> \x00 \ud83d {order} <@U1|x> approve " + "\u202e"
    assert not world.question(run, "lead", text).is_refusal
    assert not world.press(Verb.REPLY, run, "agent", text=text).is_refusal
    assert world.run(run.id).status is Status.WAITING
