"""A small bot of the Teams side for tests of its page: golden cards over the connector protocol."""

from __future__ import annotations

import asyncio
import copy
import json
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

GOLDEN = Path(__file__).parents[1] / "cards" / "golden_adaptive"
ADAPTIVE = "application/vnd.microsoft.card.adaptive"
SCOPE = "https://api.botframework.com/.default"
HOSTILE = "<img src=x onerror=alert(1)> [press](javascript:alert(1))"


def golden(name):
    shown = json.loads((GOLDEN / f"{name}.json").read_text())
    return copy.deepcopy(shown["card"].get("content", shown["card"]))


def dialog(name, title="A dialog", first=None):
    shown = golden(name)
    if first:
        shown["body"].insert(0, first)
    value = {"title": title, "height": "medium", "width": "medium"}
    attachment = {"contentType": ADAPTIVE, "content": shown}
    return {"task": {"type": "continue", "value": {**value, "card": attachment}}}


def attention(text):
    return {"type": "TextBlock", "text": text, "wrap": True, "color": "attention"}


class DemoBot:
    """Answers a mention with a waiting card; `lead` approves it, anybody else is refused."""

    def __init__(self, address):
        self.address = address
        self._session = aiohttp.ClientSession()
        self._token = ""

    async def close(self):
        await self._session.close()

    async def handle(self, request):
        activity = await request.json()
        if activity["type"] == "message" and activity.get("text"):
            await self._asked(activity)
        if activity["type"] == "invoke":
            return web.json_response(await self._invoked(activity))
        return web.Response()

    async def call(self, method, path, body):
        """Call the connector; the answer's body."""
        url = self.address["services"][0].rstrip("/") + path
        headers = {"Authorization": f"Bearer {await self._access()}"}
        async with self._session.request(method, url, json=body, headers=headers) as response:
            assert response.status < 300, await response.text()
            return await response.json(content_type=None)

    async def _access(self):
        if not self._token:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.address["app_id"],
                "client_secret": self.address["app_secret"],
                "scope": SCOPE,
            }
            url = f"{self.address['login']}/{self.address['tenant_id']}/oauth2/v2.0/token"
            async with self._session.post(url, data=form) as response:
                self._token = (await response.json())["access_token"]
        return self._token

    async def _asked(self, activity):
        shown = golden("waiting_0_of_2")
        shown["body"].insert(2, {"type": "TextBlock", "text": HOSTILE, "wrap": True})
        shown["refresh"]["userIds"] = [self.address["addresses"]["agent"]]
        await self._send(activity["conversation"]["id"], self._message(shown))

    async def _send(self, conversation, message):
        await self.call("POST", f"/v3/conversations/{conversation}/activities", message)

    def _message(self, shown):
        attachment = {"contentType": ADAPTIVE, "content": shown}
        return {"type": "message", "summary": "waiting", "attachments": [attachment]}

    async def _invoked(self, activity):
        value, who = activity["value"], activity["from"]["aadObjectId"]
        match activity["name"]:
            case "adaptiveCard/action":
                return await self._executed(activity, value["action"]["verb"], who)
            case "composeExtension/fetchTask":
                return dialog("form_request", "Ask Assent")
            case "task/fetch":
                name = {"details": "waiting_1_of_2.details_1"}.get(
                    value["data"]["verb"], "form_reject"
                )
                return dialog(name, name.partition(".")[0])
            case _:
                return await self._submitted(activity, value["data"])

    async def _executed(self, activity, verb, who):
        if verb == "look":
            shown = golden("waiting_1_of_2.requester")
        elif who == self.address["people"]["lead"]:
            shown = golden("applied")
            place = activity["conversation"]["id"].partition(";")[0]
            path = f"/v3/conversations/{place}/activities/{activity['replyToId']}"
            await self.call("PUT", path, self._message(shown))
        else:
            shown = golden("said")
        return {"statusCode": 200, "type": ADAPTIVE, "value": shown}

    async def _submitted(self, activity, data):
        if data.get("verb") == "page":
            return dialog("waiting_1_of_2.details_2", "Details")
        if data.get("form") == "reject" and not data.get("text"):
            return dialog("form_reject", "Reject", attention("Say why, in a few words."))
        asyncio.get_running_loop().create_task(
            self._send(activity["conversation"]["id"], {"type": "message", "text": "**Noted.**"})
        )
        return {}


@asynccontextmanager
async def demo_bot(address, port):
    """A bot that answers at the port of the messages URL."""
    bot = DemoBot(address["teams"])
    application = web.Application()
    application.router.add_post("/api/messages", bot.handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield bot
    finally:
        await runner.cleanup()
        await bot.close()
