"""Hands in Slack: the real surface by HTTP against the local workspace, as a person uses it."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiohttp

from bot.cards import block_kit
from bot.cards.model import Card
from bot.surfaces import slack_batch
from bot.workspace import clicks
from bot.workspace.actions import Use, state_values
from bot.workspace.cards import find_element, viewed_names
from bot.workspace.elements import options_of
from bot.workspace.storage import column
from bot.workspace.text import blocks_text, element_label, message_text, plain
from bot.workspace.wire import ClientError
from tests.bot.parity.hands import WAIT_SECONDS, Fill, Seen, Where
from tests.bot.surfaces.conftest import World, connected
from tests.bot.surfaces.test_slack_http import mention, send, signed

T = TypeVar("T")
Json = Any
TICK, MENU = "checkboxes", "overflow"
_GROUP_MORE = ", too"  # ends the label of a further group of one field's ticks
_NUMBERS = itertools.count(1)


class SlackHands:
    """Implements Hands."""

    name = "slack"

    def __init__(self, world: World) -> None:
        self._world, self._people = world, world.people
        self.memory = world.memory
        self._typed: dict[str, dict[str, Json]] = {}  # into a window, which keeps it when refused
        self._gone: set[str] = set()  # whose client the workspace has shut already

    async def show(self, card: Card) -> str:
        said = await self._do(self._people.say, "What about this?", "agent", mention=False)
        place = self._world.place(str(said["ts"]))
        return await self._world.surface.post(place, block_kit.render(card))

    async def redraw(self, message: str, card: Card) -> None:
        await self._world.surface.update(self._world.place(), message, block_kit.render(card))

    async def look(self, message: str, as_: str) -> Seen:
        found = await self._do(self._people.wait_for, lambda each: each["ts"] == message, as_)
        return await self._seen(found.get("blocks") or [], as_)

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
        say = self._people.say
        said = await self._do(say, text, as_, _channel(where), thread or None, mention=mention)
        return str(said["ts"])

    async def command(self, text: str, as_: str, where: Where = "channel") -> str:
        command = self._people.command
        told = await self._do(command, f"/assent {text}", as_, self._conversation(where, as_))
        return str(told).removeprefix("Assent (only you): ")

    async def home(self, as_: str, wanted: str) -> Seen:
        async with asyncio.timeout(WAIT_SECONDS):
            while wanted not in await self._do(self._people.home, as_):
                await asyncio.sleep(0.05)
        view = (await self._do(self._people._state_of, as_))["home"]
        return await self._seen(view["blocks"], as_)

    async def press_home(self, label: str, as_: str) -> None:
        await self._do(self._people.press_home, label, as_)

    async def batch(self, as_: str, wanted: str) -> Seen:
        await self.command("batch", as_)
        return await self.window(as_, wanted)

    async def submit_batch(self, as_: str, without: Sequence[int] = ()) -> None:
        unticked = {f"run_{number}": {slack_batch.INCLUDE: []} for number in without}
        await self._submit(as_, await self._form(as_), unticked)

    async def refused_batch(self, as_: str, wanted: str) -> None:
        assert wanted in await self.command("batch", as_)
        assert await self._do(self._people.modal, as_) is None

    async def shortcut(self, message: str, as_: str) -> None:
        await self._do(self._people.shortcut, as_, message)

    async def press(self, label: str, as_: str, message: str) -> None:
        if as_ in self._gone:
            await self._pressed_while_going(label, as_, message)
        else:
            await self._do(self._people.press, label, as_, message)

    async def window(self, as_: str, wanted: str) -> Seen:
        async with asyncio.timeout(WAIT_SECONDS):
            while wanted not in (await self._window(as_)).text:
                await asyncio.sleep(0.02)
        return await self._window(as_)

    async def press_window(self, label: str, as_: str) -> None:
        view = await self._do(self._people.modal, as_)
        found = find_element(view["blocks"], label, "the window")
        body = {"view_id": view["id"], "block_id": found.block_id, "value": None}
        action_id = found.element["action_id"]
        body = {"as": as_, **body, "action_id": action_id}
        await self._do(self._people._post, "view-action", body)

    async def close_window(self, as_: str) -> None:
        await self._do(self._people.close, as_)

    async def hinder_windows(self) -> None:
        fault = {"kind": "error", "calls": 50, "methods": ["views.open"]}
        await self._do(self._people.control, "faults", fault)

    async def submit(self, as_: str, fill: Fill) -> Mapping[str, str]:
        view = await self._form(as_)
        values = self._typed.setdefault(view["id"], {})
        for label, given in fill.items():
            for block_id, action_id, value in _filled_in(view, label, given):
                values[block_id] = {action_id: value}
        return await self._submit(as_, view, values)

    async def filled(self, as_: str) -> Mapping[str, str | tuple[str, ...]]:
        view = await self._form(as_)
        values = state_values(view["blocks"], self._typed.get(view["id"], {}))
        found: dict[str, str | tuple[str, ...]] = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            (state,) = values[block["block_id"]].values()
            label, held = _label(block), _held(state)
            before = found.get(label, ())
            found[label] = (*before, *held) if isinstance(held, tuple) else held
        return found

    async def told(self, as_: str, wanted: str) -> str:
        found = await self._do(self._people.wait_for, wanted, as_, WAIT_SECONDS)
        return message_text(found, await self._names(as_)).partition(": ")[2]

    async def overhears(self, as_: str, words: str) -> bool:
        return words in await self.channel_text(as_)

    async def channel_text(self, as_: str) -> str:
        return str(await self._do(self._people.channel, as_))

    async def lose_directory(self) -> None:
        methods = ["users.info", "usergroups.list"]
        fault = {"kind": "error", "calls": 500, "methods": methods}
        await self._do(self._people.control, "faults", fault)

    async def take_role(self, as_: str) -> None:
        user, storage = self._user(as_), self._world.server.workspace.storage
        directory = self._world.server.workspace.directory
        (group,) = (each for each in directory.groups() if each["handle"] == "support-leads")
        users = [member for member in group["users"] if member != user]
        document = column({**group, "users": users, "user_count": len(users)})
        storage.run("UPDATE user_groups SET document = ? WHERE id = ?", document, group["id"])

    async def make(self, as_: str, what: Literal["guest", "deactivated"]) -> None:
        user, workspace = self._user(as_), self._world.server.workspace
        change = {"is_restricted": True} if what == "guest" else {"deleted": True}
        document = column({**workspace.directory.user(user), **change})
        workspace.storage.run("UPDATE users SET document = ? WHERE id = ?", document, user)
        if what == "deactivated":
            self._gone.add(as_)

    async def forge(self, message: str, label: str, value: str, as_: str) -> None:
        storage = self._world.server.workspace.storage
        stored = storage.row("SELECT document FROM messages WHERE ts = ?", message)
        body = json.loads(stored[0])
        element = find_element(body["blocks"], label, "the card")
        if element.option is None:
            element.element["value"] = value
        else:
            (option,) = (o for o in options_of(element.element) if o["value"] == element.option)
            option["value"] = f"{element.option.partition(' ')[0]} {value}"
        storage.run("UPDATE messages SET document = ? WHERE ts = ?", column(body), message)
        await self.press(label, as_, message)

    async def press_twice(self, label: str, as_: str, message: str) -> None:
        await asyncio.gather(*(self.press(label, as_, message) for _ in range(2)))

    async def deliver_again(self, text: str, as_: str) -> None:
        await self._delivered(text, as_, times=3)

    async def bot_says(self, text: str) -> None:
        ts = f"{int(time.time())}.{next(_NUMBERS):06}"
        body = mention(text, channel=self._world.channel, ts=ts, bot_id="B0OTHER")
        await send(self._world, body, signed(self._secret, body))

    async def send_raw(self, size_bytes: int) -> int:
        room = size_bytes - len(mention(""))
        body = mention("x" * room)
        assert len(body.encode()) == size_bytes, f"an event has {len(mention(''))} bytes at least"
        return (await send(self._world, body, signed(self._secret, body)))[0]

    async def edit_message(self, message: str, text: str, as_: str) -> None:
        """Both events that Slack sends of it: the change, and the mention in the edited text."""
        user, now = self._user(as_), f"{int(time.time())}.{next(_NUMBERS):06}"
        edited = {"type": "message", "user": user, "text": text, "ts": message}
        edited["edited"] = {"user": user, "ts": now}
        change = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": now}
        for event in ({**change, "message": edited}, {**edited, "type": "app_mention"}):
            outer = json.loads(mention()) | {"event_id": f"Ev{next(_NUMBERS)}"}
            outer["event"] = {"channel": self._world.channel, **event}
            body = json.dumps(outer)
            status, _ = await send(self._world, body, signed(self._secret, body))
            assert status == 200

    async def until(self, ready: Callable[[], T]) -> T:
        return await self._world.until(ready, WAIT_SECONDS)

    async def _delivered(self, text: str, as_: str, times: int = 1) -> str:
        """A mention as Slack delivers it, without the workspace."""
        ts = f"{int(time.time())}.{next(_NUMBERS):06}"
        body = mention(text, user=self._user(as_), channel=self._world.channel, ts=ts)
        for retry in range(times):
            headers = signed(self._secret, body) | {"X-Slack-Retry-Num": str(retry)}
            await send(self._world, body, headers)
        return ts

    async def _pressed_while_going(self, label: str, as_: str, message: str) -> None:
        """A press that was under way when the account was deactivated."""
        workspace, channel = self._world.server.workspace, self._world.channel
        card = workspace.messages.get(channel, message)
        assert card is not None
        found = find_element(card.body["blocks"], label, "the card")
        use = Use(found.block_id, found.element["action_id"], found.option, {})
        person = workspace.directory.user(self._user(as_))
        await clicks.press(workspace, person, card, workspace.directory.channel(channel), use)

    @property
    def _secret(self) -> str:
        return str(self._world.server.address["signing_secret"])

    async def _do(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return await self._world.do(act, *given, **named)

    def _user(self, alias: str) -> str:
        return str(self._world.server.address["people"][alias])

    def _conversation(self, where: Where, as_: str) -> str:
        if where == "personal":
            return str(self._world.server.address["direct_messages"][as_])
        return _channel(where)

    async def _names(self, as_: str) -> dict[str, str]:
        return viewed_names(await self._do(self._people._state_of, as_))

    async def _window(self, as_: str) -> Seen:
        view = await self._do(self._people.modal, as_)
        if view is None:
            return Seen("", ())
        seen = await self._seen(view["blocks"], as_)
        submit = (view.get("submit") or {}).get("text")
        buttons = (*seen.buttons, submit) if submit else seen.buttons
        return Seen(f"{view['title']['text']}\n{seen.text}", buttons)

    async def _form(self, as_: str) -> Json:
        """The window that can be submitted, once it is filled."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not ((view := await self._do(self._people.modal, as_)) and view.get("submit")):
                await asyncio.sleep(0.02)
        return view

    async def _submit(self, as_: str, view: Json, values: Json) -> Mapping[str, str]:
        body = {"as": as_, "view_id": view["id"], "values": values}
        answer = await self._answer("view-submit", body)
        wrong = answer.get("errors") or {}
        if not answer["ok"] and not wrong:
            raise ClientError(str(answer["error"]))
        labels = {block.get("block_id"): _label(block) for block in view["blocks"]}
        return {labels[block]: text for block, text in wrong.items()}

    async def _seen(self, blocks: list[Json], as_: str) -> Seen:
        """Blocks as a person sees them; what can be pressed stands apart from what is read."""
        read = [block for block in blocks if block["type"] != "actions"]
        pressed = [each for block in blocks for each in block.get("elements") or ()]
        labels = tuple(label for each in pressed if "action_id" in each for label in _labels(each))
        return Seen(blocks_text(read, await self._names(as_)), labels)

    async def _answer(self, path: str, body: Json) -> Json:
        """What the workspace's page would be answered, errors by field included."""
        address = self._people.address()
        headers = {"Authorization": f"Bearer {address['page_token']}"}
        url = f"{address['url']}/page/api/{path}"
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.post(url, json=body, headers=headers) as answer,
        ):
            return await answer.json()


@asynccontextmanager
async def slack_hands(state: Path) -> AsyncIterator[SlackHands]:
    """Hands on a workspace of their own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    async with connected(state, "http", port) as world:
        world.memory.shown.clear()
        yield SlackHands(world)


def _channel(where: Where) -> str:
    return {"channel": "support-ops", "personal": "dm", "random": "random"}[where]


def _labels(element: Json) -> tuple[str, ...]:
    """What a person may press of it; a menu's entries instead of the menu."""
    if element["type"] == MENU:
        return tuple(plain(option["text"]["text"], {}) for option in options_of(element))
    return (plain(element_label(element), {}),)


def _label(block: Json) -> str:
    return plain(str((block.get("label") or {}).get("text", "")), {}).removesuffix(_GROUP_MORE)


def _filled_in(view: Json, label: str, given: str | Sequence[str]) -> list[tuple[str, str, Json]]:
    """Each (block id, action id, value) that fills this field in. Ticks may stand in groups."""
    fields = [block for block in view["blocks"] if _label(block) == label]
    if not fields:
        raise ClientError(f"The window {view['title']['text']!r} has no field {label!r}.")
    filled = []
    for block in fields:
        element = block["element"]
        value: Json = given
        if element["type"] == TICK:
            value = [value for value, text in _options(element) if text in given]
        elif options_of(element):
            (value,) = (value for value, text in _options(element) if text == given)
        filled.append((block["block_id"], element["action_id"], value))
    return filled


def _options(element: Json) -> list[tuple[str, str]]:
    return [(o["value"], plain(o["text"]["text"], {})) for o in options_of(element)]


def _held(state: Json) -> str | tuple[str, ...]:
    """What stands in one field, in the words that a person reads."""
    if "selected_options" in state:
        return tuple(plain(o["text"]["text"], {}) for o in state["selected_options"] or ())
    if "selected_option" in state:
        chosen = state["selected_option"]
        return plain(chosen["text"]["text"], {}) if chosen else ""
    return str(state.get("value") or "")
