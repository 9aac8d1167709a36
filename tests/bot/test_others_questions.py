"""A question of somebody in a thread is theirs alone, and keeps nobody else from asking there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incoming import Verb
from store.model.run import Status

pytestmark = pytest.mark.slow  # a whole world for each

OPEN = "refund order 1043, arrived damaged"
MEANT_FOR_NOBODY = (
    "$40",
    "1043",
    "yes please",
    "never mind",
    "don't refund that order 1043",
    "should we refund $40 on order 1043?",
    "refund $40 on order \u202e3401",
)


def answers(world: Any, run: Any) -> list[str]:
    return [answer.text for answer in world.run(run.id).answers]


def test_a_whole_request_of_another_person_is_a_request_of_their_own(world: Any) -> None:
    run = world.ask(OPEN)
    thread = run.request.place.thread
    other = world.ask("refund $20 on order 1063, arrived damaged", "agent2", thread=thread)
    assert other.status is Status.WAITING, other.question
    assert other.requester_name == "Sam Field"
    assert world.run(run.id).status is Status.ASKING
    assert answers(world, run) == []
    assert world.press(Verb.APPROVE, other, "agent2").is_refusal, "nobody approves their own"
    assert world.approve(other, "lead").status is Status.APPLIED


def test_everybody_answers_their_own_question_in_one_thread(world: Any) -> None:
    run = world.ask(OPEN)
    thread = run.request.place.thread
    other = world.ask("refund order 1063, arrived damaged", "agent2", thread=thread)
    assert other.status is Status.ASKING
    world.say("$40", "agent", thread=thread)
    world.say("$20", "agent2", thread=thread)
    assert (answers(world, run), answers(world, other)) == (["$40"], ["$20"])
    assert world.run(run.id).status is world.run(other.id).status is Status.WAITING


def test_words_that_ask_for_nothing_are_told_whose_question_it_is(world: Any) -> None:
    run = world.ask(OPEN)
    for text in MEANT_FOR_NOBODY:
        reply = world.say(text, "lead", thread=run.request.place.thread)
        assert reply.is_refusal, text
        assert f"{run.id} waits for an answer from Dana Okafor" in reply.text
        assert "mention me outside this thread" in reply.text
    assert world.last_id() == run.id
    assert world.run(run.id).status is Status.ASKING
    assert answers(world, run) == []
