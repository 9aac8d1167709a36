"""Where the bot is added and removed is kept, and what is posted finds its way after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cards import adaptive
from bot.cards.run_card import run_card
from bot.surfaces.errors import Gone
from bot.workspace.teams import seed
from store import conversations
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces import teams_world
from tests.bot.surfaces.teams_world import SUPPORT_OPS, TeamsWorld

pytestmark = pytest.mark.slow


def kept(teams: TeamsWorld, conversation: str) -> conversations.Conversation | None:
    with teams.db.read() as cx:
        return conversations.get(cx, "teams", conversation)


def is_gone(teams: TeamsWorld, conversation: str) -> bool:
    with teams.db.read() as cx:
        return conversations.is_gone(cx, "teams", conversation)


async def test_where_it_was_added_it_says_hello_once(teams: TeamsWorld):
    await teams.said("Hello, I am Assent.", "agent", "Returns")
    await teams.until(lambda: kept(teams, "19:returns@thread.v2"))
    await teams.ask("refund $40", conversation="Returns")
    said = await teams.do(teams.people.channel, "agent", "Returns")
    assert said.count("Hello, I am Assent.") == 1
    assert "the word help" in said
    assert "away until" not in said  # among many it is short


async def test_one_person_is_told_everything_at_once(teams: TeamsWorld):
    told = str(await teams.said("Hello, I am Assent.", "finance", "personal"))
    assert "refund $40 on order 1043, damaged" in told
    assert "away until" in told


async def test_a_personal_chat_is_known_before_anything_is_said_in_it(teams: TeamsWorld):
    await teams.until(lambda: kept(teams, seed.personal("finance")))
    with teams.db.read() as cx:
        own = conversations.personal_of(cx, "teams", seed.OBJECT_IDS["finance"])
    assert own is not None
    assert own.id == seed.personal("finance")
    await teams.surface.tell(seed.OBJECT_IDS["finance"], "Hello Ann.")
    await teams.said("Hello Ann.", "finance", "personal")


async def test_a_removed_bot_says_nothing_there_and_is_told_of(teams: TeamsWorld):
    await teams.do(teams.people.install, "Returns", "agent", is_in=False)
    await teams.until(lambda: is_gone(teams, "19:returns@thread.v2"))
    await teams.until(lambda: "19:returns@thread.v2" in teams.removed)
    card = adaptive.render(run_card(STORIES["waiting_1_of_2"]))
    with pytest.raises(Gone, match="removed"):
        await teams.surface.post(teams.place(channel="19:returns@thread.v2"), card)


async def test_where_it_was_added_again_it_works_again(teams: TeamsWorld):
    for is_in in (False, True):
        await teams.do(teams.people.install, "Returns", "agent", is_in=is_in)
        await teams.until(lambda is_in=is_in: is_gone(teams, "19:returns@thread.v2") is not is_in)
    message = await teams.ask("refund $40", conversation="Returns")
    assert message.place.channel == "19:returns@thread.v2"


async def test_people_who_come_and_go_are_no_news(teams: TeamsWorld):
    for is_in in (True, False):
        roster = {"conversation": "19:opsdigest@thread.tacv2", "as": "guest", "is_in": is_in}
        await teams.do(teams.people.control, "roster", roster)
    await teams.ask("refund $40")
    assert not is_gone(teams, "19:opsdigest@thread.tacv2")
    assert teams.removed == []


async def test_a_channel_that_is_deleted_is_left_and_one_renamed_is_known_by_its_name(
    teams: TeamsWorld,
):
    def update(event: str, channel: str, name: str) -> dict[str, object]:
        data = {"tenant": {"id": seed.TENANT_ID}, "team": {"id": seed.TEAM_ID}}
        channel_data = {**data, "eventType": event, "channel": {"id": channel, "name": name}}
        talk = {"id": seed.TEAM_ID, "conversationType": "channel", "tenantId": seed.TENANT_ID}
        activity = teams.invoke("", None, channelData=channel_data, conversation=talk)
        return {**activity, "type": "conversationUpdate"}

    await teams.ask("refund $40")
    await teams.forge(update("channelRenamed", SUPPORT_OPS, "Support operations"))
    known = kept(teams, SUPPORT_OPS)
    assert known is not None
    assert known.name == "Support operations"
    await teams.ask("refund $41")  # a message does not say the name, and does not forget it
    known = kept(teams, SUPPORT_OPS)
    assert known is not None
    assert known.name == "Support operations"
    await teams.forge(update("channelDeleted", SUPPORT_OPS, "Support operations"))
    assert is_gone(teams, SUPPORT_OPS)
    assert teams.removed == [SUPPORT_OPS]


async def test_a_restart_forgets_no_conversation(tmp_path: Path, http_port: int):
    async with teams_world.connected(tmp_path / "state", http_port) as before:
        message = await before.ask("refund $40")
        await before.until(lambda: kept(before, seed.personal("agent")))
    async with teams_world.connected(tmp_path / "state", http_port) as after:
        await after.card(thread=message.message)
        await after.surface.tell(seed.OBJECT_IDS["agent"], "I am back.")
        await after.said("I am back.", "agent", "personal")
        assert "WAITING 1 of 2" in await after.do(after.people.thread, message.message, "agent")


async def test_a_wrong_secret_is_found_at_the_start(tmp_path: Path, http_port: int):
    with pytest.raises(Gone, match="ASSENT_TEAMS_APP_SECRET"):
        async with teams_world.connected(tmp_path / "state", http_port, app_secret="wrong"):
            pass
