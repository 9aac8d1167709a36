"""The hands on Teams: a Teams-compatible workspace and the real surface, over the wire.

What somebody is told alone stands in Teams on the card that they pressed, in a dialog, or in their
own chat with the bot; what is said of a message can stand in its thread. A case does not ask which.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiohttp

from bot.cards import adaptive
from bot.cards.model import Card
from bot.settings import MESSAGES_PATH
from bot.surfaces import words
from bot.view import RunView
from bot.workspace.teams import seed
from bot.workspace.teams.card_parts import actions_of, inputs_of
from bot.workspace.teams.text import (
    card_text,
    fill_in,
    find_action,
    message_text,
    plain,
)
from bot.workspace.wire import Json
from tests.bot.parity.hands import WAIT_SECONDS, Fill, Seen, Where
from tests.bot.parity.teams_reading import held_of, name_of, seen_of, wrong_fields
from tests.bot.surfaces.teams_world import ROSTERS, SUPPORT_OPS, TeamsWorld, connected

T = TypeVar("T")
STEP_SECONDS = 0.02
LATE_SECONDS = 3.0  # beyond the time in which Teams wants an answer
_NUMBERS = itertools.count(1)


class TeamsHands:
    """Implements Hands."""

    name = "teams"

    def __init__(self, world: TeamsWorld, door: str) -> None:
        self._world, self._people, self._door = world, world.people, door
        self.memory = world.memory
        self._told: list[tuple[str, str]] = []  # what invokes were answered with, by alias
        self._homes: dict[str, str] = {}  # the message of somebody's newest home page
        self._gone: set[str] = set()  # who was deactivated: their client works no more

    async def show(self, card: Card) -> str:
        said = await self._do(self._people.say, "What about this?", "agent", mention=False)
        place = self._world.place(str(said["id"]))
        return await self._world.surface.post(place, adaptive.render(card))

    async def redraw(self, message: str, card: Card) -> None:
        root = (await self._message(message, "agent"))["thread"]
        place = self._world.place(str(root))
        await self._world.surface.update(place, message, adaptive.render(card))

    async def look(self, message: str, as_: str) -> Seen:
        await self._do(self._people.refresh, as_)
        return seen_of((await self._message(message, as_))["card"])

    async def say(
        self,
        text: str,
        as_: str,
        where: Where = "channel",
        thread: str = "",
        *,
        mention: bool = True,
    ) -> str:
        if as_ in self._gone:
            return await self._delivered(text, as_)
        conversation = _conversation(where)
        say = self._people.say
        said = await self._do(say, text, as_, conversation, thread or None, mention=mention)
        return str(said["id"])

    async def command(self, text: str, as_: str, where: Where = "channel") -> str:
        answer = await self._answer_to(text, as_, _conversation(where))
        return message_text(answer).removeprefix(f"{seed.BOT_NAME}:").lstrip()

    async def home(self, as_: str, wanted: str) -> Seen:
        answer = await self._answer_to("home", as_, "personal")
        assert wanted in message_text(answer), message_text(answer)
        self._homes[as_] = str(answer["id"])
        return seen_of(answer["card"])

    async def press_home(self, label: str, as_: str) -> None:
        await self.press(label, as_, self._homes[as_])

    async def batch(self, as_: str, wanted: str) -> Seen:
        answer = await self._answer_to("batch", as_, "personal")
        actions = actions_of(answer["card"]) if answer["card"] else []
        if not actions:
            assert wanted in message_text(answer), message_text(answer)
            return Seen(message_text(answer), ())
        await self.press(str(actions[0].action["title"]), as_, str(answer["id"]))
        return await self.window(as_, wanted)

    async def submit_batch(self, as_: str, without: Sequence[int] = ()) -> None:
        inputs = {f"run_{line}": False for line in without}
        answer = await self._do(self._people.fill_and_submit, as_, inputs)
        self._told.append((as_, answer["text"]))

    async def refused_batch(self, as_: str, wanted: str) -> None:
        answer = await self._answer_to("batch", as_, "support-ops")
        assert wanted in message_text(answer), message_text(answer)
        assert await self._do(self._people.dialog, as_) is None

    async def shortcut(self, message: str, as_: str) -> None:
        answer = await self._do(self._people.extension, message, as_)
        if answer["kind"] == "dialog":
            answer = await self._do(self._people.fill_and_submit, as_, {})
        self._told.append((as_, answer["text"]))

    async def press(self, label: str, as_: str, message: str) -> None:
        if as_ in self._gone:
            await self._executed(message, label, None, as_)
            return
        answer = await self._do(self._people.press, label, as_, message, refresh=False)
        self._told.append((as_, answer["text"]))

    async def window(self, as_: str, wanted: str) -> Seen:
        async with asyncio.timeout(WAIT_SECONDS):
            while wanted not in (seen := await self._window(as_)).text:
                await asyncio.sleep(STEP_SECONDS)
        return seen

    async def press_window(self, label: str, as_: str) -> None:
        await self._do(self._people.fill_and_submit, as_, {}, label)

    async def close_window(self, as_: str) -> None:
        await self._do(self._people.close, as_)

    async def hinder_windows(self) -> None:
        view = self.memory.view

        def late(run_id: str) -> RunView | None:
            time.sleep(LATE_SECONDS)
            return view(run_id)

        self.memory.view = late  # type: ignore[method-assign]

    async def submit(self, as_: str, fill: Fill) -> Mapping[str, str]:
        dialog = await self._opened(as_)
        card = dialog["card"]
        labels = {name_of(field): str(field["id"]) for field in inputs_of(card)}
        given = {
            labels[name]: value if isinstance(value, str) else [*value]
            for name, value in fill.items()
        }
        values = fill_in(card, given, "The dialog")
        chosen = actions_of(card)[0]
        body = {"as": as_, "dialog": dialog["id"], "action": chosen.at, "inputs": values}
        answer = await self._posted("dialog/submit", body)
        if not answer["ok"]:
            names = {field: label for label, field in labels.items()}
            return {names[field]: text for field, text in answer["errors"].items()}
        self._told.append((as_, answer["answer"]["text"]))
        return wrong_fields((await self._do(self._people.dialog, as_) or {}).get("card"))

    async def filled(self, as_: str) -> Mapping[str, str | tuple[str, ...]]:
        card = (await self._opened(as_))["card"]
        return {name_of(field): held_of(field) for field in inputs_of(card)}

    async def told(self, as_: str, wanted: str) -> str:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for text in await self._heard(as_):
                    if wanted in text:
                        return text
                await asyncio.sleep(STEP_SECONDS)

    async def overhears(self, as_: str, words: str) -> bool:
        return words in await self.channel_text(as_)

    async def channel_text(self, as_: str) -> str:
        return str(await self._do(self._people.channel, as_))

    async def lose_directory(self) -> None:
        routes = ["member", "members", "pagedmembers"]
        fault = {"kind": "status", "status": 503, "calls": 500, "routes": routes}
        await self._do(self._people.control, "faults", fault)

    async def take_role(self, as_: str) -> None:
        body = {"conversation": ROSTERS["support-lead"], "as": as_, "is_in": False}
        await self._do(self._people.control, "roster", body)

    async def make(self, as_: str, what: Literal["guest", "deactivated"]) -> None:
        people = self._side.roster._people
        if what == "guest":
            people[as_] = replace(people[as_], role="guest")
            return
        self._gone.add(as_)
        for conversation in self._side.roster.conversations_of(as_):
            self._side.roster.set_member(conversation.id, as_, is_in=False)

    async def forge(self, message: str, label: str, value: str, as_: str) -> None:
        await self._executed(message, label, value, as_)

    async def press_twice(self, label: str, as_: str, message: str) -> None:
        await asyncio.gather(*(self._executed(message, label, None, as_) for _ in range(2)))

    async def deliver_again(self, text: str, as_: str) -> None:
        await self._delivered(text, as_, times=3)

    async def bot_says(self, text: str) -> None:
        other = {"id": "28:7d1f0a52-0000-4000-8000-00000000b07b", "name": "Other bot"}
        await self._delivered(text, "agent", sender=other)

    async def send_raw(self, size_bytes: int) -> int:
        token = (await self._do(self._people.control, "token", {}))["token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        activity = b'{"type":"message","text":"'
        body = activity + b"x" * (size_bytes - len(activity) - 2) + b'"}'
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.post(self._door, data=body, headers=headers) as answer,
        ):
            return answer.status

    async def edit_message(self, message: str, text: str, as_: str) -> None:
        await self._do(self._people.edit, message, f"@Assent {text}", as_)

    async def until(self, ready: Callable[[], T]) -> T:
        return await self._world.until(ready, WAIT_SECONDS)

    async def greeted(self) -> None:
        """Once the bot has said hello wherever it was added: later words of it are answers."""
        told = {seed.TEAM_ID, *seed.PRIVATE_CHANNELS, *map(seed.personal, seed.PERSONAL)}
        told |= {each.id for each in seed.CONVERSATIONS if each.kind == "group"}
        async with asyncio.timeout(2 * WAIT_SECONDS):
            while told:
                await asyncio.sleep(STEP_SECONDS)
                for conversation in list(told):
                    history = self._side.messages.history(conversation, None, 5)
                    if any(each.is_bots for each in history):
                        told.discard(conversation)

    async def _answer_to(self, text: str, as_: str, conversation: str) -> Json:
        """What the bot says to somebody after they said something to it, as they see it."""
        before = {each["id"] for each in await self._do(self._people.messages, as_)}
        await self._do(self._people.say, text, as_, conversation)
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for each in await self._do(self._people.messages, as_):
                    is_new = each["is_bot"] and each["id"] not in before
                    if is_new and words.IN_OUR_CHAT not in message_text(each):
                        return each
                await asyncio.sleep(STEP_SECONDS)

    async def _heard(self, as_: str) -> list[str]:
        """Everything that this person was told: by answers, in a dialog, in messages."""
        texts = [text for alias, text in self._told if alias == as_]
        if as_ in self._gone:
            return texts
        texts += [message_text(each) for each in await self._do(self._people.messages, as_)]
        return [*texts, await self._do(self._people.dialog_text, as_)]

    async def _window(self, as_: str) -> Seen:
        """The open dialog; words that were shown instead of one stand in it."""
        dialog = await self._do(self._people.dialog, as_)
        if dialog is None:
            return Seen(next((text for alias, text in self._told[::-1] if alias == as_), ""), ())
        seen = seen_of(dialog["card"])
        return Seen(f"{dialog['title']}\n{seen.text}", seen.buttons)

    async def _opened(self, as_: str) -> Json:
        async with asyncio.timeout(WAIT_SECONDS):
            while (dialog := await self._do(self._people.dialog, as_)) is None:
                await asyncio.sleep(STEP_SECONDS)
        return dialog

    async def _message(self, message: str, as_: str) -> Json:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for each in await self._do(self._people.messages, as_):
                    if each["id"] == message:
                        return each
                await asyncio.sleep(STEP_SECONDS)

    async def _executed(self, message: str, label: str, value: str | None, as_: str) -> None:
        """The invoke of a button, past what a client would refuse; `value` in place of its own."""
        shown = await self._message(message, "agent")
        found = find_action(shown["card"], label)
        assert found is not None, f"there is no {label}"
        data = found.action["data"] if value is None else {"press": value}
        action = {"type": "Action.Execute", "verb": found.action["verb"], "data": data}
        invoked = {"action": action, "trigger": "manual"}
        activity = self._world.invoke("adaptiveCard/action", invoked, as_, replyToId=message)
        activity["conversation"]["id"] = f"{SUPPORT_OPS};messageid={shown['thread']}"
        activity["id"] = f"f:{next(_NUMBERS)}"
        answer = (await self._world.forge(activity))["body"]
        said = answer.get("value") if isinstance(answer, dict) else ""
        if isinstance(said, dict):
            said = card_text(said) if "body" in said else str(said.get("message"))
        self._told.append((as_, plain(str(said))))

    async def _delivered(
        self, text: str, as_: str, times: int = 1, sender: Json | None = None
    ) -> str:
        """A mention as Teams delivers it, without the workspace."""
        message = str(1_763_728_863_000 + next(_NUMBERS))
        activity = self._world.invoke("", None, as_)
        mentioned = {"id": seed.BOT_ID, "name": seed.BOT_NAME}
        mark = f"<at>{seed.BOT_NAME}</at>"
        activity |= {
            "type": "message",
            "id": message,
            "text": f"{mark} {text}",
            "entities": [{"type": "mention", "mentioned": mentioned, "text": mark}],
        }
        activity["conversation"]["id"] = f"{SUPPORT_OPS};messageid={message}"
        if sender is not None:
            activity["from"] = sender
        del activity["name"], activity["value"]
        for _ in range(times):
            await self._world.forge(activity)
        return message

    async def _posted(self, path: str, body: Json) -> Json:
        """What the workspace's page would be answered, errors by field included."""
        address = self._people.address()
        headers = {"Authorization": f"Bearer {address['page_token']}"}
        url = f"{address['url']}/page/api/teams/{path}"
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.post(url, json=body, headers=headers) as answer,
        ):
            return await answer.json()

    @property
    def _side(self) -> Any:
        return self._world.server.workspace.teams

    async def _do(self, act: Callable[..., T], *given: Any, **named: Any) -> T:
        return await self._world.do(act, *given, **named)


@asynccontextmanager
async def teams_hands(state: Path) -> AsyncIterator[TeamsHands]:
    """Hands on a workspace of their own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http_port = int(probe.getsockname()[1])
    async with connected(state, http_port) as world:
        world.memory.shown.clear()
        hands = TeamsHands(world, f"http://127.0.0.1:{http_port}{MESSAGES_PATH}")
        await hands.greeted()
        yield hands


def _conversation(where: Where) -> str:
    return {"channel": "support-ops", "personal": "personal", "random": "random"}[where]
