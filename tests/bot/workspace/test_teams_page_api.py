"""What the page is told: the state, live changes for each person, refusals in words."""

import asyncio
import json

import aiohttp
import pytest

from bot.surfaces.teams_package import Publisher, manifest
from tests.bot.workspace.teams_bot import (
    REASON_CARD,
    SUPPORT_OPS,
    card_answer,
    dialog,
    message,
    run_card,
    running,
    teams_settings,
)

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path, unused_port):
    async with running(teams_settings(tmp_path / "state", unused_port)) as made:
        yield made


class Page:
    """One person's open page: it loads the state and follows the feed."""

    def __init__(self, world, as_):
        self._url = f"{world.address['url']}/page/api"
        self._as = as_
        headers = {"Authorization": f"Bearer {world.address['page_token']}"}
        self.session = aiohttp.ClientSession(headers=headers)
        self.changes = []

    async def __aenter__(self):
        self.state = await self.load()
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.session.close()

    async def load(self):
        async with self.session.get(f"{self._url}/teams/state", params={"as": self._as}) as got:
            return await got.json()

    async def post(self, path, **body):
        url = f"{self._url}/teams/{path}"
        async with self.session.post(url, json={"as": self._as, **body}) as got:
            return got.status, await got.json()

    async def _follow(self):
        query = {"as": self._as, "epoch": self.state["epoch"], "after": str(self.state["number"])}
        async with self.session.get(f"{self._url}/feed", params=query) as got:
            kind = ""
            async for line in got.content:
                name, _, value = line.decode().strip().partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self.changes.append((kind, json.loads(value)))

    async def until(self, kind, wanted=lambda body: True):
        async with asyncio.timeout(5):
            while True:
                for seen, body in self.changes:
                    if seen == kind and wanted(body):
                        return body
                await asyncio.sleep(0.01)


async def test_the_state_is_what_one_person_sees(world):
    await world.do(world.client.say, "hello", "agent", "Returns")
    async with Page(world, "agent") as page:
        state = page.state
        assert state["me"]["alias"] == "agent"
        assert state["team"]["name"] == "Northwind"
        names = [each["name"] for each in state["conversations"]]
        assert "support-ops" in names
        assert "support-leads" not in names
        returns = next(each for each in state["conversations"] if each["name"] == "Returns")
        assert returns["members"] == ["agent", "agent2", "lead"]
        shown = state["messages"][returns["id"]][0]
        assert (shown["text"], shown["thread"], shown["card"]) == ("@Assent hello", "", None)
        assert shown["from"] == {"alias": "agent", "name": "Dana Okafor"}
        assert state["dialog"] is None
        package = manifest("11111111-2222-4333-8444-555555555555", Publisher())
        (ask,) = package["composeExtensions"][0]["commands"]
        assert state["extensions"] == [{"command_id": ask["id"], "title": ask["title"]}]
        listed = {each["title"] for each in package["bots"][0]["commandLists"][0]["commands"]}
        assert {each["title"] for each in state["commands"]} == listed
        assert {"object_id", "address", "role", "tenant_id"} <= set(state["people"][0])


async def test_changes_come_as_each_person_sees_them(world):
    lead = world.teams["addresses"]["lead"]
    world.bot.answers["adaptiveCard/action"] = card_answer(run_card(note="for Lee"))
    world.bot.answers["task/fetch"] = dialog(REASON_CARD)
    async with Page(world, "lead") as lees, Page(world, "agent") as danas:
        posted = await world.post_card(run_card(user_ids=(lead,)))
        assert (await lees.until("teams_message"))["refresh"] is True
        first = await danas.until("teams_message")
        assert (first["refresh"], first["id"]) == (False, posted)
        assert await lees.post("refresh") == (200, {"ok": True, "refreshed": 1})
        own = await lees.until("teams_message", lambda body: body["is_own_view"])
        assert "for Lee" in json.dumps(own["card"])
        await world.do(world.client.press, "Reject", "lead", "R-1")
        opened = await lees.until("teams_dialog")
        status, told = await lees.post(
            "dialog/submit", dialog=opened["dialog"]["id"], action="/actions/0", inputs={}
        )
        assert (status, told["errors"]) == (422, {"reason": "Say why."})
        assert (await lees.post("dialog/close", dialog=opened["dialog"]["id"]))[0] == 200
        await lees.until("teams_dialog", lambda body: body["dialog"] is None)
        await world.connector.conversations.delete_activity(SUPPORT_OPS, posted)
        assert (await danas.until("teams_removed"))["id"] == posted
        kinds = {kind for kind, _ in danas.changes} - {"teams_presence"}
        assert kinds == {"teams_message", "teams_removed"}
        assert "for Lee" not in json.dumps(danas.changes)


async def test_what_happens_elsewhere_is_not_told(world):
    async with Page(world, "finance") as anns:
        await world.do(world.client.say, "between us", "agent", "Returns")
        await world.do(world.client.say, "in private", "agent", "personal")
        await world.do(world.client.say, "to all", "agent")
        await anns.until("teams_message")
        assert [body["text"] for _, body in anns.changes] == ["@Assent to all"]


async def test_a_dialog_that_was_replaced_or_closed_takes_nothing(world):
    world.bot.answers["task/fetch"] = dialog(REASON_CARD)
    await world.post_card(run_card())
    await world.do(world.client.press, "Reject", "lead", "R-1")
    old = await world.do(world.client.dialog, "lead")
    await world.do(world.client.press, "Reject", "lead", "R-1")
    body = {"dialog": old["id"], "action": "/actions/0", "inputs": {"reason": "x"}}
    async with Page(world, "lead") as lees, Page(world, "agent") as danas:
        assert (await lees.post("dialog/submit", **body))[0] == 404
        now = (await lees.load())["dialog"]["id"]
        assert (await danas.post("dialog/submit", **{**body, "dialog": now}))[0] == 404
        await danas.post("dialog/close", dialog=now)
        assert (await lees.load())["dialog"]["id"] == now
    assert not world.bot.of("invoke", "task/submit")


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("say", {"as": "nobody", "conversation": "support-ops", "text": "x"}, 404, "there are:"),
        ("say", {"as": "former", "conversation": "support-ops", "text": "x"}, 403, "gone from"),
        ("say", {"conversation": "nowhere", "text": "x"}, 404, "no conversation 'nowhere'"),
        ("say", {"conversation": "admins", "text": "x"}, 403, "is not in admins"),
        ("say", {"conversation": ["support-ops"], "text": "x"}, 404, "no conversation"),
        ("press", {"conversation": "support-ops", "message": "1"}, 404, "is gone"),
        ("react", {"conversation": "support-ops", "message": "1"}, 404, "is gone"),
        ("extension", {"conversation": "support-ops", "message": "1"}, 404, "is gone"),
        ("dialog/submit", {"dialog": "x"}, 404, "is closed"),
        ("install", {"conversation": "admins"}, 403, "is not in admins"),
    ],
)
async def test_what_cannot_be_done_is_said_in_words(world, path, body, status, told):
    async with Page(world, "agent") as page:
        got, answer = await page.post(path, **{"as": "agent", **body} if "as" in body else body)
        assert got == status
        assert told in answer["error"]


async def test_a_page_reads_on_where_the_first_hundred_messages_end(world):
    await world.do(world.client.control, "rates", {"is_on": False})
    for number in range(103):
        await world.connector.conversations.send_to_conversation(
            "19:returns@thread.v2", message(text=f"message {number}")
        )
    async with Page(world, "agent") as page:
        shown = page.state["messages"]["19:returns@thread.v2"]
        assert [len(shown), shown[0]["text"], shown[-1]["text"]] == [
            100,
            "message 3",
            "message 102",
        ]
        query = {"as": "agent", "conversation": "Returns", "before": shown[0]["id"]}
        url = f"{world.address['url']}/page/api/teams/messages"
        async with page.session.get(url, params=query) as got:
            older = (await got.json())["messages"]
    assert [each["text"] for each in older] == ["message 0", "message 1", "message 2"]


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "application/vnd.microsoft.activity.message", "value": "\ud800"},
        {"type": "application/vnd.microsoft.activity.message", "value": "x", "n": float("nan")},
        {"type": "application/vnd.microsoft.activity.message", "value": "x" * 600_000},
    ],
)
async def test_an_answer_that_is_no_json_is_an_error_of_the_bots(world, answer):
    world.bot.answers["adaptiveCard/action"] = answer
    await world.post_card(run_card())
    async with Page(world, "lead") as page:
        shown = page.state["messages"][SUPPORT_OPS][0]
        press = {"message": shown["id"], "version": shown["version"], "action": "/actions/0"}
        status, told = await page.post("press", conversation=SUPPORT_OPS, **press)
        assert (status, "Something went wrong" in told["error"]) == (502, True)
        assert (await page.load())["messages"][SUPPORT_OPS][0]["said"] is None
