"""What people say in Teams reaches the flow once, and is answered where only they read it."""

from __future__ import annotations

import pytest

from bot.incoming import Reply
from bot.workspace.teams import seed
from store import conversations
from store.errors import StoreAwayError
from tests.bot.surfaces.teams_world import SUPPORT_OPS, TeamsWorld

pytestmark = pytest.mark.slow


async def test_a_mention_in_a_channel_is_a_request_in_its_thread(teams: TeamsWorld):
    said = await teams.do(teams.people.say, "refund $40 on order 1043, 'arrived' <b> & x", "agent")
    await teams.until(lambda: teams.memory.messages)
    (message,) = teams.memory.messages
    assert message.text == "refund $40 on order 1043, 'arrived' <b> & x"
    assert message.account.user == seed.OBJECT_IDS["agent"]
    assert (message.account.display_name, message.account.refusal) == ("Dana Okafor", None)
    assert (message.place.channel, message.place.thread) == (SUPPORT_OPS, said["id"])
    assert (message.place.team, message.message) == (seed.TENANT_ID, said["id"])


async def test_a_reply_in_a_thread_keeps_the_thread(teams: TeamsWorld):
    first = await teams.ask("refund something")
    second = await teams.ask("order 1043", thread=first.message)
    assert second.place == first.place
    assert second.message != first.message


async def test_a_personal_chat_needs_no_mention(teams: TeamsWorld):
    message = await teams.ask("refund order 1043", conversation="personal")
    assert message.text == "refund order 1043"
    assert (message.place.channel, message.place.thread) == (seed.personal("agent"), "")


async def test_a_group_chat_hears_a_mention_and_has_no_thread(teams: TeamsWorld):
    await teams.do(teams.people.say, "just us", "agent", "Returns", mention=False)
    message = await teams.ask("refund order 1043", conversation="Returns")
    assert (message.place.channel, message.place.thread) == ("19:returns@thread.v2", "")
    assert [each.text for each in teams.memory.messages] == ["refund order 1043"]


async def test_edits_deletions_and_reactions_are_not_heard(teams: TeamsWorld):
    await teams.ask("refund $40 on order 1077")
    await teams.do(teams.people.edit, "order 1077", "@Assent refund $90 on order 1078", "agent")
    await teams.do(teams.people.react, "on order 1078", "lead", "like")
    await teams.do(teams.people.delete, "on order 1078", "agent")
    await teams.ask("refund order 1044")
    texts = [each.text for each in teams.memory.messages]
    assert texts == ["refund $40 on order 1077", "refund order 1044"]
    assert teams.memory.clicks == []


async def test_a_message_that_is_delivered_again_is_stored_once(teams: TeamsWorld):
    message = await teams.ask("refund $40")
    activity = {
        **teams.invoke("", None, "agent"),
        "type": "message",
        "id": message.message,
        "text": "<at>Assent</at> refund $40",
        "value": None,
        "entities": [
            {"type": "mention", "text": "<at>Assent</at>", "mentioned": {"id": seed.BOT_ID}}
        ],
    }
    assert (await teams.forge(activity))["status"] == 200
    assert len(teams.memory.messages) == 1


async def test_where_the_store_is_away_whoever_asked_is_told_and_nothing_comes_twice(
    teams: TeamsWorld,
):
    teams.memory.failing = RuntimeError("the store is away")
    said = await teams.do(teams.people.say, "refund order 1043", "agent")
    told = await teams.said("I could not take that just now", "lead", "support-ops")
    assert told["thread"] == said["id"]
    teams.memory.failing = None
    await teams.ask("refund order 1044")
    assert [each.text for each in teams.memory.messages] == ["refund order 1044"]


async def test_where_the_database_is_away_whoever_asked_is_told(
    teams: TeamsWorld, monkeypatch: pytest.MonkeyPatch
):
    """Nothing of the store is needed to say so: not even where the conversation is reached."""

    def away() -> None:
        raise StoreAwayError("the database is away")

    monkeypatch.setattr(teams.db, "read", away)
    monkeypatch.setattr(teams.db, "begin", away)
    said = await teams.do(teams.people.say, "refund order 1043", "agent")
    told = await teams.said("I could not take that just now", "lead", "support-ops")
    assert told["thread"] == said["id"]
    await teams.do(teams.people.say, "refund order 1043", "agent", "Returns")
    await teams.said("I could not take that just now", "agent", "Returns")
    assert teams.memory.messages == []


async def test_where_nothing_can_be_said_either_teams_is_asked_to_deliver_again(
    teams: TeamsWorld,
):
    teams.memory.failing = RuntimeError("the store is away")
    await teams.fault("send", "reply", calls=1)
    await teams.do(teams.people.say, "refund order 1043", "agent")
    await teams.until(lambda: not teams.server.workspace.teams.faults._pending)
    teams.memory.failing = None
    await teams.until(lambda: teams.memory.messages)
    assert len(teams.memory.messages) == 1


async def test_a_refusal_is_said_in_the_persons_own_chat(teams: TeamsWorld):
    teams.memory.reply = Reply("I cannot take this: **x** <at>all</at>.", is_refusal=True)
    await teams.do(teams.people.say, "raise my salary", "agent")  # the bot knows their own chat
    told = await teams.said("I cannot take this:", "agent", "personal")
    assert "**x** <at>all</at>" in told["text"]
    assert told["conversation"] == seed.personal("agent")
    assert "I cannot take this" not in await teams.do(teams.people.channel, "lead")


async def test_a_refusal_is_said_in_the_thread_where_there_is_no_own_chat(teams: TeamsWorld):
    await teams.do(teams.people.install, "personal", "agent", is_in=False)
    await teams.until(lambda: seed.personal("agent") in teams.removed)
    teams.memory.reply = Reply("I cannot take this.", is_refusal=True)
    message = await teams.ask("raise my salary")
    told = await teams.said("I cannot take this.", "agent", "support-ops")
    assert told["thread"] == message.message


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("guest", "guest accounts cannot ask or approve"),
        ("stranger", "this account belongs to another organisation"),
    ],
)
async def test_guests_and_strangers_arrive_with_the_reason_to_refuse_them(
    teams: TeamsWorld, who: str, reason: str
):
    message = await teams.ask("refund order 1", who)
    assert message.account.refusal == reason


async def test_somebody_of_whom_teams_does_not_say_who_they_are_is_told(teams: TeamsWorld):
    await teams.fault("member")
    await teams.do(teams.people.say, "refund order 1043", "agent")
    await teams.said("I could not take that just now", "agent", "support-ops")
    assert teams.memory.messages == []


async def test_the_shortcut_asks_for_the_person_who_used_it(teams: TeamsWorld):
    text = "order 1043 arrived broken, they want $40 back"
    said = await teams.do(teams.people.say, text, "agent", mention=False)
    answer = await teams.do(teams.people.extension, "arrived broken", "lead", inputs={})
    assert answer["kind"] == "closed"
    (message,) = teams.memory.messages
    assert message.text == text
    assert message.account.display_name == "Lee Park"
    assert message.place.thread == said["id"]
    thread = await teams.do(teams.people.thread, said["id"], "agent")
    assert "Lee Park asks:" in thread


async def test_the_shortcuts_text_can_be_put_better(teams: TeamsWorld):
    await teams.do(teams.people.say, "please do the thing", "agent", mention=False)
    inputs = {"request": "refund $40 on order 1043"}
    await teams.do(teams.people.extension, "the thing", "lead", inputs=inputs)
    assert [each.text for each in teams.memory.messages] == ["refund $40 on order 1043"]


async def test_the_shortcut_used_twice_asks_once(teams: TeamsWorld):
    data = {"form": "request", "request": "refund $40", "message": "17", "thread": "17"}
    value = {"commandId": "ask", "data": data}
    for _ in range(2):
        activity = teams.invoke("composeExtension/submitAction", value)
        assert (await teams.forge(activity))["status"] == 200
    assert len({each.event_keys for each in teams.memory.messages}) == len(teams.memory.messages)
    assert len(teams.memory.messages) <= 2  # the minute may turn between the two


async def test_the_shortcut_refuses_guests_and_the_bots_own_messages(teams: TeamsWorld):
    await teams.do(teams.people.say, "refund $77", "agent", mention=False)
    answer = await teams.do(teams.people.extension, "refund $77", "guest")
    assert "guest accounts" in answer["text"]
    await teams.card()
    own = await teams.do(teams.people.extension, "R-20391", "lead")
    assert own["text"] == "There is nothing in that message that I could do."
    assert teams.memory.messages == []


async def test_the_shortcut_where_the_bot_is_not_says_how_to_add_it(teams: TeamsWorld):
    await teams.do(teams.people.say, "refund $77", "agent", "random", mention=False)
    answer = await teams.do(teams.people.extension, "refund $77", "agent")
    assert "Add Assent to it" in answer["text"]
    assert teams.memory.messages == []


async def test_where_and_whom_it_met_is_kept(teams: TeamsWorld):
    await teams.ask("refund $40")
    with teams.db.read() as cx:
        channel = conversations.get(cx, "teams", SUPPORT_OPS)
        (contact,) = conversations.seen_in(cx, "teams", SUPPORT_OPS, 5)
    assert channel is not None
    assert (channel.kind, channel.service_url) == ("channel", teams.teams.services[0])
    assert (contact.user, contact.address) == (seed.OBJECT_IDS["agent"], seed.address("agent"))
