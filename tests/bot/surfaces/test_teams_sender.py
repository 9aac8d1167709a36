"""The sender: into the right thread, once, and nowhere that the bot was removed from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.surfaces import teams_sender
from bot.surfaces.errors import Gone
from tests.bot.surfaces.teams_peer import APP, CHANNEL, TENANT, Fault
from tests.bot.surfaces.teams_sending import CARD, DANA, GROUP, LIVE, ROOT, World, place, sending

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with sending(tmp_path) as made:
        yield made


async def test_a_card_goes_into_its_thread(world):
    world.known()
    message = await world.sender.post(place(), CARD)
    assert world.paths == [f"POST /v3/conversations/{CHANNEL};messageid={ROOT}/activities"]
    assert message == "1700000000001"
    assert world.peer.posted == [
        {
            "type": "message",
            "summary": "Refund $40",
            "attachments": [
                {"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD.card}
            ],
        }
    ]


@pytest.mark.parametrize("is_known", [True, False])
async def test_without_a_thread_a_channel_gets_a_new_one(world, is_known):
    if is_known:
        world.known()
    message = await world.sender.post(place(thread=""), CARD)
    assert world.paths == ["POST /v3/conversations"]
    begun = world.peer.posted[0]
    assert begun["isGroup"] is True
    assert begun["bot"] == {"id": f"28:{APP}"}
    assert begun["channelData"] == {"channel": {"id": CHANNEL}}
    assert begun["tenantID"] == TENANT
    assert begun["activity"]["summary"] == "Refund $40"
    assert message == "1700000000001"


@pytest.mark.parametrize(("chat", "kind"), [(GROUP, "group"), ("a:dana", "personal")])
async def test_chats_have_no_threads(world, chat, kind):
    world.known(chat, kind)
    await world.sender.post(place(chat, ""), CARD)
    assert world.paths == [f"POST /v3/conversations/{chat}/activities"]


async def test_an_update_replaces_the_card_in_its_thread(world):
    world.known()
    await world.sender.update(place(), "1700000000001", CARD)
    path = f"/v3/conversations/{CHANNEL};messageid={ROOT}/activities/1700000000001"
    assert world.paths == [f"PUT {path}"]
    assert world.peer.updated["1700000000001"]["attachments"][0]["content"] == CARD.card


async def test_those_who_were_seen_get_cards_of_their_own(world):
    world.known()
    for number in range(70):
        world.met(f"7d1f0a52-0000-4000-8000-0000000{number:05d}", f"29:p{number}")
    world.met(DANA, "29:elsewhere", GROUP)
    await world.sender.post(place(), LIVE)
    refresh = world.peer.posted[0]["attachments"][0]["content"]["refresh"]
    assert len(refresh["userIds"]) == 60
    assert "29:elsewhere" not in refresh["userIds"]
    assert refresh["action"] == {"type": "Action.Execute"}
    assert "userIds" not in LIVE.card["refresh"]
    await world.sender.update(place(), "1", LIVE)
    assert len(world.peer.updated["1"]["attachments"][0]["content"]["refresh"]["userIds"]) == 60
    await world.sender.post(place(), CARD)
    assert "refresh" not in world.peer.posted[1]["attachments"][0]["content"]


async def test_words_are_said_plainly_and_bounded(world):
    world.known()
    await world.sender.say(place(), "**<at>Dana</at>** \u202e" + "x" * 9_000)
    said = world.peer.posted[0]
    assert said["textFormat"] == "plain"
    assert said["text"].startswith("**<at>Dana</at>** ⟨U+202E⟩")
    assert len(said["text"]) < 4_100
    assert "entities" not in said


async def test_a_person_is_told_in_their_own_chat(world):
    world.known("a:dana", "personal", DANA)
    await world.sender.tell(DANA, "your run is done")
    assert world.paths == ["POST /v3/conversations/a:dana/activities"]


@pytest.mark.parametrize("is_met", [True, False])
async def test_a_chat_is_begun_where_there_is_none_and_kept(world, is_met):
    if is_met:
        world.met(DANA, "29:dana")
    await world.sender.tell(DANA, "your run is done")
    await world.sender.tell(DANA, "and another")
    address = "29:dana" if is_met else DANA
    begun, first, second = world.peer.posted
    assert begun["members"] == [{"id": address}]
    assert begun["tenantID"] == TENANT
    assert (first["text"], second["text"]) == ("your run is done", "and another")
    assert world.paths[1:] == [f"POST /v3/conversations/a:{address}/activities"] * 2


async def test_a_removed_bot_is_quiet_until_it_is_added_again(world):
    world.known()
    world.peer.breaks("service", Fault(403, {"error": {"code": "BotNotInConversationRoster"}}))
    with pytest.raises(Gone, match="add Assent again"):
        await world.sender.post(place(), CARD)
    assert world.is_gone(CHANNEL)
    with pytest.raises(Gone):
        await world.sender.update(place(), "1", CARD)
    with pytest.raises(Gone):
        await world.sender.say(place(thread=""), "hello")
    assert len(world.peer.calls) == 1
    world.known()  # added again, or somebody wrote there
    await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_bot_that_is_back_without_a_word_is_found_out_by_a_message_in_a_while(
    world, is_known, monkeypatch
):
    if is_known:
        world.known()
    world.peer.breaks("service", *[Fault(403, {})] * 2)
    for _ in range(3):
        with pytest.raises(Gone):
            await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 1
    monkeypatch.setattr(teams_sender, "PROBE_SECONDS", 0.2)
    world.sender._probe_at[CHANNEL] = 0.0  # an hour has passed
    for _ in range(3):
        with pytest.raises(Gone):
            await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2
    await asyncio.sleep(0.21)
    await world.sender.post(place(), CARD)
    assert not world.is_gone(CHANNEL)
    await world.sender.post(place(), CARD)


async def test_a_person_who_removed_the_bot_is_left_alone(world):
    world.known("a:29:dana", "personal", DANA)
    world.met(DANA, "29:dana", "a:29:dana")
    world.peer.breaks("service", Fault(403, {}))
    for _ in range(2):
        with pytest.raises(Gone):
            await world.sender.tell(DANA, "hello")
    assert not [each for each in world.peer.posted if each.get("text")]
    await world.sender.tell_or_log(DANA, "hello")
    assert not [each for each in world.peer.posted if each.get("text")]


async def test_a_message_that_is_not_the_bots_closes_no_conversation(world):
    """Somebody's click may name any message; the channel goes on hearing of its runs."""
    world.known()
    world.peer.breaks("service", Fault(403, {"error": {"code": "Forbidden"}}))
    with pytest.raises(Gone):
        await world.sender.update(place(), "1", CARD)
    assert not world.is_gone(CHANNEL)
    await world.sender.post(place(), CARD)


async def test_a_deleted_message_is_gone_and_its_conversation_is_not(world):
    world.known()
    world.peer.breaks("service", Fault(404, {"error": {"code": "ActivityNotFoundInConversation"}}))
    with pytest.raises(Gone):
        await world.sender.update(place(), "1", CARD)
    assert not world.is_gone(CHANNEL)
