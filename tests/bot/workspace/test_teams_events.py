"""What happens in Teams beside messages, and that nothing is lost while the bot is away."""

import asyncio
import sqlite3

import pytest

from bot.workspace.teams.client import ClientError
from tests.bot.workspace.teams_bot import (
    SUPPORT_OPS,
    message,
    run_card,
    running,
    serve,
    teams_settings,
    tiny_bot,
    without_teams,
    workspace,
)

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path, unused_port):
    async with running(teams_settings(tmp_path / "state", unused_port)) as made:
        yield made


async def test_the_bot_learns_where_it_was_installed_once(tmp_path, unused_port):
    settings = teams_settings(tmp_path / "state", unused_port)
    async with running(settings) as world:
        told = await installs(world, 14)
        places = {each["conversation"]["id"] for each in told}
        teams = world.teams
        assert {teams["team_id"], "19:returns@thread.v2", teams["personal"]["agent"]} <= places
        assert "19:random@thread.tacv2" not in places
        assert SUPPORT_OPS not in places  # a standard channel comes with its team
        for each in told:
            assert each["membersAdded"] == [{"id": teams["bot_id"], "name": "Assent"}]
        of_team = next(each for each in told if each["conversation"]["id"] == teams["team_id"])
        assert of_team["channelData"]["eventType"] == "teamMemberAdded"
        assert of_team["channelData"]["team"]["name"] == "Northwind"
        added = await world.bot.until("installationUpdate", count=14)
        assert added["action"] == "add"
    async with running(settings) as world:
        await world.do(world.client.say, "hello", "agent")
        await world.bot.until("message")
        assert not world.bot.of("conversationUpdate")


async def test_an_edit_a_deletion_and_a_reaction_are_told_as_teams_tells_them(world):
    client = world.client
    said = await world.do(client.say, "refund 1043", "agent")
    await world.do(client.edit, said["id"], "@Assent refund 1044", "agent")
    edited = await world.bot.until("messageUpdate")
    assert (edited["id"], edited["channelData"]["eventType"]) == (said["id"], "editMessage")
    assert edited["text"] == "<at>Assent</at> refund 1044"
    await world.do(client.delete, said["id"], "agent")
    gone = await world.bot.until("messageDelete")
    assert (gone["id"], gone["channelData"]["eventType"]) == (said["id"], "softDeleteMessage")
    assert "text" not in gone
    assert "1044" not in await world.do(client.channel, "agent")
    posted = await world.post_card(run_card())
    await world.do(client.react, "R-1", "agent", "heart")
    await world.do(client.react, "R-1", "agent", "heart")
    await world.do(client.react, "R-1", "agent", "heart", is_added=False)
    await world.bot.until("messageReaction", count=2)
    added = next(each for each in world.bot.of("messageReaction") if "reactionsAdded" in each)
    assert (added["replyToId"], added["reactionsAdded"]) == (posted, [{"type": "heart"}])


async def test_nobody_changes_what_somebody_else_said(world):
    client = world.client
    said = await world.do(client.say, "mine", "agent")
    posted = await world.post_card(run_card())
    for message_id in (said["id"], posted):
        with pytest.raises(ClientError, match="somebody else's message"):
            await world.do(client.edit, message_id, "yours", "lead")
        with pytest.raises(ClientError, match="somebody else's message"):
            await world.do(client.delete, message_id, "lead")
    await world.do(client.delete, said["id"], "agent")
    with pytest.raises(ClientError, match="was taken back"):
        await world.do(client.edit, said["id"], "again", "agent")


async def test_the_bot_is_told_when_it_is_removed_and_hears_nothing_after(world):
    client = world.client
    await installs(world, 14)
    await world.do(client.install, "support-ops", "lead", is_in=False)
    removed = await world.bot.until("installationUpdate", count=15)
    assert (removed["action"], removed["conversation"]["id"]) == ("remove", SUPPORT_OPS)
    assert removed["from"]["aadObjectId"] == world.teams["people"]["lead"]
    await world.do(client.say, "anybody?", "agent")
    await world.do(client.install, "support-ops", "lead", is_in=True)
    await world.bot.until("installationUpdate", count=16)
    await world.do(client.say, "welcome back", "agent")
    heard = await world.bot.until("message")
    assert "welcome back" in heard["text"]
    assert len(world.bot.of("message")) == 1


async def test_a_person_who_comes_or_goes_is_told_to_a_bot_that_is_there(world):
    await installs(world, 14)
    body = {"conversation": "19:returns@thread.v2", "as": "finance", "is_in": True}
    await world.do(world.client.control, "roster", body)
    told = await world.bot.until("conversationUpdate", count=15)
    assert told["membersAdded"][0]["aadObjectId"] == world.teams["people"]["finance"]


async def test_what_was_said_while_the_bot_was_away_arrives_when_it_is_back(tmp_path, unused_port):
    settings = teams_settings(tmp_path / "state", unused_port)
    async with workspace(settings) as address:
        from bot.workspace.teams.client import TeamsClient

        client = TeamsClient(settings.state)
        await asyncio.to_thread(client.say, "is anybody there?", "agent")

        def is_away():
            return not client.control("status")["is_bot_there"]

        async with asyncio.timeout(5):
            while not await asyncio.to_thread(is_away):
                await asyncio.sleep(0.02)
    # The workspace is restarted too: what waits is in its database.
    async with running(settings) as world:
        assert "is anybody there?" in (await world.bot.until("message"))["text"]
        assert address["url"] == world.address["url"]

        await nothing_waits(world)


@pytest.mark.parametrize("status", [412, 429, 500, 503])
async def test_a_message_that_the_bot_could_not_take_comes_again(world, status):
    await installs(world, 14)
    world.bot.status = status
    await world.do(world.client.say, "again", "agent")
    await world.bot.until("message", count=2)
    world.bot.status = 201
    first, *others = world.bot.of("message")
    assert all(each == first for each in others)


async def test_a_message_that_the_bot_refuses_does_not_come_again(world):
    await installs(world, 14)
    world.bot.status = 400
    await world.do(world.client.say, "no", "agent")
    await world.bot.until("message")
    await nothing_waits(world)
    assert len(world.bot.of("message")) == 1


async def test_a_press_while_nobody_listens_is_told_at_once(tmp_path, unused_port):
    settings = teams_settings(tmp_path / "state", unused_port)
    async with running(settings) as world:
        await world.connector.conversations.send_to_conversation(SUPPORT_OPS, message(run_card()))
    async with workspace(settings):
        from bot.workspace.teams.client import TeamsClient

        client = TeamsClient(settings.state)
        with pytest.raises(ClientError, match="Unable to reach app"):
            await asyncio.to_thread(client.press, "Approve", "lead", "R-1")
        address = client.address()["teams"]
        bot = tiny_bot(address)
        runner = await serve(bot, settings.teams_messages_url)
        try:
            with pytest.raises(ClientError, match="The bot's answer is empty"):
                await asyncio.to_thread(client.press, "Approve", "lead", "R-1")
        finally:
            await runner.cleanup()


async def test_without_an_address_of_the_bot_there_is_no_teams_side(tmp_path, unused_port):
    settings = without_teams(teams_settings(tmp_path / "state", unused_port))
    async with workspace(settings) as address:
        from bot.workspace.teams.client import TeamsClient

        assert "teams" not in address
        client = TeamsClient(settings.state)
        with pytest.raises(ClientError, match="has no Teams side"):
            await asyncio.to_thread(client.say, "x", "agent")


@pytest.mark.parametrize("url", ["http://10.0.0.1:80/x", "https://evil.example/", "nonsense"])
def test_the_bot_has_to_be_on_this_machine(tmp_path, url):
    from bot.workspace.settings import WorkspaceSettings

    with pytest.raises(ValueError, match="on this machine"):
        WorkspaceSettings(tmp_path, teams_messages_url=url)


async def test_hostile_words_arrive_as_they_were_said(world):
    client = world.client
    hostile = "<at>Lee</at> **x** [y](z) \u202e <script> & é 𝒳 " + "\\" * 3 + "\n\nsecond"
    await world.do(client.say, hostile, "agent", "personal")
    got = await world.bot.until("message")
    assert got["text"] == hostile
    assert got["entities"] == [got["entities"][-1]]  # no mention, only the client's own
    assert "<script>" not in got["attachments"][0]["content"]
    for text in ("", "   ", "\n"):
        with pytest.raises(ClientError, match="is empty"):
            await world.do(client.say, text, "agent", "personal")
    with pytest.raises(ClientError, match="at most 28,000 fit"):
        await world.do(client.say, "x" * 28_001, "agent", "personal")
    with pytest.raises(ClientError, match="has no threads"):
        await world.do(client._post, "say", "agent", {**PERSONAL, "thread": got["id"]})
    with pytest.raises(ClientError, match="hangs on is gone"):
        await world.do(client._post, "say", "agent", {**CHANNEL, "thread": "1"})
    rows = sqlite3.connect(world.client._state / "workspace.sqlite").execute(
        "SELECT count(*) FROM teams_messages"
    )
    assert rows.fetchone() == (1,)


PERSONAL = {"conversation": "personal", "text": "x"}
CHANNEL = {"conversation": "support-ops", "text": "x"}


async def installs(world, count):
    """What the bot was told of its installations, all of it."""
    await world.bot.until("installationUpdate", count=count)
    await world.bot.until("conversationUpdate", count=count)
    return world.bot.of("conversationUpdate")


async def nothing_waits(world):
    async with asyncio.timeout(5):
        while (await world.do(world.client.control, "status"))["events_waiting"]:
            await asyncio.sleep(0.02)
