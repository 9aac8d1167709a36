"""The Web API as slack_sdk meets it: tokens, scopes, errors, limits, faults."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from bot.workspace.faults import Fault


def section(text="x", **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


async def refused(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_unknown_missing_and_wrong_tokens_are_refused_by_their_names(world, kit):
    stranger = kit.web_client(world.server, "xoxb-nobody")
    assert (await refused(stranger.auth_test()))["error"] == "invalid_auth"
    assert (await refused(kit.web_client(world.server, None).auth_test()))["error"] == "not_authed"
    app = kit.web_client(world.server, world.address["app_token"])
    assert (await refused(app.auth_test()))["error"] == "not_allowed_token_type"
    opened = world.client.apps_connections_open(app_token=world.address["bot_token"])
    assert (await refused(opened))["error"] == "not_allowed_token_type"
    assert (await world.client.auth_test())["bot_id"] == world.address["bot_id"]


async def test_a_missing_scope_names_what_is_needed_and_what_is_there(world):
    answer = await refused(world.client.users_lookupByEmail(email="lee.park@northwind.example"))
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "users:read.email"
    assert "chat:write" in answer["provided"]
    info = await world.client.users_info(user="U0LEE000000")
    assert "email" not in info["user"]["profile"]


@pytest.mark.parametrize(
    ("call", "scope"),
    [
        (lambda c: c.conversations_info(channel="C0SUPPORTOP"), "channels:read"),
        (lambda c: c.conversations_list(), "channels:read"),
        (lambda c: c.conversations_history(channel="C0SUPPORTOP"), "channels:history"),
        (lambda c: c.conversations_members(channel="C0SUPPORTOP"), "channels:read"),
        (lambda c: c.conversations_open(users="U0LEE000000"), "im:write"),
        (
            lambda c: c.reactions_add(channel="C0SUPPORTOP", name="eyes", timestamp="1"),
            "reactions:write",
        ),
    ],
)
async def test_what_needs_a_scope_works_only_with_it(world, kit, call, scope):
    assert (await refused(call(world.client)))["needed"] == scope
    token = world.server.workspace.tokens.issue("bot", (scope,)).value
    allowed = kit.web_client(world.server, token)
    if scope == "reactions:write":
        assert (await refused(call(allowed)))["error"] == "message_not_found"
    else:
        assert (await call(allowed))["ok"]


async def test_people_groups_and_the_unwelcome_look_as_slack_shows_them(world, kit):
    users = {u["id"]: u for u in (await world.client.users_list())["members"]}
    people = world.address["people"]
    assert users[people["guest"]]["is_restricted"]
    assert users[people["former"]]["deleted"]
    assert users[people["admin"]]["is_admin"]
    assert users[world.address["bot_user_id"]]["is_bot"]
    assert people["stranger"] not in users
    vera = (await world.client.users_info(user=people["stranger"]))["user"]
    assert vera["is_stranger"]
    assert vera["team_id"] != world.address["team_id"]
    groups = {g["handle"]: g["id"] for g in (await world.client.usergroups_list())["usergroups"]}
    leads = await world.client.usergroups_users_list(usergroup=groups["finance-leads"])
    assert leads["users"] == [people["finance"], people["finance2"]]
    error = await refused(world.client.usergroups_users_list(usergroup="S404"))
    assert error["error"] == "no_such_subteam"
    error = await refused(world.client.users_info(user="U404"))
    assert error["error"] == "user_not_found"


async def test_a_bot_writes_only_where_it_is(world):
    client = world.client
    assert (await refused(client.chat_postMessage(channel="C404", text="x")))["error"] == (
        "channel_not_found"
    )
    assert (await refused(client.chat_postMessage(channel="#random", text="x")))["error"] == (
        "not_in_channel"
    )
    direct = await client.chat_postMessage(channel=world.address["people"]["lead"], text="hello")
    assert direct["channel"] == world.address["direct_messages"]["lead"]
    assert (await refused(client.chat_postMessage(channel="#support-ops", text="")))["error"] == (
        "no_text"
    )


async def test_messages_are_changed_and_removed_by_their_author_alone(world):
    client = world.client
    posted = await client.chat_postMessage(channel="#support-ops", text="a", blocks=[section()])
    changed = await client.chat_update(channel="C0SUPPORTOP", ts=posted["ts"], text="b")
    assert "blocks" not in changed["message"]
    _, said = await world.hand.do("say", channel="support-ops", text="mine")
    error = await refused(client.chat_update(channel="C0SUPPORTOP", ts=said["ts"], text="x"))
    assert error["error"] == "cant_update_message"
    error = await refused(client.chat_delete(channel="C0SUPPORTOP", ts=said["ts"]))
    assert error["error"] == "cant_delete_message"
    error = await refused(client.chat_update(channel="C0SUPPORTOP", ts="1.2", text="x"))
    assert error["error"] == "message_not_found"
    link = await client.chat_getPermalink(channel="C0SUPPORTOP", message_ts=posted["ts"])
    assert link["permalink"].startswith(world.address["url"])
    await client.chat_delete(channel="C0SUPPORTOP", ts=posted["ts"])
    assert [m["text"] for m in await world.hand.messages()] == ["mine"]


async def test_an_ephemeral_message_is_seen_by_one_person(world):
    lead = world.address["people"]["lead"]
    await world.client.chat_postEphemeral(channel="#support-ops", user=lead, text="psst")
    assert [m["text"] for m in await world.hand.messages("lead")] == ["psst"]
    assert await world.hand.messages("agent") == []
    former = world.client.chat_postEphemeral(channel="#support-ops", user="U0OLAF00000", text="x")
    assert (await refused(former))["error"] == "user_not_in_channel"


async def test_threads_gather_replies_and_refuse_missing_roots(world):
    root = await world.client.chat_postMessage(channel="#support-ops", text="root")
    reply = await world.client.chat_postMessage(
        channel="#support-ops", text="one", thread_ts=root["ts"]
    )
    nested = await world.client.chat_postMessage(
        channel="#support-ops", text="two", thread_ts=reply["ts"]
    )
    assert nested["message"]["thread_ts"] == root["ts"]
    lost = world.client.chat_postMessage(channel="#support-ops", text="x", thread_ts="1.000001")
    assert (await refused(lost))["error"] == "thread_not_found"
    await world.client.chat_delete(channel="C0SUPPORTOP", ts=nested["ts"])
    thread = await world.hand.see("thread", channel="support-ops", ts=root["ts"])
    assert [m["text"] for m in thread["messages"]] == ["root", "one"]
    assert thread["messages"][0]["reply_count"] == 1


async def test_texts_and_blocks_beyond_the_message_limits_are_refused(world):
    client = world.client

    async def post(**content):
        return await client.chat_postMessage(channel="#support-ops", **content)

    assert (await refused(post(text="x" * 40_001)))["error"] == "msg_too_long"
    assert (await post(text="x" * 40_000))["ok"]
    fat = [section("x" * 2900) for _ in range(5)]
    assert (await refused(post(text="t", blocks=fat)))["error"] == "msg_blocks_too_long"
    posted = await post(text="t", blocks=fat[:4])
    update = client.chat_update(channel="C0SUPPORTOP", ts=posted["ts"], text="x" * 4001)
    assert (await refused(update))["error"] == "msg_too_long"


async def test_form_and_query_calls_work_like_json_calls(world):
    url = world.address["api_base"]
    bearer = {"Authorization": f"Bearer {world.address['bot_token']}"}
    async with aiohttp.ClientSession() as session:
        form = {
            "token": world.address["bot_token"],
            "channel": "C0SUPPORTOP",
            "text": "t",
            "blocks": '[{"type":"divider"}]',
        }
        answer = await (await session.post(url + "chat.postMessage", data=form)).json()
        assert answer["message"]["blocks"][0]["type"] == "divider"
        query = {"user": "U0LEE000000"}
        answer = await session.get(url + "users.info", params=query, headers=bearer)
        assert (await answer.json())["user"]["real_name"] == "Lee Park"
        answer = await session.post(url + "nonsense.method", headers=bearer)
        assert (await answer.json())["error"] == "unknown_method"
        broken = {"Content-Type": "application/json", **bearer}
        for body in ("{", "[1]", '{"text":"\\ud800","channel":"C0SUPPORTOP"}'):
            answer = await session.post(url + "chat.postMessage", data=body, headers=broken)
            assert (await answer.json())["error"] == "invalid_json"


async def test_faults_limit_fail_lose_and_delay_calls(world):
    faults = world.server.workspace.faults
    faults.set(Fault("ratelimited", 1, seconds=1))
    answer = await refused(world.client.auth_test())
    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert answer.headers["Retry-After"] == "1"
    assert (await world.client.auth_test())["ok"]
    faults.set(Fault("error", 1, frozenset({"chat.postMessage"})))
    assert (await world.client.auth_test())["ok"]
    with pytest.raises(SlackApiError):
        await world.client.chat_postMessage(channel="#support-ops", text="never")
    faults.set(Fault("lost", 1))
    with pytest.raises(SlackApiError):
        await world.client.chat_postMessage(channel="#support-ops", text="there after all")
    assert [m["text"] for m in await world.hand.messages()] == ["there after all"]
    faults.set(Fault("slow", 1, seconds=0.2))
    began = asyncio.get_running_loop().time()
    await world.client.auth_test()
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_the_sdk_own_retry_handler_survives_a_rate_limit(world):
    world.client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    world.server.workspace.faults.set(Fault("ratelimited", 1, seconds=1))
    assert (await world.client.chat_postMessage(channel="#support-ops", text="kept"))["ok"]


async def test_a_file_goes_up_in_three_steps(world, kit):
    token = world.server.workspace.tokens.issue("bot", ("files:write", "chat:write")).value
    client = kit.web_client(world.server, token)
    done = await client.files_upload_v2(
        channel="C0SUPPORTOP", content="a,b\n1,2\n", filename="report.csv", title="Report"
    )
    assert done["files"][0]["title"] == "Report"
    shown = (await world.hand.messages())[0]
    assert shown["files"][0]["name"] == "report.csv"
    url = f"{world.address['url']}/page/api/file/{shown['files'][0]['id']}"
    async with world.hand.session.get(url) as response:
        assert await response.read() == b"a,b\n1,2\n"
        assert response.headers["Content-Disposition"] == "attachment"


async def test_a_response_url_serves_five_times_within_half_an_hour(world):
    workspace = world.server.workspace
    lead = world.address["people"]["lead"]
    url = workspace.response_url(lead, "C0SUPPORTOP")
    async with aiohttp.ClientSession() as session:
        for number in range(5):
            answer = await session.post(url, json={"text": f"answer {number}"})
            assert answer.status == 200
        answer = await session.post(url, json={"text": "one too many"})
        assert (answer.status, (await answer.json())["error"]) == (404, "used_url")
        assert len(await world.hand.messages("lead")) == 5
        assert await world.hand.messages("agent") == []
        late = workspace.response_url(lead, "C0SUPPORTOP")
        workspace.storage.run("UPDATE response_urls SET expires_at = 1 WHERE uses_left = 5")
        answer = await session.post(late, json={"text": "late"})
        assert (await answer.json())["error"] == "expired_url"


async def test_a_response_url_replaces_and_deletes_its_message(world):
    workspace = world.server.workspace
    posted = await world.client.chat_postMessage(channel="#support-ops", text="before")
    message = workspace.messages.get("C0SUPPORTOP", posted["ts"])
    url = workspace.response_url(world.address["people"]["lead"], "C0SUPPORTOP", message)
    async with aiohttp.ClientSession() as session:
        await session.post(url, json={"text": "after", "replace_original": True})
        assert [m["text"] for m in await world.hand.messages()] == ["after"]
        await session.post(url, json={"delete_original": True})
        assert await world.hand.messages() == []
