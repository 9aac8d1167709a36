"""Reviews of what ran by itself: by command, by button, by form."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.incoming import Reply
from bot.surfaces import slack_modals
from bot.surfaces.home import HomeView
from tests.bot.cards import slack_limits
from tests.bot.cards.hostile_words import with_text
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.test_slack_modals import URL

LEE = "U0LEE000000"


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("review R-20391 right", ("R-20391", True, "")),
        ("review r-20391 Wrong: the wrong order", ("R-20391", False, "the wrong order")),
        ("review R-20391 wrong", ("R-20391", False, "")),  # the flow asks for the reason
        ("review R-20391 right, all good", ("R-20391", True, "all good")),
    ],
)
async def test_a_review_by_command(one_world, said, given):
    answer = await one_world.do(one_world.people.command, f"/assent {said}", "lead")
    assert "in the record" in answer
    assert one_world.memory.reviews == [(LEE, *given)]


@pytest.mark.parametrize(
    "said", ["review", "review R-20391", "review R-20391 rightly", "review it wrong"]
)
async def test_a_review_that_is_not_understood_is_no_request(one_world, said):
    answer = await one_world.do(one_world.people.command, f"/assent {said}", "lead")
    assert "/assent review R-1001 right" in answer
    assert one_world.memory.reviews == []
    assert one_world.memory.messages == []


async def test_the_home_page_takes_both_verdicts(one_world):
    one_world.memory.shown = {"R-20391": STORIES["applied"]}
    one_world.memory.to_review = (STORIES["applied"],)
    people = one_world.people
    async with asyncio.timeout(6):
        while "was it right?" not in await one_world.do(people.home, "lead"):
            await asyncio.sleep(0.05)
    await one_world.do(people.press_home, "It was right", "lead")
    await one_world.until(lambda: one_world.memory.reviews)
    inputs = {"What was wrong?": "It was order 1044."}
    await one_world.do(people.press_home, "It was wrong…", "lead", inputs=inputs)
    await one_world.until(lambda: len(one_world.memory.reviews) == 2)
    assert one_world.memory.reviews == [
        (LEE, "R-20391", True, ""),
        (LEE, "R-20391", False, "It was order 1044."),
    ]


async def test_a_refused_review_stays_in_its_window(one_world):
    one_world.memory.shown = {"R-20391": STORIES["applied"]}
    one_world.memory.to_review = (STORIES["applied"],)
    one_world.memory.reply = Reply("It has been reviewed already.", is_refusal=True)
    people = one_world.people
    async with asyncio.timeout(6):
        while "was it right?" not in await one_world.do(people.home, "lead"):
            await asyncio.sleep(0.05)
    inputs = {"What was wrong?": "everything"}
    with pytest.raises(Exception, match="reviewed already"):
        await one_world.do(people.press_home, "It was wrong…", "lead", inputs=inputs)


async def test_a_review_that_was_not_recorded_is_told(one_world):
    def review(account, run_id, is_right, reason):
        raise RuntimeError("the store is away")

    one_world.memory.review = review
    answer = await one_world.do(one_world.people.command, "/assent review R-20391 right", "lead")
    assert "I could not record that" in answer


@pytest.mark.parametrize("hostile", ["<!channel> *x*", "\u202eabc\x00", "<" * 40_000, ""])
def test_a_full_home_page_stays_within_slacks_limits(hostile):
    shown = with_text(STORIES["applied"], hostile)
    home = slack_modals.home(HomeView((shown,) * 60, (shown,) * 60, (shown,) * 60), URL)
    faults = slack_limits.faults(home["blocks"], blocks_max=100)
    assert [fault for fault in faults if "over all blocks" not in fault] == []
    assert "and 55 more" in json.dumps(home)
