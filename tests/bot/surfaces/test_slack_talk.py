"""What people say in Slack reaches the flow once, whatever Slack does."""

from __future__ import annotations

import asyncio

import pytest

from bot.incoming import Reply


async def test_a_mention_becomes_a_request_of_the_person_in_the_thread(world):
    said = await world.do(
        world.people.say, "@Assent refund $40 on order 1043, 'arrived' <b> & damaged", "agent"
    )
    message = (await world.until(lambda: world.memory.messages))[0]
    assert message.text == "refund $40 on order 1043, 'arrived' <b> & damaged"
    assert message.account.display_name == "Dana Okafor"
    assert message.account.refusal is None
    assert (message.place.channel, message.place.thread) == (world.channel, said["ts"])
    assert message.message == said["ts"]


async def test_who_is_mentioned_is_called_by_name(one_world):
    people = one_world.people
    await one_world.do(people.say, "@Assent reassign PAY-13 to @Mira Sol", "agent")
    await one_world.do(people.command, "/assent reassign PAY-14 to @Mira Sol", "agent")
    await one_world.do(people.say, "PAY-15 is @Mira Sol's", "agent", mention=False)
    await one_world.do(people.shortcut, "lead", "PAY-15")
    await one_world.until(lambda: len(one_world.memory.messages) == 3)
    assert [message.text for message in one_world.memory.messages] == [
        "reassign PAY-13 to @Mira\xa0Sol",
        "reassign PAY-14 to @Mira\xa0Sol",
        "PAY-15 is @Mira\xa0Sol's",
    ]


async def test_a_direct_message_needs_no_mention(world):
    await world.do(world.people.dm, "refund order 1043", "agent")
    message = (await world.until(lambda: world.memory.messages))[0]
    assert message.text == "refund order 1043"
    assert message.place.channel.startswith("D")


async def test_talk_among_people_is_not_heard(one_world):
    await one_world.do(one_world.people.say, "just us people", "agent", mention=False)
    await one_world.do(one_world.people.dm, "order 1043", "agent")
    await one_world.until(lambda: one_world.memory.messages)
    assert [message.text for message in one_world.memory.messages] == ["order 1043"]


@pytest.mark.slow
async def test_a_message_is_stored_once_although_slack_delivers_it_again(world):
    world.memory.failing = RuntimeError("the store is away")
    await world.do(world.people.say, "refund order 1043", "agent")
    await asyncio.sleep(0.05)
    assert not world.memory.messages
    world.memory.failing = None
    await world.until(lambda: world.memory.messages)
    await asyncio.sleep(0.4)
    assert len(world.memory.messages) == 1


async def test_a_refusal_is_whispered_to_the_person(one_world):
    one_world.memory.reply = Reply("I cannot take this: <!channel>.", is_refusal=True)
    await one_world.do(one_world.people.say, "raise my salary", "agent")
    seen = await one_world.do(one_world.people.wait_for, "I cannot take this: <!channel>.", "agent")
    assert seen["text"] == "I cannot take this: &lt;!channel&gt;."
    assert "thread_ts" not in seen  # a thread without replies would hide it
    others = await one_world.do(one_world.people.channel, "lead")
    assert "I cannot take this" not in others


async def test_guests_and_strangers_arrive_with_the_reason_to_refuse_them(one_world):
    await one_world.do(one_world.people.say, "refund order 1", "guest")
    await one_world.until(lambda: len(one_world.memory.messages) == 1)
    await one_world.do(one_world.people.say, "refund order 2", "stranger")
    await one_world.until(lambda: len(one_world.memory.messages) == 2)
    reasons = [message.account.refusal for message in one_world.memory.messages]
    assert reasons == [
        "guest accounts cannot ask or approve",
        "this account belongs to another organisation",
    ]


async def test_a_reply_in_a_thread_keeps_the_thread(one_world):
    first = await one_world.do(one_world.people.say, "refund something", "agent")
    await one_world.until(lambda: one_world.memory.messages)
    await one_world.do(one_world.people.say, "@Assent order 1043", "agent", thread=first["ts"])
    await one_world.until(lambda: len(one_world.memory.messages) == 2)
    assert one_world.memory.messages[1].place.thread == first["ts"]


async def test_command_answers_privately(world):
    assert "refund a payment" in await world.do(world.people.command, "/assent help", "agent")
    status = await world.do(world.people.command, "/assent status", "agent")
    assert "ledger 88,431 <!channel>" in status
    assert "31 of 34 requests completed" in await world.do(
        world.people.command, "/assent digest", "agent"
    )
    run = await world.do(world.people.command, "/assent run R-20391", "lead")
    assert "WAITING 1 of 2" in run
    assert "I know no run R-9" in await world.do(world.people.command, "/assent run R-9", "lead")
    assert "guest" in await world.do(world.people.command, "/assent status", "guest")
    assert not world.memory.messages


async def test_command_with_words_becomes_a_request_that_the_channel_sees(world):
    await world.do(world.people.command, "/assent refund $40 on order 1043", "agent")
    message = (await world.until(lambda: world.memory.messages))[0]
    assert message.text == "refund $40 on order 1043"
    assert message.place.thread == message.message
    seen = await world.do(world.people.channel, "lead")
    assert "Dana Okafor asks:\n>refund $40 on order 1043" in seen


async def test_command_where_the_bot_is_not_says_how_to_invite_it(one_world):
    said = await one_world.do(one_world.people.command, "/assent refund order 1", "agent", "random")
    assert "/invite @Assent" in said
    assert not one_world.memory.messages


async def test_shortcut_asks_for_the_person_who_used_it(world):
    said = await world.do(
        world.people.say, "order 1043 arrived broken, they want $40 back", "agent", mention=False
    )
    await world.do(world.people.shortcut, "lead", "arrived broken")
    message = (await world.until(lambda: world.memory.messages))[0]
    assert message.text == "order 1043 arrived broken, they want $40 back"
    assert message.account.display_name == "Lee Park"
    assert message.place.thread == said["ts"]


async def test_home_shows_what_waits_and_what_i_asked_for(world):
    await world.do(world.people.home, "lead")

    def drawn() -> str:
        return world.people.home("lead")

    async with asyncio.timeout(6):
        while "Waiting for you" not in (shown := await world.do(drawn)):
            await asyncio.sleep(0.05)
    assert "Refund a payment · order 1043" in shown
    assert "waiting, 1 of 2 approvals" in shown


async def test_the_home_command_draws_the_page_and_says_where_it_is(one_world):
    said = await one_world.do(one_world.people.command, "/assent home", "lead")
    assert "Home tab" in said

    def drawn() -> bool:
        home = one_world.people._state_of("lead")["home"]
        return home is not None and "Waiting for you" in str(home)

    async with asyncio.timeout(6):
        while not await one_world.do(drawn):
            await asyncio.sleep(0.05)
    assert not one_world.memory.messages
