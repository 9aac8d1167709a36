"""The connector protocol against botbuilder's own client: what a bot may do, what it may not."""

import aiohttp
import pytest
from botbuilder.schema import ChannelAccount, ConversationParameters, ErrorResponseException

from bot.workspace.teams import limits
from tests.bot.workspace.teams_bot import (
    CARD,
    SUPPORT_OPS,
    message,
    run_card,
    running,
    teams_settings,
)

pytestmark = pytest.mark.slow

RANDOM = "19:random@thread.tacv2"
RETURNS = "19:returns@thread.v2"


@pytest.fixture
async def world(tmp_path, unused_port):
    async with running(teams_settings(tmp_path / "state", unused_port)) as made:
        yield made


@pytest.fixture
async def conversations(world):
    return world.connector.conversations


async def call(world, method, path, body=None, **headers):
    """A raw call with the bot's token; (status, body, headers)."""
    token = world.bot.credentials.get_access_token()
    headers = {"Authorization": f"Bearer {token}", **headers}
    url = f"{world.teams['services'][0]}v3/conversations{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, json=body, headers=headers) as response,
    ):
        is_json = response.content_type == "application/json"
        return response.status, await response.json() if is_json else None, response.headers


def parameters(world, **fields):
    given = {
        "bot": ChannelAccount(id=world.teams["bot_id"]),
        "tenant_id": world.teams["tenant_id"],
        **fields,
    }
    return ConversationParameters(**given)


async def test_a_new_thread_in_a_channel_is_a_conversation_of_its_own(world, conversations):
    made = await conversations.create_conversation(
        parameters(
            world,
            is_group=True,
            channel_data={"channel": {"id": SUPPORT_OPS}},
            activity=message(run_card()),
        )
    )
    assert made.id == f"{SUPPORT_OPS};messageid={made.activity_id}"
    assert made.activity_id.isdigit()
    answer = await conversations.send_to_conversation(made.id, message(text="below it"))
    thread = await world.do(world.client.thread, "R-1")
    assert thread.endswith("Assent: below it")
    found = await world.do(world.client.messages, "agent", "support-ops")
    assert [each["thread"] for each in found[:2]] == [made.activity_id] * 2
    assert found[0]["id"] == answer.id


async def test_a_reply_goes_into_the_thread_of_what_it_answers(world, conversations):
    said = await world.do(world.client.say, "hello", "agent")
    await conversations.reply_to_activity(SUPPORT_OPS, said["id"], message(text="hello yourself"))
    assert "hello yourself" in await world.do(world.client.thread, said["id"])


@pytest.mark.parametrize("by", ["addresses", "people"])
async def test_a_personal_conversation_is_begun_by_address_or_object_id(world, conversations, by):
    someone = ChannelAccount(id=world.teams[by]["lead"])
    made = await conversations.create_conversation(parameters(world, members=[someone]))
    assert made.id == world.teams["personal"]["lead"]
    await conversations.send_to_conversation(made.id, message(text="for you alone"))
    assert "for you alone" in await world.do(world.client.channel, "lead", "personal")
    assert not await world.do(world.client.messages, "agent", "personal")


async def test_nobody_is_written_to_who_has_not_the_bot(world):
    async def begin(user, tenant=None):
        body = {
            "members": [{"id": user}],
            "tenantId": tenant or world.teams["tenant_id"],
            "bot": {"id": world.teams["bot_id"]},
        }
        return (await call(world, "POST", "", body))[0]

    assert await begin(world.teams["addresses"]["stranger"]) == 403
    assert await begin(world.teams["addresses"]["former"]) == 404
    assert await begin("29:nobody") == 404
    assert await begin("agent") == 404
    assert await begin(world.teams["addresses"]["lead"], world.teams["other_tenant_id"]) == 403


async def test_an_update_replaces_the_message_for_everybody(world, conversations):
    posted = await world.post_card(run_card())
    await conversations.update_activity(SUPPORT_OPS, posted, message(run_card(note="settled")))
    assert "settled" in await world.do(world.client.card, "R-1", "agent")
    await conversations.delete_activity(SUPPORT_OPS, posted)
    assert not await world.do(world.client.cards, "R-1", "agent")
    status, body, _ = await call(world, "PUT", f"/{SUPPORT_OPS}/activities/{posted}", CARDED)
    assert (status, body["error"]["code"]) == (404, "ActivityNotFoundInConversation")


async def test_the_bot_may_not_change_what_people_said(world):
    said = await world.do(world.client.say, "mine", "agent")
    path = f"/{SUPPORT_OPS}/activities/{said['id']}"
    assert (await call(world, "PUT", path, CARDED))[0] == 403
    assert (await call(world, "DELETE", path))[0] == 403
    assert "mine" in await world.do(world.client.channel, "agent")


async def test_a_conversation_without_the_bot_is_closed_to_it(world):
    for conversation, expected in ((RANDOM, 403), ("19:nowhere@thread.tacv2", 404)):
        for method, path, body in (
            ("POST", "activities", CARDED),
            ("PUT", "activities/1", CARDED),
            ("DELETE", "activities/1", None),
            ("GET", "members", None),
            ("GET", "pagedmembers", None),
            ("GET", f"members/{world.teams['people']['agent']}", None),
        ):
            status, answer, _ = await call(world, method, f"/{conversation}/{path}", body)
            assert status == expected, (method, path)
            assert answer["error"]["message"]
    await world.do(world.client.install, "support-ops", "agent", is_in=False)
    with pytest.raises(ErrorResponseException) as refusal:
        await world.post_card(run_card())
    assert refusal.value.response.status_code == 403


async def test_threads_are_in_channels_alone_and_have_to_exist(world):
    for place in (f"{SUPPORT_OPS};messageid=1", f"{RETURNS};messageid=1"):
        assert (await call(world, "POST", f"/{place}/activities", CARDED))[0] == 404


async def test_a_roster_tells_who_is_a_guest_and_who_comes_from_elsewhere(world, conversations):
    found = await conversations.get_conversation_members(SUPPORT_OPS)
    by_name = {each.name: each.additional_properties for each in found}
    assert by_name["Gil"]["userRole"] == "guest"
    assert by_name["Vera"]["tenantId"] == world.teams["other_tenant_id"]
    assert by_name["Dana Okafor"]["tenantId"] == world.teams["tenant_id"]
    assert "Olaf Brandt" not in by_name
    agent = await conversations.get_conversation_member(
        SUPPORT_OPS, world.teams["addresses"]["agent"]
    )
    same = await conversations.get_conversation_member(SUPPORT_OPS, world.teams["people"]["agent"])
    assert agent.as_dict() == same.as_dict()
    assert agent.additional_properties["objectId"] == world.teams["people"]["agent"]
    assert agent.additional_properties["email"] == "dana.okafor@northwind.example"
    assert agent.additional_properties["userPrincipalName"] == "dana.okafor@northwind.example"
    path = f"/{SUPPORT_OPS}/members/{world.teams['people']['former']}"
    status, body, _ = await call(world, "GET", path)
    assert (status, body["error"]["code"]) == (404, "MemberNotFoundInConversation")


async def test_roles_are_the_rosters_of_private_channels(world, conversations):
    leads = await conversations.get_conversation_members("19:supportleads@thread.tacv2")
    assert [each.name for each in leads] == ["Lee Park", "Mira Sol"]
    await world.do(
        world.client.control,
        "roster",
        {"conversation": "19:supportleads@thread.tacv2", "as": "lead2", "is_in": False},
    )
    leads = await conversations.get_conversation_members("19:supportleads@thread.tacv2")
    assert [each.name for each in leads] == ["Lee Park"]


async def test_a_long_roster_comes_in_pages(world, conversations):
    await world.do(world.client.control, "roster", {"page": 4})
    names, token = [], None
    for _ in range(3):
        page = await conversations.get_conversation_paged_members(
            SUPPORT_OPS, page_size=100, continuation_token=token
        )
        names += [each.name for each in page.members]
        token = page.continuation_token
    assert (len(names), len(set(names)), token) == (9, 9, None)
    for token in ("zz", "LTU=", "x" * 9, "9" * 5000):
        path = f"/{SUPPORT_OPS}/pagedmembers?continuationToken={token}"
        assert (await call(world, "GET", path))[0] == 400, token
    path = f"/{SUPPORT_OPS}/pagedmembers?pageSize={'9' * 5000}"
    assert (await call(world, "GET", path))[0] == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "Basic abc", "Bearer a b c"]
)
async def test_without_a_token_of_ours_nothing_is_done(world, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    url = f"{world.teams['services'][0]}v3/conversations/{SUPPORT_OPS}/activities"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json=CARDED, headers=headers) as response:
            assert response.status == 401
        async with session.get(url.replace("activities", "members"), headers=headers) as response:
            assert response.status == 401
    assert not await world.do(world.client.messages, "agent")


async def test_an_eighth_message_within_a_second_has_to_wait(world, conversations):
    for _ in range(7):
        assert (await call(world, "POST", f"/{RETURNS}/activities", TEXT))[0] == 201
    status, _, headers = await call(world, "POST", f"/{RETURNS}/activities", TEXT)
    assert (status, headers["Retry-After"]) == (429, "1")
    await conversations.send_to_conversation(SUPPORT_OPS, message(text="another place"))
    await world.do(world.client.control, "rates", {"is_on": False})
    assert (await call(world, "POST", f"/{RETURNS}/activities", TEXT))[0] == 201
    assert len(await world.do(world.client.messages, "agent", "Returns")) == 8


@pytest.mark.parametrize(
    ("activity", "status", "told"),
    [
        ({"type": "message"}, 400, "needs text or an attachment"),
        ({"type": "message", "text": "  "}, 400, "needs text or an attachment"),
        ({"type": "message", "text": 5}, 400, "text is text"),
        ({"type": "message", "attachments": "x"}, 400, "attachments are a list"),
        ({"type": "trace", "text": "x"}, 400, "cannot send a 'trace'"),
        ({"type": "message", "attachments": [{"contentType": "image/png"}]}, 400, "image/png"),
        (
            {"type": "message", "attachments": [{"contentType": CARD, "content": {"type": "X"}}]},
            400,
            "must be an AdaptiveCard",
        ),
        ({"type": "message", "text": "x" * limits.MESSAGE_BYTES}, 413, "too large"),
    ],
)
async def test_what_teams_would_not_show_is_refused_with_its_fault(world, activity, status, told):
    got, body, _ = await call(world, "POST", f"/{SUPPORT_OPS}/activities", activity)
    assert got == status
    assert told in body["error"]["message"]
    assert not await world.do(world.client.messages, "agent")


async def test_typing_shows_nothing(world):
    status, body, _ = await call(world, "POST", f"/{SUPPORT_OPS}/activities", {"type": "typing"})
    assert (status, bool(body["id"])) == (201, True)
    assert not await world.do(world.client.messages, "agent")


async def test_broken_json_is_a_bad_request(world):
    token = world.bot.credentials.get_access_token()
    url = f"{world.teams['services'][0]}v3/conversations/{SUPPORT_OPS}/activities"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for body in (b"{", b"[]", b'"x"', b"\xff", b'{"a":' * 20_000 + b"1", b'{"a":NaN}'):
            async with session.post(url, data=body) as response:
                assert response.status == 400, body[:20]


@pytest.mark.parametrize("status", [412, 429, 500, 502, 504])
async def test_faults_come_as_often_as_they_were_asked_for(world, status):
    fault = {"kind": "status", "status": status, "calls": 2, "routes": ["send"]}
    await world.do(world.client.control, "faults", {**fault, "retry_after_seconds": 3})
    for _ in range(2):
        got, _, headers = await call(world, "POST", f"/{SUPPORT_OPS}/activities", TEXT)
        assert got == status
        assert headers.get("Retry-After") == ("3" if status == 429 else None)
    assert (await call(world, "GET", f"/{SUPPORT_OPS}/members"))[0] == 200
    assert (await call(world, "POST", f"/{SUPPORT_OPS}/activities", TEXT))[0] == 201


async def test_a_lost_answer_has_done_what_was_asked(world):
    fault = {"kind": "lost", "status": 504, "routes": ["send"]}
    await world.do(world.client.control, "faults", fault)
    assert (await call(world, "POST", f"/{SUPPORT_OPS}/activities", TEXT))[0] == 504
    assert len(await world.do(world.client.messages, "agent")) == 1


async def test_a_hanging_call_ends_without_an_answer(world):
    fault = {"kind": "hang", "seconds": 0.1, "routes": ["send"]}
    await world.do(world.client.control, "faults", fault)
    with pytest.raises(aiohttp.ClientError):
        await call(world, "POST", f"/{SUPPORT_OPS}/activities", TEXT)
    assert not await world.do(world.client.messages, "agent")


TEXT = {"type": "message", "text": "hello"}
CARDED = {
    "type": "message",
    "attachments": [{"contentType": CARD, "content": run_card()}],
}
