"""Presses and looks through the flow: nothing raises, a failure is words, a pair is its own."""

from __future__ import annotations

import logging

import pytest

from bot.cards.forms import Form, FormKind
from bot.cards.press import Press
from bot.incoming import Reply, Verb
from bot.surfaces import words
from bot.surfaces.clicking import Clicking, Pressed
from store.model.person import Account, Person
from store.model.request import Place
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.conftest import Memory

LEE = Account(surface="teams", team="T", user="lee", display_name="Lee Park")
GUEST = LEE.model_copy(update={"is_guest": True})
LEE_NOW = Person(id="P-lee", account=LEE, name="Lee Park", roles=("support-lead",))
PLACE = Place(surface="teams", team="T", channel="c", thread="1")
RUN = "R-20391"


@pytest.fixture
def memory() -> Memory:
    return Memory(shown={RUN: STORIES["waiting_1_of_2"]})


def broken(*_: object) -> None:
    raise RuntimeError("password=4711")


async def test_a_press_names_what_was_pressed_and_by_whom(memory):
    pressed = Pressed(
        LEE, LEE_NOW, Verb.EDIT, Press(RUN, "ab", "x"), PLACE, "7", "so", (("a", "1"),), ("close",)
    )
    assert await Clicking(memory).press(pressed) == Reply("")
    (click,) = memory.clicks
    assert (click.verb, click.run_id, click.digest, click.message) == (Verb.EDIT, RUN, "ab", "7")
    assert (click.account, click.person, click.place) == (LEE, LEE_NOW, PLACE)
    assert (click.text, click.values, click.skip) == ("so", (("a", "1"),), ("close",))
    assert click.clicked_at.tzinfo is not None


async def test_what_was_not_recorded_is_said_and_logged_without_its_words(memory, caplog):
    memory.press = memory.review = broken
    pressed = Pressed(LEE, LEE_NOW, Verb.APPROVE, Press(RUN, "ab"), PLACE, "7")
    away = Reply(words.STORE_AWAY, is_refusal=True)
    with caplog.at_level(logging.ERROR):
        assert await Clicking(memory).press(pressed) == away
        assert await Clicking(memory).review(LEE, RUN, True, "") == away
    assert caplog.text.count("RuntimeError") == 2
    assert "4711" not in caplog.text


async def test_looking_is_for_those_who_may(memory):
    clicking = Clicking(memory)
    assert await clicking.look(LEE, RUN) is memory.shown[RUN]
    assert await clicking.look(LEE, "R-9") == "I know no run R-9."
    refused = words.not_for_you("guest accounts cannot ask or approve")
    assert await clicking.look(GUEST, RUN) == refused
    assert await clicking.batch(GUEST) == refused
    assert await clicking.form(GUEST, FormKind.REJECT, Press(RUN, "")) == refused
    memory.view = memory.batch = broken
    assert await clicking.look(LEE, RUN) == words.NOT_READ
    assert await clicking.batch(LEE) == words.NOT_READ
    assert await clicking.form(LEE, FormKind.REJECT, Press(RUN, "")) == words.NOT_READ


async def test_a_form_is_of_the_run_and_the_question_that_the_button_named(memory):
    clicking = Clicking(memory)
    found = await clicking.form(LEE, FormKind.REJECT, Press(RUN, "ab"))
    assert isinstance(found, Form)
    memory.shown[RUN] = STORIES["asking_in_words"]
    assert isinstance(await clicking.form(LEE, FormKind.ANSWER, Press(RUN, "amount")), Form)
    other = await clicking.form(LEE, FormKind.ANSWER, Press(RUN, "order"))
    assert other == "This question is answered already."


async def test_a_batch_presses_each_pair_for_itself_and_one_that_fails_stops_no_other(memory):
    press = memory.press

    def sometimes(click):
        if click.run_id == "R-2":
            raise RuntimeError("away")
        return press(click)

    memory.press = sometimes
    pairs = (Press(RUN, "aa"), Press("R-2", "bb"), Press("R-3", "cc"))
    outcomes = await Clicking(memory).approve(LEE, LEE_NOW, PLACE, pairs)
    assert [(c.verb, c.run_id, c.digest) for c in memory.clicks] == [
        (Verb.APPROVE, RUN, "aa"),
        (Verb.APPROVE, "R-3", "cc"),
    ]
    assert [each.reply.is_refusal for each in outcomes] == [False, True, False]
    assert [each.name for each in outcomes] == [f"order 1043 ({RUN})", "R-2", "R-3"]
    assert words.recorded(outcomes) == "2 of 3 approvals recorded"


async def test_what_a_batch_recorded_is_told_although_the_run_cannot_be_read(memory):
    memory.view = broken
    (outcome,) = await Clicking(memory).approve(LEE, None, PLACE, [Press(RUN, "aa")])
    assert not outcome.reply.is_refusal
    assert (outcome.name, outcome.after) == (RUN, None)
    assert memory.clicks[0].person is None
