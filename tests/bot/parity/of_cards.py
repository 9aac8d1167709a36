"""Every state of a card: the same words and the same buttons for whoever looks."""

from __future__ import annotations

from dataclasses import replace

from bot.cards.run_card import run_card
from bot.cards.summary import summary
from bot.view import Stance
from store.model.run import SETTLED
from tests.bot.cards.stories import DIGEST, STORIES
from tests.bot.parity.case import Case, cases_of, shows
from tests.bot.parity.hands import Hands

CASES, case = cases_of()
FIRST = "received"  # the card as it is posted; every other state is drawn over it


def _state(story: str) -> Case:
    async def do(hands: Hands) -> None:
        view = STORIES[story]
        hands.memory.shown[view.run.id] = view
        message = await hands.show(run_card(STORIES[FIRST]))
        await hands.redraw(message, run_card(view))
        shows(await hands.look(message, "lead2"), run_card(view))  # whom the bot has not met

    return Case(f"the card is seen as it is: {story}", do, frozenset({story}))


def _fate(story: str) -> Case:
    async def do(hands: Hands) -> None:
        card = summary(STORIES[story])
        shows(await hands.look(await hands.show(card), "agent"), card)

    return Case(f"the summary is seen as it is: {story}", do, frozenset())


CASES += [_state(story) for story in STORIES]
CASES += [_fate(story) for story in STORIES if STORIES[story].run.status in SETTLED]


@case()
async def a_settled_card_has_no_live_button(hands: Hands) -> None:
    message = await hands.show(run_card(STORIES["waiting_1_of_2"]))
    await hands.redraw(message, run_card(STORIES["applied"]))
    hands.memory.shown["R-20391"] = STORIES["applied"]
    assert (await hands.look(message, "lead")).buttons == ("Details",)


@case("digest_text")
async def the_report_is_seen_as_it_is(hands: Hands) -> None:
    from bot.cards.digest import digest_card

    card = digest_card(DIGEST)
    shows(await hands.look(await hands.show(card), "agent"), card)


@case(*Stance)
async def nobody_is_shown_less_than_the_words_of_a_card(hands: Hands) -> None:
    """Views for one person differ in their buttons at most, whatever the person is to the run."""
    card = run_card(STORIES["waiting_1_of_2"])
    message = await hands.show(card)
    for stance in Stance:
        hands.memory.default_stance = stance
        seen = await hands.look(message, "lead")
        assert "Details" in seen.buttons
        assert set(seen.buttons) <= {button.label for button in card.buttons}
        shows(replace(seen, buttons=tuple(button.label for button in card.buttons)), card)
