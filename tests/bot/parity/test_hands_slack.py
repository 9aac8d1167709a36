"""The hands themselves in Slack: each does what it says, or parity proves nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.run_card import run_card
from bot.incoming import Reply, Verb
from bot.surfaces import slack_http
from bot.workspace.client import ClientError
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES
from tests.bot.parity.hands import Hands
from tests.bot.parity.hands_slack import SlackHands, slack_hands
from tests.bot.surfaces.test_slack_batch import waiting

pytestmark = pytest.mark.slow


@pytest.fixture
async def hands(tmp_path: Path) -> AsyncIterator[SlackHands]:
    async with slack_hands(tmp_path / "state") as made:
        yield made


async def shown(hands: Hands, story: str = "waiting_1_of_2") -> str:
    hands.memory.shown["R-20391"] = STORIES[story]
    return await hands.show(run_card(STORIES[story]))


async def test_a_card_is_seen_redrawn_and_pressed(hands: Hands) -> None:
    card = await shown(hands)
    seen = await hands.look(card, "lead")
    assert "WAITING 1 of 2" in seen.text
    assert seen.buttons[:2] == ("Approve", "Reject…")
    assert "Take back my approval" in seen.buttons  # of the menu
    await hands.press("Approve", "lead", card)
    click = (await hands.until(lambda: hands.memory.clicks))[0]
    assert (click.verb, click.message) == (Verb.APPROVE, card)
    await hands.redraw(card, run_card(STORIES["applied"]))
    assert (await hands.look(card, "lead")).buttons == ("Details",)


async def test_windows_open_are_filled_in_and_say_what_was_wrong(hands: Hands) -> None:
    card = await shown(hands)
    await hands.press("Reject…", "finance", card)
    window = await hands.window("finance", "In your own words")
    assert window.buttons == ("Reject",)
    wrong = await hands.submit("finance", {})
    assert list(wrong) == ["In your own words"]
    assert "Choose a reason" in wrong["In your own words"]
    assert await hands.submit("finance", {"Reason": "outside 30 days"}) == {}
    click = (await hands.until(lambda: hands.memory.clicks))[0]
    assert (click.verb, click.text) == (Verb.REJECT, "outside 30 days")


async def test_an_edit_holds_what_the_plan_holds_and_sends_what_was_changed(hands: Hands) -> None:
    card = await shown(hands)
    await hands.press("Edit…", "lead", card)
    await hands.window("lead", "Leave out")
    held = await hands.filled("lead")
    assert (held["amount"], held["reason"], held["Leave out"]) == ("$40.00", "damaged", ())
    ticks = ("Close ticket with reply",)
    skippable = hands.memory.shown["R-20391"].skippable
    fill = {"amount": "$35.00", "Leave out": tuple(words for _, words in skippable) or ticks}
    assert await hands.submit("lead", fill) == {}
    click = (await hands.until(lambda: hands.memory.clicks))[0]
    assert click.values == (("amount", "$35.00"),)
    assert click.skip == tuple(step for step, _ in skippable)


async def test_pages_of_details_turn(hands: Hands) -> None:
    card = await shown(hands)
    await hands.press("Details", "agent", card)
    assert "Next" in (await hands.window("agent", "page 1 of 3")).buttons
    await hands.press_window("Next", "agent")
    assert "Previous" in (await hands.window("agent", "page 2 of 3")).buttons


async def test_people_are_heard_in_channels_and_alone(hands: Hands) -> None:
    asked = await hands.say("refund order 1043", "agent")
    await hands.until(lambda: hands.memory.messages)
    await hands.say("the second one", "agent", thread=asked)
    await hands.say("refund order 1044", "lead", "personal")
    await hands.say("just us", "lead", mention=False)
    await hands.until(lambda: len(hands.memory.messages) == 3)
    assert [m.text for m in hands.memory.messages] == [
        "refund order 1043",
        "the second one",
        "refund order 1044",
    ]
    assert hands.memory.messages[1].place.thread == asked


async def test_commands_are_answered(hands: Hands) -> None:
    assert "refund a payment" in await hands.command("help", "agent")
    assert "ledger 88,431" in await hands.command("status", "agent", "personal")


async def test_the_home_page_is_seen_and_pressed(hands: Hands) -> None:
    await shown(hands)
    hands.memory.to_review = (STORIES["applied"],)
    home = await hands.home("lead", "was it right?")
    assert "It was right" in home.buttons
    await hands.press_home("It was wrong…", "lead")
    await hands.window("lead", "What was wrong?")
    assert await hands.submit("lead", {"What was wrong?": "all"}) == {}
    assert hands.memory.reviews[0][1:] == ("R-20391", False, "all")


async def test_a_batch_is_shown_unticked_and_approved(hands: Hands) -> None:
    hands.memory.shown = {f"R-{n}": waiting(n) for n in (1, 2, 3)}
    assert "Approve all 3" in (await hands.batch("lead", "(R-3)")).buttons
    await hands.submit_batch("lead", without=(1,))
    await hands.window("lead", "2 of 2 approvals recorded")
    assert [click.run_id for click in hands.memory.clicks] == ["R-1", "R-3"]
    await hands.refused_batch("guest", "guest accounts cannot")


async def test_the_shortcut_asks_with_somebody_elses_words(hands: Hands) -> None:
    said = await hands.say("order 1043 arrived broken", "agent", mention=False)
    await hands.shortcut(said, "lead")
    message = (await hands.until(lambda: hands.memory.messages))[0]
    assert (message.text, message.account.display_name) == ("order 1043 arrived broken", "Lee Park")


async def test_what_one_person_is_told_nobody_else_hears(hands: Hands) -> None:
    card = await shown(hands)
    hands.memory.reply = Reply("Ask <!channel> & Lee.", is_refusal=True)
    await hands.press("Approve", "agent", card)
    assert await hands.told("agent", "Lee.") == "Ask <!channel> & Lee."
    assert not await hands.overhears("lead", "& Lee.")
    assert await hands.overhears("agent", "& Lee.")


async def test_people_lose_what_they_were(hands: Hands) -> None:
    card = await shown(hands)
    await hands.take_role("lead")
    await hands.press("Approve", "lead", card)
    await hands.until(lambda: hands.memory.clicks)
    await hands.make("lead2", "deactivated")  # as they press
    await hands.press("Approve", "lead2", card)
    await hands.until(lambda: len(hands.memory.clicks) == 2)
    await hands.lose_directory()
    await hands.press("Approve", "finance", card)
    await hands.until(lambda: len(hands.memory.clicks) == 3)
    lead, lead2, finance = hands.memory.clicks
    assert lead.person is not None
    assert lead.person.roles == ("support",)
    assert lead2.account.refusal == "this account is deactivated"
    assert finance.person is None


async def test_forged_values_doubled_presses_and_deliveries_arrive(hands: Hands) -> None:
    card = await shown(hands)
    await hands.forge(card, "Take back my approval", "R-9:abc", "lead")
    await hands.forge(card, "Approve", f"R-8:{PROPOSAL.digest}", "lead")
    await hands.press_twice("Approve", "lead", card)
    await hands.until(lambda: len(hands.memory.clicks) == 4)
    assert [click.run_id for click in hands.memory.clicks] == ["R-9", "R-8", "R-8", "R-8"]
    await hands.deliver_again("refund order 1043", "agent")
    assert [message.text for message in hands.memory.messages] == ["refund order 1043"]


async def test_edits_change_nothing_and_too_much_is_turned_away(hands: Hands) -> None:
    asked = await hands.say("refund order 1043", "agent")
    await hands.until(lambda: hands.memory.messages)
    await hands.edit_message(asked, "refund order 9999", "agent")
    assert [message.text for message in hands.memory.messages] == ["refund order 1043"]
    assert await hands.send_raw(2_000) == 200
    assert await hands.send_raw(slack_http.BODY_BYTES_MAX + 1) == 413


async def test_a_field_that_is_not_there_is_named(hands: Hands) -> None:
    card = await shown(hands)
    await hands.press("Ask Dana…", "lead", card)
    await hands.window("lead", "Your question to Dana Okafor")
    with pytest.raises(ClientError, match="no field 'Nonsense'"):
        await hands.submit("lead", {"Nonsense": "x"})
