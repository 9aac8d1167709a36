"""A message to another channel, against our own workspace, which is strict about tokens."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pydantic import ValidationError

from bot.workspace import seed
from bot.workspace.faults import Fault
from bot.workspace.server import start
from bot.workspace.settings import BOT_SCOPES, WorkspaceSettings
from connectors.chat import posts
from connectors.chat.chat_post_message import OPERATION, READ_SCOPES, SCOPES, MessageParams
from connectors.chat.connector import CONNECTOR
from connectors.credentials import Credential
from connectors.errors import OutcomeUnknown, Rejected, Unavailable
from connectors.opening import OtherIdentityError, opened

pytestmark = pytest.mark.slow

ACCOUNT = f"{seed.TEAM_ID}/{seed.BOT_USER_ID}"
HOSTILE = "<!channel> <@U1> *b* _i_ `c` &amp; <https://evil.example|bank> 😀\n> quoted"
TOKEN_SCOPES = (*BOT_SCOPES, "channels:history", "channels:read", "groups:history", "groups:read")


@pytest.fixture
async def workspace(tmp_path):
    server = await start(WorkspaceSettings(state=tmp_path, bot_scopes=TOKEN_SCOPES))
    yield server
    await server.stop()


HERE, ELSEWHERE, NOT_IN = "C0OPSDIGEST", "C0SUPPORTOP", "C0RANDOM000"


def credential(server, *channels, scopes=SCOPES):
    base = server.address["api_base"].removesuffix("/").removesuffix("/api")
    listed = "&".join(f"channel={each}" for each in channels or (HERE,))
    return Credential(ACCOUNT, "sandbox", scopes, f"{base}?{listed}", server.address["bot_token"])


async def using(used, work):
    """Opens and works on a thread, as the product does."""

    def act():
        with opened(CONNECTOR, used) as session:
            return work(session)

    return await asyncio.to_thread(act)


def post(params, key="run-1:step-1"):
    return lambda s: OPERATION.execute(s, params, OPERATION.read(s, params), key)


def told(server, channel=HERE):
    return [m.body for m in server.workspace.messages.history(channel, None)]


async def test_a_message_says_literally_what_was_shown_and_pings_nobody(workspace):
    params = MessageParams(channel=HERE, text=HOSTILE)
    result = await using(credential(workspace), post(params))
    (message,) = told(workspace)
    assert message["blocks"][0]["text"] == {"type": "plain_text", "text": HOSTILE, "emoji": False}
    assert "<" not in message["text"]
    seen = await using(credential(workspace), lambda s: OPERATION.read(s, params))
    assert seen.fields == {"posts": 1, "last_post": HOSTILE}
    assert seen.version == result.reference == message["ts"]


async def test_taking_back_replaces_the_text_and_leaves_the_others(workspace):
    used = credential(workspace)
    first = MessageParams(channel=HERE, text="First")
    second = MessageParams(channel=HERE, text="Second")
    await using(used, post(first, "one"))
    result = await using(used, post(second, "two"))
    before = await using(used, lambda s: OPERATION.read(s, first))
    back = await using(used, lambda s: OPERATION.compensate(s, second, before, result, "two:undo"))
    assert [m["blocks"][0]["text"]["text"] for m in told(workspace)] == ["First", posts.TAKEN_BACK]
    seen = await using(used, lambda s: OPERATION.read(s, first))
    assert (seen.fields, seen.version) == ({"posts": 1, "last_post": "First"}, back.version)


async def test_only_listed_channels_are_read_and_written(workspace):
    params = MessageParams(channel=ELSEWHERE, text="Hi")
    with pytest.raises(Rejected, match="may not write to C0SUPPORTOP"):
        await using(credential(workspace), post(params))
    await using(credential(workspace, HERE, ELSEWHERE), post(params))
    assert len(told(workspace, ELSEWHERE)) == 1


async def test_a_bot_that_was_not_invited_says_so(workspace):
    params = MessageParams(channel=NOT_IN, text="Hi")
    with pytest.raises(Rejected, match="not_in_channel"):
        await using(credential(workspace, NOT_IN), post(params))


async def test_the_same_text_twice_running_is_refused(workspace):
    params = MessageParams(channel=HERE, text="Hi")
    await using(credential(workspace), post(params, "one"))
    with pytest.raises(Rejected, match="said exactly this"):
        await using(credential(workspace), post(params, "two"))
    assert len(told(workspace)) == 1


async def test_the_key_of_another_message_is_refused(workspace):
    await using(credential(workspace), post(MessageParams(channel=HERE, text="One"), "key"))
    with pytest.raises(Rejected, match="another message"):
        await using(credential(workspace), post(MessageParams(channel=HERE, text="Two"), "key"))


async def test_what_people_write_is_none_of_ours(workspace):
    key, text = posts.hashed("theirs"), "I am the bot"
    forged = {"user": "U0VERA00000", **posts.content(text, key, posts.digest(text))}
    workspace.workspace.messages.post(HERE, forged, workspace.workspace.clock())
    params = MessageParams(channel=HERE, text="Hi")
    seen = await using(credential(workspace), lambda s: OPERATION.read(s, params))
    assert seen.fields == {"posts": 0, "last_post": ""}


@pytest.mark.parametrize("token", ["", "xoxb-wrong", "xoxb-with space", "xoxb-ü", "xoxb-a\r\nX: y"])
async def test_a_token_that_slack_does_not_know_opens_nothing(workspace, token):
    wrong = replace(credential(workspace), secret=token)
    with pytest.raises(Rejected) as caught:
        await using(wrong, lambda s: None)
    assert caught.value.is_secret_refused
    assert not token or token not in str(caught.value)


async def test_a_token_of_another_bot_is_not_taken_for_this_one(workspace):
    other = replace(credential(workspace), account=f"{seed.TEAM_ID}/U0SOMEBODY0")
    with pytest.raises(OtherIdentityError, match=seed.BOT_USER_ID):
        await using(other, lambda s: None)


async def test_a_token_without_the_scope_is_told_which(tmp_path):
    server = await start(WorkspaceSettings(state=tmp_path, bot_scopes=TOKEN_SCOPES[1:]))
    with pytest.raises(Rejected, match="chat:write"):
        await using(credential(server), post(MessageParams(channel=HERE, text="Hi")))
    await server.stop()


async def test_our_own_scopes_hold_whatever_the_token_may(workspace):
    used = credential(workspace, scopes=READ_SCOPES)
    with pytest.raises(Rejected, match="messages:write"):
        await using(used, post(MessageParams(channel=HERE, text="Hi")))
    assert told(workspace) == []


@pytest.mark.parametrize(
    ("kind", "expected", "left"),
    [("ratelimited", Unavailable, 0), ("error", OutcomeUnknown, 0), ("lost", OutcomeUnknown, 1)],
)
async def test_what_slack_does_to_a_call_is_of_the_tree(workspace, kind, expected, left):
    used, params = credential(workspace), MessageParams(channel=HERE, text="Hi")
    await using(used, lambda s: OPERATION.read(s, params))
    workspace.workspace.faults.set(Fault(kind, 1, frozenset({"chat.postMessage"}), 7))
    with pytest.raises(expected) as caught:
        await using(used, post(params, "key"))
    assert len(told(workspace)) == left
    if expected is Unavailable:
        assert caught.value.retry_after_seconds == 7
    found = await using(used, lambda s: OPERATION.lookup(s, params, "key"))
    assert (found is not None) == bool(left)
    await using(used, post(params, "key"))
    assert len(told(workspace)) == 1


async def test_a_channel_that_is_too_lively_is_not_searched_by_halves(workspace, monkeypatch):
    monkeypatch.setattr(posts, "PAGES_MAX", 0)
    with pytest.raises(Rejected, match="cannot be found out"):
        await using(credential(workspace), post(MessageParams(channel=HERE, text="Hi")))


@pytest.mark.parametrize("channel", ["general", "#general", "C1", "D0ANNA00000", "c0opsdigest"])
def test_a_channel_is_given_by_its_id(channel):
    with pytest.raises(ValidationError):
        MessageParams(channel=channel, text="Hi")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "slack.com?channel=C0OPSDIGEST",
        "http://slack.com?channel=C0OPSDIGEST",
        "https://slack.com",
        "https://slack.com?channel=general",
        "https://slack.com?channel=C0OPSDIGEST&token=x",
        "https://user:word@slack.com?channel=C0OPSDIGEST",
        "https://slack.com/api?channel=C0OPSDIGEST",
        "https://slack.com:port?channel=C0OPSDIGEST",
    ],
)
def test_an_address_that_is_not_understood_opens_nothing(address):
    used = Credential(ACCOUNT, "sandbox", SCOPES, address, "xoxb-1")
    with pytest.raises(Rejected, match="not understood"), opened(CONNECTOR, used):
        pass
