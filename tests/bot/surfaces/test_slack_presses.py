"""Buttons and modals: who pressed, with which roles at that moment, on which plan."""

from __future__ import annotations

import asyncio

import pytest

from bot.cards import block_kit
from bot.cards.run_card import run_card
from bot.incoming import Reply, Verb
from bot.workspace.storage import column
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES


async def _card(world, story="waiting_1_of_2"):
    return await world.surface.post(world.place(), block_kit.render(run_card(STORIES[story])))


async def test_approve_names_run_digest_person_and_the_roles_held_now(world):
    ts = await _card(world)
    await world.do(world.people.press, "Approve", "lead", "R-20391")
    click = (await world.until(lambda: world.memory.clicks))[0]
    assert (click.verb, click.run_id, click.digest) == (Verb.APPROVE, "R-20391", PROPOSAL.digest)
    assert (click.person.name, click.person.roles) == ("Lee Park", ("support", "support-lead"))
    assert click.person.id == "P-U0LEE000000"
    assert (click.message, click.place.channel) == (ts, world.channel)


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("guest", "guest accounts cannot ask or approve"),
        ("stranger", "this account belongs to another organisation"),
    ],
)
async def test_outsiders_press_without_any_role(one_world, who, reason):
    await _card(one_world)
    await one_world.do(one_world.people.press, "Approve", who, "R-20391")
    click = (await one_world.until(lambda: one_world.memory.clicks))[0]
    assert click.account.refusal == reason
    assert click.person is None or click.person.roles == ()


@pytest.mark.parametrize("method", ["users.info", "usergroups.list"])
async def test_nobody_is_believed_while_the_directory_is_away(one_world, method):
    await _card(one_world)
    fault = {"kind": "error", "calls": 50, "methods": [method]}
    await one_world.do(one_world.people.control, "faults", fault)
    one_world.memory.reply = Reply("I cannot check your role right now.", is_refusal=True)
    await one_world.do(one_world.people.press, "Approve", "lead", "R-20391")
    click = (await one_world.until(lambda: one_world.memory.clicks))[0]
    assert click.person is None
    await one_world.do(one_world.people.wait_for, "I cannot check your role", "lead")


async def test_a_role_taken_away_does_not_count_a_moment_later(one_world):
    await _card(one_world)
    await one_world.do(one_world.people.press, "Approve", "lead", "R-20391")
    await one_world.until(lambda: one_world.memory.clicks)
    one_world.handles["support-lead"] = "another-group"
    await one_world.do(one_world.people.press, "Approve", "lead", "R-20391")
    await one_world.until(lambda: len(one_world.memory.clicks) == 2)
    assert one_world.memory.clicks[1].person.roles == ("support",)


async def test_reject_asks_for_a_reason_and_records_it(world):
    await _card(world)
    inputs = {"Reason": "outside 30 days", "In your own words": "43 days"}
    await world.do(world.people.press, "Reject…", "finance", "R-20391", inputs=inputs)
    click = (await world.until(lambda: world.memory.clicks))[0]
    assert click.verb is Verb.REJECT
    assert click.text == "outside 30 days: 43 days"
    assert click.digest == PROPOSAL.digest
    assert click.place.channel == world.channel


async def test_a_refused_rejection_stays_in_the_window(one_world):
    await _card(one_world)
    one_world.memory.reply = Reply("You asked for this.", is_refusal=True)
    from bot.workspace.client import ClientError

    with pytest.raises(ClientError, match="You asked for this"):
        await one_world.do(
            one_world.people.press,
            "Reject…",
            "agent",
            "R-20391",
            inputs={"In your own words": "no"},
        )


async def test_a_rejection_without_a_reason_is_asked_again(one_world):
    await _card(one_world)
    from bot.workspace.client import ClientError

    with pytest.raises(ClientError, match="Choose a reason"):
        await one_world.do(one_world.people.press, "Reject…", "lead", "R-20391", inputs={})
    assert not one_world.memory.clicks


async def test_details_open_and_their_pages_turn(world):
    await _card(world)
    await world.do(world.people.press, "Details", "lead", "R-20391")
    await _modal_with(world, "lead", "Plan digest")
    first = await world.do(world.people.modal_text, "lead")
    assert "page 1 of 3" in first
    assert PROPOSAL.digest in first


async def _modal_with(world, who, wanted):
    async with asyncio.timeout(6):
        while wanted not in (shown := await world.do(world.people.modal_text, who)):
            await asyncio.sleep(0.02)
    return shown


async def test_a_choice_names_the_slot_it_answers(world):
    world.memory.shown["R-20391"] = STORIES["asking_with_choices"]
    await _card(world, "asking_with_choices")
    await world.do(world.people.press, "1077 (Nov 19, $131.50)", "agent", "R-20391")
    click = (await world.until(lambda: world.memory.clicks))[0]
    assert (click.verb, click.digest, click.text) == (Verb.ANSWER, "order", "1077")


async def test_an_answer_can_be_typed_into_a_form(world):
    world.memory.shown["R-20391"] = STORIES["asking_in_words"]
    await _card(world, "asking_in_words")
    inputs = {"Your answer": "forty dollars"}
    await world.do(world.people.press, "Answer…", "agent", "R-20391", inputs=inputs)
    click = (await world.until(lambda: world.memory.clicks))[0]
    assert (click.verb, click.digest, click.text) == (Verb.ANSWER, "amount", "forty dollars")


@pytest.mark.parametrize(
    ("label", "verb"),
    [
        ("It happened", Verb.HAPPENED),
        ("It did not", Verb.DID_NOT),
        ("Ask the system again", Verb.ASK_AGAIN),
    ],
)
async def test_an_unknown_outcome_is_decided_by_a_button(one_world, label, verb):
    await _card(one_world, "unknown")
    await one_world.do(one_world.people.press, label, "finance", "R-20391")
    assert (await one_world.until(lambda: one_world.memory.clicks))[0].verb is verb


async def test_a_press_that_could_not_be_recorded_says_so(one_world):
    await _card(one_world)
    one_world.memory.failing = RuntimeError("the store is away")
    await one_world.do(one_world.people.press, "Approve", "lead", "R-20391")
    await one_world.do(one_world.people.wait_for, "I could not record that", "lead")


@pytest.mark.slow  # waits for seconds
async def test_a_press_that_takes_longer_than_the_acknowledgement_still_counts_once(one_world):
    await _card(one_world)
    one_world.memory.delay_seconds = 2.6
    await one_world.do(one_world.people.press, "Approve", "lead", "R-20391")
    await one_world.until(lambda: one_world.memory.clicks)
    await asyncio.sleep(0.2)
    assert len(one_world.memory.clicks) == 1


async def test_the_card_is_replaced_and_its_buttons_go(world):
    ts = await _card(world)
    settled = block_kit.render(run_card(STORIES["applied"]))
    await world.surface.update(world.place(), ts, settled)
    seen = await world.do(world.people.wait_for, "DONE", "agent")
    assert seen["ts"] == ts
    actions = [block for block in seen["blocks"] if block["type"] == "actions"]
    assert [e["action_id"] for block in actions for e in block["elements"]] == ["details"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_restricted": True}, "guest accounts cannot ask or approve"),
        ({"deleted": True}, "this account is deactivated"),
        ({"is_bot": True}, "bots cannot ask or approve"),
    ],
)
async def test_a_lead_whose_account_changed_holds_no_role_from_then_on(one_world, change, reason):
    lead = "U0LEE000000"
    assert (await one_world.directory.person(lead)).roles == ("support", "support-lead")
    user = one_world.server.workspace.directory.user(lead)
    one_world.server.workspace.storage.run(
        "UPDATE users SET document = ? WHERE id = ?", column({**user, **change}), lead
    )
    person = await one_world.directory.person(lead)
    assert person.account.refusal == reason
    assert person.roles == ()
    assert "Lee Park" not in await one_world.directory.members("support-lead")
