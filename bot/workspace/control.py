"""Loopback control for tests and demonstrations: faults, dropped sockets, HTTP handshakes.

It needs the page token of this start, as the page does.
"""

from aiohttp import web

from bot.workspace import seed
from bot.workspace.api.routes import WORKSPACE
from bot.workspace.delivery import Ack
from bot.workspace.delivery_http import HttpDelivery
from bot.workspace.faults import Fault
from bot.workspace.wire import Json, Refused, compact, object_from


async def set_fault(request: web.Request) -> web.Response:
    """POST /control/faults {kind, calls, methods?, seconds?}; {"kind": "none"} clears all."""
    faults = request.app[WORKSPACE].faults
    body = await _body(request)
    if body.get("kind") == "none":
        faults.clear()
        return _ok({})
    try:
        fault = Fault(
            str(body.get("kind")),
            int(body.get("calls", 1)),
            frozenset(str(name) for name in body.get("methods") or []),
            float(body.get("seconds", 1.0)),
        )
        faults.set(fault)
    except (TypeError, ValueError) as error:
        raise Refused(f"That fault cannot be set: {error}.") from error
    return _ok({})


async def drop_sockets(request: web.Request) -> web.Response:
    """POST /control/drop-sockets {polite?}: close every connection, with a disconnect first."""
    sockets = request.app[WORKSPACE].sockets
    if (await _body(request)).get("polite"):
        await sockets.refresh()
    else:
        await sockets.close()
    return _ok({})


async def handshake(request: web.Request) -> web.Response:
    """POST /control/verify-url: url_verification and ssl_check against the request URL."""
    transport = request.app[WORKSPACE].transport
    if not isinstance(transport, HttpDelivery):
        raise Refused("There is no request URL: the bot is reached by Socket Mode.")
    return _ok(
        {
            "url_verification": _shown(await transport.verify_url()),
            "ssl_check": _shown(await transport.ssl_check()),
        }
    )


async def membership(request: web.Request) -> web.Response:
    """POST /control/bot-membership {channel, is_in}: invite the bot, or remove it."""
    directory = request.app[WORKSPACE].directory
    body = await _body(request)
    channel = directory.channel(str(body.get("channel")))
    if channel is None:
        raise Refused("There is no such channel.", 404)
    directory.join(str(channel["id"]), seed.BOT_USER_ID, is_in=bool(body.get("is_in")))
    return _ok({})


async def status(request: web.Request) -> web.Response:
    """GET /control/status: connections, and events that wait for the bot."""
    workspace = request.app[WORKSPACE]
    return _ok(
        {
            "connections": workspace.sockets.connections,
            "events_waiting": workspace.outbox.waiting(),
            "is_bot_there": workspace.is_bot_there,
        }
    )


async def _body(request: web.Request) -> Json:
    try:
        return object_from(await request.read() or b"{}")
    except ValueError as error:
        raise Refused(f"The request is not a JSON object: {error}.") from error


def _shown(ack: Ack) -> Json:
    return {"is_ok": ack.is_ok, "reason": ack.reason}


def _ok(body: Json) -> web.Response:
    return web.Response(text=compact({"ok": True, **body}), content_type="application/json")


ROUTES = [
    web.post("/control/faults", set_fault),
    web.post("/control/drop-sockets", drop_sockets),
    web.post("/control/verify-url", handshake),
    web.post("/control/bot-membership", membership),
    web.get("/control/status", status),
]
