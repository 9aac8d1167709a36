"""The seam: unmodified botbuilder on our HTTP client, against a channel service over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import unquote

import pytest

from bot.surfaces.errors import Busy, Gone, Refused
from bot.surfaces.teams import MEMBERS_PAGE, BotFramework
from bot.surfaces.teams_tokens import AppTokens
from bot.surfaces.teams_wire import Answer, NotAnActivity
from tests.bot.surfaces.teams_peer import CHANNEL, Fault, Peer, around

MESSAGE = {
    "type": "message",
    "summary": "Refund $40",
    "attachments": [
        {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "type": "AdaptiveCard",
                "version": "1.5",
                "body": [{"type": "TextBlock", "text": 'é ☃ 𝄞 "quoted"', "wrap": True}],
                "refresh": {"action": {"type": "Action.Execute"}, "userIds": ["29:dana"]},
                "fallback": None,
            },
        }
    ],
}


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with around() as made:
        yield made


@pytest.fixture
async def framework(peer: Peer) -> AsyncIterator[BotFramework]:
    made = BotFramework(peer.settings, AppTokens(peer.settings))
    yield made
    await made.close()


async def test_a_message_arrives_as_it_was_written(peer, framework):
    thread = f"{CHANNEL};messageid=1700000000001"
    sent = await framework.send(peer.service_url, thread, MESSAGE)
    assert sent == "1700000000001"
    assert peer.posted == [MESSAGE]
    call = peer.calls[0]
    assert unquote(call.path) == f"/v3/conversations/{thread}/activities"
    assert call.authorization == "Bearer token-1"


async def test_an_update_names_the_message(peer, framework):
    await framework.update(peer.service_url, CHANNEL, "1700000000007", MESSAGE)
    assert peer.updated == {"1700000000007": MESSAGE}
    assert peer.calls[0].method == "PUT"


async def test_a_conversation_is_begun_with_its_first_message(peer, framework):
    begun = await framework.begin(
        peer.service_url,
        {"isGroup": True, "channelData": {"channel": {"id": CHANNEL}}, "activity": MESSAGE},
    )
    assert begun == (f"{CHANNEL};messageid=1700000000001", "1700000000001")
    assert peer.posted[0]["activity"] == MESSAGE
    assert peer.posted[0]["channelData"] == {"channel": {"id": CHANNEL}}


async def test_a_member_is_told_whole(peer, framework):
    peer.members = [{"id": "29:dana", "name": "Dana", "aadObjectId": "d01", "userRole": "guest"}]
    assert (await framework.member(peer.service_url, CHANNEL, "d01")) == peer.members[0]
    with pytest.raises(Gone):
        await framework.member(peer.service_url, CHANNEL, "nobody")


async def test_all_pages_of_a_roster_are_read(peer, framework):
    peer.members = [
        {"id": f"29:{number}", "name": f"N {number}", "aadObjectId": str(number)}
        for number in range(2 * MEMBERS_PAGE + 1)
    ]
    found = await framework.members(peer.service_url, CHANNEL)
    assert list(found) == peer.members
    assert len(peer.calls) == 3


async def test_a_roster_without_an_end_is_refused(peer, framework, monkeypatch):
    monkeypatch.setattr("bot.surfaces.teams.MEMBERS_MAX", 10)
    peer.members = [{"id": f"29:{n}", "aadObjectId": str(n)} for n in range(2_000)]
    with pytest.raises(Refused, match="more than 10 members"):
        await framework.members(peer.service_url, CHANNEL)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, Refused, "BadSyntax"), (413, Refused, "MessageSizeTooBig"), (403, Gone, "403"),
        (404, Gone, "404"), (401, Gone, "401"), (500, Busy, "500"), (503, Busy, "503"),
        (409, Busy, "409"), (302, Refused, "Elsewhere"), (418, Refused, "Teapot"),
    ],
)  # fmt: skip
async def test_answers_become_errors_of_ours(peer, framework, status, error, code):
    word = code if not code.isdecimal() else "SomeCode"
    fault = Fault(
        status,
        {"error": {"code": word, "message": "x"}},
        {"Location": "/teams/v3/conversations/x/activities"},
    )
    peer.breaks("service", fault, fault)
    with pytest.raises(error) as raised:
        await framework.send(peer.service_url, CHANNEL, MESSAGE)
    assert type(raised.value).__mro__[:-1].count(error) == 1
    assert raised.value.code == code
    assert "SECRET" not in str(raised.value)


@pytest.mark.parametrize(
    "body", [b"<html>", b"[" * 100_000, b"\xff\xfe", b'{"error": "text"}', b"[]", b"null", b""]
)
async def test_an_error_of_any_shape_is_an_error_of_ours(peer, framework, body):
    peer.breaks("service", Fault(400, body))
    with pytest.raises(Refused):
        await framework.send(peer.service_url, CHANNEL, MESSAGE)


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"[" * 100_000])
async def test_an_unreadable_answer_leaves_open_what_happened(peer, framework, body):
    peer.breaks("service", Fault(200, body))
    with pytest.raises(Busy):
        await framework.send(peer.service_url, CHANNEL, MESSAGE)
    assert len(peer.calls) == 1


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"{}", b"null", b""])
async def test_an_answer_without_an_id_is_not_asked_for_again(peer, framework, body):
    peer.breaks("service", Fault(200, body))
    with pytest.raises(Refused):
        await framework.send(peer.service_url, CHANNEL, MESSAGE)


async def test_no_token_leaves_for_a_service_that_is_not_on_the_list(peer, framework):
    with pytest.raises(Refused, match="ASSENT_TEAMS_SERVICES"):
        await framework.send("https://evil.example/", CHANNEL, MESSAGE)
    assert not peer.logins


async def test_a_client_is_built_once_for_each_service(peer, framework):
    assert framework.client(peer.service_url) is framework.client(peer.service_url)


@pytest.mark.parametrize("body", [{"task": {"type": "continue"}}, None, "text", [1]])
async def test_a_turn_brings_the_answer_whatever_its_body(peer, framework, body):
    heard = []

    async def handle(activity):
        heard.append(activity)
        return Answer(200, body)

    activity = peer.invoke()
    assert await framework.turn(activity, {"aud": "x"}, handle) == Answer(200, body)
    assert heard == [activity]
    assert not peer.calls


async def test_a_turn_raises_what_its_handler_raises(peer, framework):
    async def handle(activity):
        raise LookupError("of the handler")

    with pytest.raises(LookupError, match="of the handler"):
        await framework.turn(peer.activity(), {}, handle)


@pytest.mark.parametrize(
    "changes", [{"timestamp": "yesterday"}, {"membersAdded": "x"}, {"entities": [7]},
                {"attachments": [{"content": 1}, None, "x"]}, {"reactionsAdded": [[]]}],
)  # fmt: skip
async def test_what_the_sdk_cannot_read_is_no_activity(peer, framework, changes):
    async def handle(activity):
        return Answer()

    try:
        answer = await framework.turn(peer.activity(**changes), {}, handle)
    except NotAnActivity:
        return
    assert answer == Answer()
