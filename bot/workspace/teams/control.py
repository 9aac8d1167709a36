"""Loopback control of the Teams side for tests and demonstrations, behind the page's token.

Each is POST /control/teams/<name> with a JSON object.
"""

from aiohttp import web

from bot.workspace.teams import installs, limits
from bot.workspace.teams.faults import Fault
from bot.workspace.teams.roster import Conversation, Person
from bot.workspace.teams.routes import SIDE, json_answer
from bot.workspace.teams.side import TeamsSide
from bot.workspace.wire import Json, Refused, object_from


async def set_fault(request: web.Request) -> web.Response:
    """faults {kind, calls, routes?, status?, seconds?, retry_after_seconds?}; see faults.py.

    {"kind": "none"} clears all; {"kind": "rotate_keys", "is_old_published"?} signs with a new key
    from now on; {"kind": "revoke_tokens"} makes every token that the bot holds unknown.
    """
    side, body = await _asked(request)
    kind = str(body.get("kind"))
    if kind == "none":
        side.faults.clear()
    elif kind == "rotate_keys":
        kid = side.keys.rotate(is_old_published=bool(body.get("is_old_published", True)))
        return _ok({"kid": kid})
    elif kind == "revoke_tokens":
        side.access.revoke_all()
    else:
        side.faults.set(_fault(kind, body))
    return _ok({})


async def set_rates(request: web.Request) -> web.Response:
    """rates {is_on}: count what the bot sends, or let everything through."""
    side, body = await _asked(request)
    side.pace.switch(is_on=bool(body.get("is_on")))
    return _ok({})


async def set_roster(request: web.Request) -> web.Response:
    """roster {page?, conversation?, as?, is_in?}: the size of its pages; a person in or out."""
    side, body = await _asked(request)
    if "page" in body:
        page = body["page"]
        if not isinstance(page, int) or not 1 <= page <= limits.ROSTER_PAGE_MAX:
            raise Refused(f"A page has 1 to {limits.ROSTER_PAGE_MAX} members.")
        side.roster_page = page
    if "conversation" in body:
        person, conversation = _who_where(side, body)
        installs.set_member(side, person, conversation, is_in=bool(body.get("is_in")))
    return _ok({})


async def install(request: web.Request) -> web.Response:
    """install {conversation, is_in, as?}: add the bot to any conversation, or remove it."""
    side, body = await _asked(request)
    person, conversation = _who_where(side, body)
    installs.set_bot(side, person, conversation, is_in=bool(body.get("is_in")))
    return _ok({})


async def token(request: web.Request) -> web.Response:
    """token {claims?}: a token as we send it to the bot; `claims` replace some (null: without)."""
    side, body = await _asked(request)
    return _ok({"token": side.channel_tokens.token(side.service_url, _object(body, "claims"))})


async def post(request: web.Request) -> web.Response:
    """post {activity, claims?}: send any activity to the bot; its status and body."""
    side, body = await _asked(request)
    activity = _object(body, "activity")
    reply = await side.endpoint.post(activity, limits.INVOKE_SECONDS, _object(body, "claims"))
    return _ok({"status": reply.status, "body": reply.body, "reason": reply.reason})


async def status(request: web.Request) -> web.Response:
    """GET status: whether the bot is there, and what waits for it."""
    side = request.app[SIDE]
    return _ok({"is_bot_there": side.endpoint.is_there, "events_waiting": side.outbox.waiting()})


def _fault(kind: str, body: Json) -> Fault:
    try:
        return Fault(
            kind,
            int(body.get("calls", 1)),
            frozenset(str(name) for name in body.get("routes") or []),
            int(body.get("status", 503)),
            float(body.get("seconds", 1.0)),
            int(body.get("retry_after_seconds", 1)),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(f"That fault cannot be set: {error}.") from error


def _who_where(side: TeamsSide, body: Json) -> tuple[Person, Conversation]:
    person = side.roster.acting(str(body.get("as") or "admin"))
    conversation = side.roster.conversation(str(body.get("conversation")))
    if conversation is None:
        raise Refused(f"There is no conversation with the id {body.get('conversation')!r}.", 404)
    return person, conversation


async def _asked(request: web.Request) -> tuple[TeamsSide, Json]:
    try:
        return request.app[SIDE], object_from(await request.read() or b"{}")
    except ValueError as error:
        raise Refused(f"The request is not a JSON object: {error}.") from error


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _ok(body: Json) -> web.Response:
    return json_answer({"ok": True, **body})


ROUTES = [
    web.post("/control/teams/faults", set_fault),
    web.post("/control/teams/rates", set_rates),
    web.post("/control/teams/roster", set_roster),
    web.post("/control/teams/install", install),
    web.post("/control/teams/token", token),
    web.post("/control/teams/post", post),
    web.get("/control/teams/status", status),
]
