"""What the page and the terminal client ask: the state, live changes, and what a person does.

Every POST body names `as` (an alias or a user id). Answers are `{"ok": true, ...}` or
`{"ok": false, "error": text, "errors": {block id: text}}`.
"""

import contextlib
import math
from dataclasses import dataclass

from aiohttp import web

from bot.workspace import clicks, people, seed
from bot.workspace.actions import Use
from bot.workspace.api.routes import WORKSPACE
from bot.workspace.feed import Change
from bot.workspace.messages import Message
from bot.workspace.wire import Json, Refused, compact, object_from
from bot.workspace.workspace import Workspace

# Ours: how long a live connection stays silent before it says that it lives.
KEEPALIVE_SECONDS = 15.0
# Ours: the longest a change is waited for in one request.
WAIT_SECONDS_MAX = 30.0
# Ours: how many of the newest messages a search for a card looks at.
RECENT_MESSAGES = 200


async def state(request: web.Request) -> web.Response:
    """GET state?as=: everything that one person sees."""
    workspace = request.app[WORKSPACE]
    person = workspace.directory.person(request.query.get("as", "agent"))
    return _ok(_state(workspace, person))


async def history(request: web.Request) -> web.Response:
    """GET history?as=&channel=&before=: older messages."""
    workspace, person, channel = _seen(request)
    found = workspace.messages.history(
        str(channel["id"]), str(person["id"]), before=request.query.get("before")
    )
    return _ok({"messages": [message.shown() for message in found]})


async def thread(request: web.Request) -> web.Response:
    """GET thread?as=&channel=&ts=: a root and its replies."""
    workspace, person, channel = _seen(request)
    ts = request.query.get("ts", "")
    found = workspace.messages.thread(str(channel["id"]), ts, str(person["id"]))
    return _ok({"messages": [message.shown() for message in found]})


async def recent(request: web.Request) -> web.Response:
    """GET recent?as=[&channel=][&count=]: the newest messages, threads included, newest first."""
    workspace = request.app[WORKSPACE]
    person = workspace.directory.person(request.query.get("as", "agent"))
    wanted = request.query.get("channel")
    channel = str(_channel(workspace, person, wanted)["id"]) if wanted else None
    count = int(_number(request.query.get("count", str(RECENT_MESSAGES))))
    found = workspace.messages.newest(str(person["id"]), channel, min(count, RECENT_MESSAGES))
    return _ok({"messages": [message.shown() for message in found]})


async def feed(request: web.Request) -> web.StreamResponse:
    """GET feed?as=&epoch=&after=: server-sent events from there on; `reset` means load afresh."""
    workspace = request.app[WORKSPACE]
    person = workspace.directory.person(request.query.get("as", "agent"))
    last = request.headers.get("Last-Event-ID", "")
    epoch, _, number = last.partition(":")
    epoch = epoch or request.query.get("epoch", "")
    position = int(_number(number or request.query.get("after", "0")))
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    reader = _Reader(workspace, str(person["id"]), epoch, position)
    with contextlib.suppress(ConnectionResetError):  # the page went away, as pages do
        while not workspace.feed.is_closed and await reader.write_news(response):
            await workspace.feed.wait(reader.position, KEEPALIVE_SECONDS)
    return response


@dataclass
class _Reader:
    """One live connection and how far it has read."""

    workspace: Workspace
    user: str
    epoch: str
    position: int

    async def write_news(self, response: web.StreamResponse) -> bool:
        """Send what is new; False when this reader has to load everything again."""
        changes = self.workspace.feed.after(self.epoch, self.position)
        if changes is None:
            await response.write(b"event: reset\ndata: {}\n\n")
            return False
        frames = []
        for change in changes:
            self.position = change.number
            if _is_for(self.workspace, self.user, change):
                frames.append(_frame(self.epoch, change))
        await response.write("".join(frames).encode() or b": alive\n\n")
        return True


async def wait(request: web.Request) -> web.Response:
    """GET wait?after=&seconds=: return when anything changed; for clients that poll patiently."""
    workspace = request.app[WORKSPACE]
    seconds = min(_number(request.query.get("seconds", "1")), WAIT_SECONDS_MAX)
    await workspace.feed.wait(int(_number(request.query.get("after", "0"))), seconds)
    return _ok({"number": workspace.feed.number, "epoch": workspace.feed.epoch})


async def say(request: web.Request) -> web.Response:
    """POST say {as, channel, text, thread_ts?}."""
    workspace, person, body = await _doing(request)
    channel = _channel(workspace, person, _text(body, "channel"))
    thread_ts = _text(body, "thread_ts") or None
    message = people.say(workspace, person, channel, _text(body, "text"), thread_ts)
    return _ok({"channel": message.channel, "ts": message.ts})


async def command(request: web.Request) -> web.Response:
    """POST command {as, channel, text, thread_ts?}."""
    workspace, person, body = await _doing(request)
    channel = _channel(workspace, person, _text(body, "channel"))
    thread_ts = _text(body, "thread_ts") or None
    answer = await people.command(workspace, person, channel, _text(body, "text"), thread_ts)
    return _ok({"ts": answer.ts if answer else None, "channel": channel["id"]})


async def press(request: web.Request) -> web.Response:
    """POST press {as, channel, ts, block_id, action_id, value?, values?}."""
    workspace, person, body = await _doing(request)
    channel = _channel(workspace, person, _text(body, "channel"))
    message = _message(workspace, person, channel, _text(body, "ts"))
    await clicks.press(workspace, person, message, channel, _use(body))
    return _ok({})


async def press_in_view(request: web.Request) -> web.Response:
    """POST view-action {as, view_id, block_id, action_id, value?, values?}."""
    workspace, person, body = await _doing(request)
    view = clicks.own_view(workspace, person, _text(body, "view_id"))
    await clicks.press_in_view(workspace, person, view, _use(body))
    return _ok({})


async def submit(request: web.Request) -> web.Response:
    """POST view-submit {as, view_id, values}."""
    workspace, person, body = await _doing(request)
    view = clicks.own_view(workspace, person, _text(body, "view_id"))
    await clicks.submit(workspace, person, view, _object(body, "values"))
    return _ok({})


async def close(request: web.Request) -> web.Response:
    """POST view-close {as, view_id, all?}."""
    workspace, person, body = await _doing(request)
    view = clicks.own_view(workspace, person, _text(body, "view_id"))
    is_all = bool(body.get("all") or view.body["clear_on_close"])
    await clicks.close(workspace, person, view, is_all=is_all)
    return _ok({})


async def shortcut(request: web.Request) -> web.Response:
    """POST shortcut {as, channel, ts, callback_id}."""
    workspace, person, body = await _doing(request)
    channel = _channel(workspace, person, _text(body, "channel"))
    message = _message(workspace, person, channel, _text(body, "ts"))
    await people.use_shortcut(workspace, person, message, channel, _text(body, "callback_id"))
    return _ok({})


async def home(request: web.Request) -> web.Response:
    """POST home {as, tab}: the person opens the App Home."""
    workspace, person, body = await _doing(request)
    people.open_home(workspace, person, _text(body, "tab") or "home")
    return _ok({})


async def read(request: web.Request) -> web.Response:
    """POST read {as, channel, ts}: everything up to `ts` was seen."""
    workspace, person, body = await _doing(request)
    channel = _channel(workspace, person, _text(body, "channel"))
    user = str(person["id"])
    workspace.storage.run(
        "INSERT INTO reads VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET ts = max(ts, excluded.ts)",
        user,
        str(channel["id"]),
        _text(body, "ts"),
    )
    return _ok({})


async def file(request: web.Request) -> web.Response:
    """GET file/<id>: a shared file, always as a download."""
    row = request.app[WORKSPACE].storage.row(
        "SELECT content FROM files WHERE id = ? AND is_shared = 1", request.match_info["file"]
    )
    if row is None or not isinstance(row[0], bytes):
        raise Refused("There is no such file.", 404)
    return web.Response(
        body=row[0],
        content_type="application/octet-stream",
        headers={"Content-Disposition": "attachment"},
    )


def _state(workspace: Workspace, person: Json) -> Json:
    user = str(person["id"])
    channels = workspace.directory.channels_of(user)
    home_view = workspace.views.home(user)
    aliases = {user_id: alias for alias, user_id in workspace.directory.aliases().items()}
    rows = workspace.storage.rows("SELECT channel, ts FROM reads WHERE user = ?", user)
    return {
        "epoch": workspace.feed.epoch,
        "number": workspace.feed.number,
        "team": seed.TEAM_NAME,
        "me": user,
        "bot": seed.BOT_USER_ID,
        "is_bot_there": workspace.is_bot_there,
        "has_teams": workspace.teams is not None,
        "people": [
            {**shown, "alias": aliases.get(str(shown["id"]))}
            for shown in workspace.directory.users()
        ],
        "groups": workspace.directory.groups(),
        "channels": channels,
        "messages": {
            str(channel["id"]): [
                message.shown() for message in workspace.messages.history(str(channel["id"]), user)
            ]
            for channel in channels
        },
        "reads": {str(channel): str(ts) for channel, ts in rows},
        "home": home_view.body if home_view else None,
        "views": [view.body for view in workspace.views.stack(user)],
        "commands": [
            {"name": c.name, "description": c.description, "usage_hint": c.usage_hint}
            for c in workspace.settings.commands
        ],
        "shortcuts": [
            {"callback_id": s.callback_id, "name": s.name} for s in workspace.settings.shortcuts
        ],
    }


def _is_for(workspace: Workspace, user: str, change: Change) -> bool:
    if change.audience is not None and change.audience != user:
        return False
    return change.channel is None or workspace.directory.is_member(change.channel, user)


def _frame(epoch: str, change: Change) -> str:
    return f"id: {epoch}:{change.number}\nevent: {change.kind}\ndata: {compact(change.body)}\n\n"


def _seen(request: web.Request) -> tuple[Workspace, Json, Json]:
    workspace = request.app[WORKSPACE]
    person = workspace.directory.person(request.query.get("as", "agent"))
    return workspace, person, _channel(workspace, person, request.query.get("channel", ""))


async def _doing(request: web.Request) -> tuple[Workspace, Json, Json]:
    workspace = request.app[WORKSPACE]
    try:
        body = object_from(await request.read())
    except ValueError as error:
        raise Refused(f"The request is not a JSON object: {error}.") from error
    return workspace, workspace.directory.person(_text(body, "as")), body


def _channel(workspace: Workspace, person: Json, reference: str) -> Json:
    channel = workspace.directory.channel(reference)
    if channel is None:
        raise Refused(f"There is no conversation {reference!r} here.", 404)
    if not workspace.directory.is_member(str(channel["id"]), str(person["id"])):
        name = channel.get("name") or "that conversation"
        raise Refused(f"{person['real_name']} is not in {name}.", 403)
    return channel


def _message(workspace: Workspace, person: Json, channel: Json, ts: str) -> Message:
    message = workspace.messages.get(str(channel["id"]), ts)
    if message is None or message.visible_to not in (None, person["id"]):
        raise Refused("That message is gone.", 404)
    return message


def _use(body: Json) -> Use:
    where = _text(body, "block_id"), _text(body, "action_id")
    return Use(*where, body.get("value"), _object(body, "values"))


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise Refused(f"{text!r} is not a number.") from error
    if not math.isfinite(value):
        raise Refused(f"{text!r} is not a number.")
    return value


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _ok(body: Json) -> web.Response:
    return web.Response(text=compact({"ok": True, **body}), content_type="application/json")


ROUTES = [
    web.get("/page/api/state", state),
    web.get("/page/api/history", history),
    web.get("/page/api/thread", thread),
    web.get("/page/api/recent", recent),
    web.get("/page/api/feed", feed),
    web.get("/page/api/wait", wait),
    web.get("/page/api/file/{file}", file),
    web.post("/page/api/say", say),
    web.post("/page/api/command", command),
    web.post("/page/api/press", press),
    web.post("/page/api/view-action", press_in_view),
    web.post("/page/api/view-submit", submit),
    web.post("/page/api/view-close", close),
    web.post("/page/api/shortcut", shortcut),
    web.post("/page/api/home", home),
    web.post("/page/api/read", read),
]
