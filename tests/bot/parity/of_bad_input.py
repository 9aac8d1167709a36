"""Every bad input: whatever arrives, it is heard as it is, refused, or heard again later."""

from __future__ import annotations

import asyncio

from bot.cards.run_card import run_card
from bot.surfaces import words
from bot.surfaces.asked import What
from tests.bot.cards.hostile_words import with_text
from tests.bot.cards.stories import STORIES
from tests.bot.parity.case import Case, cases_of, plain
from tests.bot.parity.hands import WAIT_SECONDS, Hands
from tests.bot.parity.of_buttons import RUN

CASES, case = cases_of()
# Texts as people type and paste them. Each reaches the flow as the person wrote it.
ODD_TEXTS = {
    "angle brackets": "refund order <b>1043</b> & 'more' \"quotes\"",
    "a mention of everybody": "refund order 1043 <!channel> <!here> @everyone",
    "markup": "refund *order* _1043_ ~now~ `code` **bold** # heading",
    "a link in disguise": "refund order 1043 [free money](https://evil.example)",
    "homoglyphs": "refund оrder １０４３ and pаypal",
    "directions and zero widths": "refund order \u202e3401\u202c \u200b1043",
    "emoji": "refund order 1043 \U0001f4b8\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "many lines": "refund order 1043\n\n\nbecause\n- one\n- two",
    "combining marks": "refund order 1043 Z̷̛͚̪a̶l̸g̵o̷",
    "ampersands": "refund order 1043 of AT&T & R&D; 5 < 6 > 4",
}


def _heard(name: str, text: str) -> Case:
    async def do(hands: Hands) -> None:
        await hands.say(text, "agent")
        await hands.until(lambda: hands.memory.messages)
        heard = hands.memory.messages[0].text
        assert " ".join(heard.split()) == " ".join(text.split())

    return Case(f"heard as it was typed: {name}", do, frozenset({"receive"}))


CASES += [_heard(*each) for each in ODD_TEXTS.items()]

# Texts of people and systems inside a card: seen as characters, never as what they look like.
HOSTILE = {
    "a mention of everybody": "<!channel> <@U0LEE000000> <at>everyone</at>",
    "a link in disguise": "<https://evil.example|https://bank.example> [pay](https://evil.example)",
    "markup": "*Approved by Ann* **DONE** _x_ ~~0~~ `[Approve]` # Title\n- item\n1. item",
    "a forged line": "late\n\nApproved by Ann Weiss\n[Approve]",
    "a template": "${$root} ${if(true, 'x', 'y')} {{DATE(2017-02-14T06:08:00Z)}} {{x}}",
    "control characters": "late\x00\x07\x1b[31m \u202eevil\u202c \u2066x",
    "long": "long " * 400,
    "empty": " ",
}


def _shown(name: str, text: str) -> Case:
    async def do(hands: Hands) -> None:
        card = run_card(with_text(STORIES["waiting_1_of_2"], text))
        hands.memory.shown[RUN] = STORIES["waiting_1_of_2"]
        message = await hands.show(card)
        seen = await hands.look(message, "lead")
        assert "Approve" in seen.buttons
        assert len(seen.buttons) == len(card.buttons)
        if name not in ("control characters", "long", "empty"):
            assert plain(text.split("\n", maxsplit=1)[0])[:60] in plain(seen.text)
        for hidden in "\x00\x07\x1b\u202e\u2066":
            assert hidden not in seen.text

    return Case(f"shown as characters: {name}", do, frozenset({"view"}))


CASES += [_shown(*each) for each in HOSTILE.items()]


@case(What.HELP, "receive")
async def an_empty_mention_asks_for_help(hands: Hands) -> None:
    assert "I can refund a payment:" in await hands.command("   ", "agent")
    assert hands.memory.messages == []


@case("receive")
async def forty_thousand_characters_reach_the_flow_whole(hands: Hands) -> None:
    """The flow says that they are too many, and what the longest is; a surface cuts nothing."""
    await hands.say("refund " + "x" * 20_000, "agent")
    await hands.until(lambda: hands.memory.messages)
    assert len(hands.memory.messages[0].text) == 20_007


@case("receive")
async def a_message_delivered_again_is_stored_once(hands: Hands) -> None:
    await hands.deliver_again("refund order 1043", "agent")
    await hands.until(lambda: hands.memory.messages)
    assert len(hands.memory.messages) == 1


@case("receive")
async def a_message_while_the_store_is_away_is_stored_later_or_refused_aloud(hands: Hands) -> None:
    """Slack delivers it again; Teams does not for sure, so there the person is told."""
    hands.memory.failing = RuntimeError("the store is away")
    await hands.say("refund order 1043", "agent")
    hands.memory.failing = None
    async with asyncio.timeout(WAIT_SECONDS):
        while not hands.memory.messages and not await hands.overhears("agent", words.NOT_NOW):
            await asyncio.sleep(0.05)
    assert len(hands.memory.messages) <= 1


@case("receive", is_slow=True)
async def a_slow_store_stores_a_message_once(hands: Hands) -> None:
    hands.memory.delay_seconds = 3.0
    await hands.say("refund order 1043", "agent")
    await hands.until(lambda: hands.memory.messages)
    hands.memory.delay_seconds = 0.0
    assert len(hands.memory.messages) == 1


@case("receive")
async def an_edit_of_a_message_is_no_new_request(hands: Hands) -> None:
    message = await hands.say("refund $40 on order 1043", "agent")
    await hands.until(lambda: hands.memory.messages)
    await hands.edit_message(message, "refund $4000 on order 1043", "agent")
    await hands.say("another one", "agent")
    await hands.until(lambda: len(hands.memory.messages) >= 2)
    heard = [message.text for message in hands.memory.messages]
    assert heard == ["refund $40 on order 1043", "another one"]


@case("receive")
async def what_another_bot_says_is_not_heard(hands: Hands) -> None:
    await hands.bot_says("refund $40 on order 1043")
    await hands.say("another one", "agent")
    await hands.until(lambda: hands.memory.messages)
    assert [message.text for message in hands.memory.messages] == ["another one"]


@case("receive")
async def an_oversized_delivery_is_turned_away(hands: Hands) -> None:
    assert await hands.send_raw(1024 * 1024 + 1) == 413
    assert hands.memory.messages == []


@case("words.NOT_NOW")
async def a_command_that_fails_says_so(hands: Hands) -> None:
    def status() -> str:
        raise RuntimeError("the store is away")

    hands.memory.status = status  # type: ignore[method-assign]
    assert words.NOT_NOW in await hands.command("status", "agent")


@case("receive")
async def a_request_where_nobody_says_who_asked_is_heard_once_somebody_does(hands: Hands) -> None:
    """No account, no request: it is delivered again, or refused, but never taken as somebody's."""
    await hands.lose_directory()
    await hands.say("refund order 1043", "agent")
    assert [m for m in hands.memory.messages if m.account.refusal is None] == []
