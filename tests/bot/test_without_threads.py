"""A chat without threads: whose words are an answer there, and whose are a request."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incoming import Verb
from bot.planner.rules import RulesPlanner
from store.model.run import Status
from tests.bot.two_sided import CHANNEL, TwoSided

CHAT = "a:dana"


@pytest.fixture
def two(tmp_path: Path, made: Path) -> Iterator[TwoSided]:
    folder = tmp_path / "state"
    shutil.copytree(made, folder)
    world = TwoSided(folder, RulesPlanner(), {})
    world.declare()
    yield world
    world.assent.close()


def test_the_next_words_of_whoever_is_asked_are_the_answer(two: TwoSided) -> None:
    _, run = two.ask_in_teams("refund order 1043, arrived damaged", channel=CHAT, thread="")
    assert run is not None
    assert run.status is Status.ASKING
    reply, another = two.ask_in_teams("$40", channel=CHAT, thread="")
    assert (reply.text, another) == ("", None)
    assert [answer.text for answer in two.run(run.id).answers] == ["$40"]


def test_what_somebody_else_says_meanwhile_is_a_request_of_their_own(two: TwoSided) -> None:
    _, run = two.ask_in_teams("refund order 1043, arrived damaged", channel=CHAT, thread="")
    assert run is not None
    reply, other = two.ask_in_teams("refund order 1066, late", "lead", channel=CHAT, thread="")
    assert not reply.is_refusal, reply.text
    assert other is not None
    assert other.id != run.id
    assert other.status is Status.ASKING
    two.ask_in_teams("$40", channel=CHAT, thread="")
    assert [a.text for a in two.run(run.id).answers] == ["$40"], "past the newer question"
    assert two.run(other.id).answers == ()


def test_in_a_thread_somebody_else_is_still_told_whose_question_it_is(two: TwoSided) -> None:
    _, run = two.ask_in_teams("refund order 1043, arrived damaged", channel=CHANNEL, thread="7")
    assert run is not None
    reply, other = two.ask_in_teams("$40", "lead", channel=CHANNEL, thread="7")
    assert reply.is_refusal
    assert other is None


def test_an_approvers_question_is_answered_in_the_chat_by_whoever_asked(two: TwoSided) -> None:
    run = two.ask("refund $40 on order 1043, arrived damaged")
    _, here = two.ask_in_teams(
        "refund $41 on order 1043, arrived damaged", channel=CHANNEL, thread=""
    )
    assert here is not None
    assert here.status is Status.WAITING, here.note
    assert not two.press_in_teams(Verb.ASK, here, "lead").is_refusal
    reply, other = two.ask_in_teams("the box was wet", "lead2", channel=CHANNEL, thread="")
    assert other is not None, "somebody else's words are their own"
    reply, none = two.ask_in_teams("the box was wet", channel=CHANNEL, thread="")
    assert none is None
    assert "your reply to Lee Park" in reply.text
    assert [r.kind for r in two.run(here.id).remarks] == ["question", "reply"]
    assert two.run(run.id).remarks == ()
