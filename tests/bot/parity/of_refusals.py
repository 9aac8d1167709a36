"""What a window keeps, loses or hands on when the flow refuses it or the store is away."""

from __future__ import annotations

from dataclasses import replace

from bot.cards.forms import FormKind
from bot.cards.run_card import run_card
from bot.incoming import Reply, Verb
from bot.surfaces import words
from bot.surfaces.asked import What
from tests.bot.cards.stories import STORIES
from tests.bot.parity.case import cases_of
from tests.bot.parity.hands import Hands
from tests.bot.parity.of_buttons import RUN, card_of, clicked
from tests.bot.parity.of_commands import waiting

CASES, case = cases_of()


def _broken(*_: object) -> None:
    raise RuntimeError("the store is away")


@case(FormKind.REVIEW, "review")
async def a_refused_review_stays_in_its_window(hands: Hands) -> None:
    hands.memory.to_review = (STORIES["applied_by_itself"],)
    hands.memory.shown[RUN] = STORIES["applied_by_itself"]
    hands.memory.reply = Reply("It has been reviewed already.", is_refusal=True)
    await hands.home("lead", words.TO_REVIEW)
    await hands.press_home(words.WRONG, "lead")
    wrong = await hands.submit("lead", {"What was wrong?": "everything"})
    assert wrong == {"What was wrong?": "It has been reviewed already."}
    assert (await hands.filled("lead"))["What was wrong?"] == "everything"


@case(What.REVIEW, "words.STORE_AWAY")
async def a_review_that_was_not_recorded_is_told(hands: Hands) -> None:
    hands.memory.review = _broken  # type: ignore[method-assign,assignment]
    assert words.STORE_AWAY in await hands.command(f"review {RUN} right", "lead")


@case(FormKind.REJECT, "words.STORE_AWAY")
async def a_form_of_a_run_that_cannot_be_read_any_more_does_nothing_and_says_so(
    hands: Hands,
) -> None:
    message = await card_of(hands)
    await hands.press("Reject…", "lead", message)
    await hands.window("lead", "In your own words")
    hands.memory.view = _broken  # type: ignore[method-assign,assignment]
    wrong = await hands.submit("lead", {"In your own words": "late"})
    assert [*wrong.values()] in ([], [words.STORE_AWAY])
    if not wrong:
        await hands.window("lead", words.STORE_AWAY)
    assert hands.memory.clicks == []


@case(FormKind.EDIT, Verb.EDIT)
async def steps_are_left_out_of_many(hands: Hands) -> None:
    steps = tuple((f"step-{number}", f"Step number {number}.") for number in range(25))
    shown = replace(STORIES["waiting_1_of_2"], skippable=steps)
    hands.memory.shown[RUN] = shown
    message = await hands.show(run_card(shown))
    await hands.press("Edit…", "lead", message)
    await hands.window("lead", "Step number 24.")
    ticks = ["Step number 3.", "Step number 12.", "Step number 24."]
    assert await hands.submit("lead", {"Leave out": ticks}) == {}
    assert (await clicked(hands)).skip == ("step-3", "step-12", "step-24")


@case(What.HOME, What.BATCH, "words.together")
async def a_batch_opens_from_the_home_page(hands: Hands) -> None:
    hands.memory.shown = {f"R-{number}": waiting(number) for number in (1, 2, 3)}
    await hands.home("lead", words.WAITING)
    await hands.press_home(words.together(3), "lead")
    await hands.window("lead", words.TOGETHER)
    await hands.submit_batch("lead", without=(0,))
    await hands.window("lead", "2 of 2 approvals recorded")
    assert [click.run_id for click in hands.memory.clicks] == ["R-2", "R-3"]
