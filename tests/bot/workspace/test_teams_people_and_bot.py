"""What people say in Teams reaches a real botbuilder bot, and what it sends reaches people."""

import pytest

from bot.workspace import seed as slack_seed
from bot.workspace.teams import mentions
from bot.workspace.teams.roster import person_of
from tests.bot.workspace.teams_bot import SUPPORT_OPS, message, run_card, running, teams_settings

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path, unused_port):
    async with running(teams_settings(tmp_path / "state", unused_port)) as made:
        yield made


async def test_a_mention_in_a_channel_arrives_as_teams_sends_it(world):
    said = await world.do(world.client.say, "refund $4 <b> & co on order 1043", "agent")
    got = await world.bot.until("message")
    teams = world.teams
    assert got["text"] == "<at>Assent</at> refund $4 <b> & co on order 1043"
    assert got["textFormat"] == "plain"
    assert got["entities"][0] == {
        "type": "mention",
        "mentioned": {"id": teams["bot_id"], "name": "Assent"},
        "text": "<at>Assent</at>",
    }
    assert got["attachments"][0]["contentType"] == "text/html"
    assert "&lt;b&gt; &amp; co" in got["attachments"][0]["content"]
    assert got["from"] == {
        "id": teams["addresses"]["agent"],
        "name": "Dana Okafor",
        "aadObjectId": teams["people"]["agent"],
    }
    assert got["conversation"] == {
        "conversationType": "channel",
        "tenantId": teams["tenant_id"],
        "id": f"{SUPPORT_OPS};messageid={said['id']}",
        "isGroup": True,
    }
    assert got["channelData"]["team"]["id"] == teams["team_id"]
    assert got["channelData"]["channel"]["id"] == SUPPORT_OPS
    assert got["channelData"]["tenant"]["id"] == teams["tenant_id"]
    assert (got["id"], got["serviceUrl"]) == (said["id"], teams["services"][0])
    assert said["id"].isdigit()
    assert said["thread"] == said["id"]


async def test_the_bot_hears_mentions_alone_and_everything_in_private(world):
    client = world.client
    await world.do(client.say, "just chatting", "agent", mention=False)
    await world.do(client.say, "hello", "agent", "random")
    await world.do(client.say, "in the group", "agent", "Returns")
    await world.do(client.say, "psst", "agent", "personal")
    await world.bot.until("message", count=2)
    heard = {each["conversation"]["conversationType"]: each for each in world.bot.of("message")}
    assert set(heard) == {"groupChat", "personal"}
    assert heard["personal"]["text"] == "psst"
    assert "isGroup" not in heard["personal"]["conversation"]


async def test_a_reply_of_the_bot_stays_in_its_thread(world):
    async def answer(context):
        await context.send_activity(message(run_card(), "Refund"))

    world.bot.on_message = answer
    said = await world.do(world.client.say, "refund order 1043", "agent")
    shown = await world.do(world.client.wait_for, "run: R-1")
    assert shown["thread"] == said["id"]
    assert shown["is_bot"]
    assert await world.do(world.client.buttons, "R-1", "agent") == ["Approve", "Reject…", "Plain"]
    follow = await world.do(world.client.say, "thanks", "agent", thread="R-1")
    assert follow["thread"] == said["id"]
    assert "Dana Okafor: @Assent thanks" in await world.do(world.client.thread, "R-1")


async def test_people_are_mentioned_by_name_or_alias_as_teams_marks_them(world):
    text = "away to @lead2, not @Lee Parkers or x@lead or <at>Ann Weiss</at>; thanks @Mira Sol"
    said = await world.do(world.client.say, text, "agent")
    got = await world.bot.until("message")
    assert got["text"] == (
        "<at>Assent</at> away to <at>Mira Sol</at>, not @Lee Parkers or x@lead or "
        "<at>Ann Weiss</at>; thanks <at>Mira Sol</at>"
    )
    mira = {"id": world.teams["addresses"]["lead2"], "name": "Mira Sol"}
    mentioned = [each["mentioned"] for each in got["entities"] if each["type"] == "mention"]
    assert mentioned == [{"id": world.teams["bot_id"], "name": "Assent"}, mira, mira]
    assert "&lt;at&gt;Ann Weiss" in got["attachments"][0]["content"]
    shown = (await world.do(world.client.messages, "lead"))[0]
    assert shown["text"].startswith("@Assent away to @Mira Sol, not")
    await world.do(world.client.edit, said["id"], "nothing", "agent")
    assert (await world.bot.until("messageUpdate"))["entities"][0]["type"] == "clientInfo"


@pytest.mark.parametrize(
    ("typed", "text", "names"),
    [
        ("@assent, @AGENT: go", "@Assent, @Dana Okafor: go", ["Assent", "Dana Okafor"]),
        ("@Aſſent @Assentful a@Assent", "@Aſſent @Assentful a@Assent", []),
        ("@lead@lead2", "@Lee Park@lead2", ["Lee Park"]),
        ("@guest @Gil\n@Gil!", "@Gil @Gil\n@Gil!", ["Gil"] * 3),
    ],
)
def test_a_mention_is_a_whole_name(typed, text, names):
    found, mentioned = mentions.find(typed, map(person_of, slack_seed.PEOPLE))
    assert (found, [each.name for each in mentioned]) == (text, names)
    marked = mentions.marked(found, mentioned)
    assert marked.count("<at>") == len(names)
    assert mentions.rich(found, mentioned).count("<span") == len(names)
