"""The HTTP side of the Web API: tokens, scopes, faults, and errors as Slack words them."""

import asyncio

from aiohttp import web

from bot.workspace.api import apps, chat, conversations, files, users, views
from bot.workspace.api.call import Call
from bot.workspace.faults import Fault
from bot.workspace.people import answer_person
from bot.workspace.response_urls import ResponseUrl
from bot.workspace.tokens import Token
from bot.workspace.wire import Json, SlackError, compact, object_from
from bot.workspace.workspace import Workspace

WORKSPACE: web.AppKey[Workspace] = web.AppKey("workspace", Workspace)

METHODS = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **users.METHODS,
    **views.METHODS,
}


async def call_method(request: web.Request) -> web.Response:
    """GET or POST /api/<method>."""
    workspace = request.app[WORKSPACE]
    name = request.match_info["method"]
    fault = workspace.faults.take(name)
    early = await _meet(fault)
    if early is not None:
        return early
    scopes = ""
    try:
        arguments = await _arguments(request)
        token = workspace.tokens.check(_bearer(request, arguments))
        scopes = ",".join(sorted(token.scopes))
        answer = {"ok": True, **_run(workspace, name, token, arguments)}
    except SlackError as error:
        answer = {"ok": False, "error": error.name, **error.extra}
    if fault is not None and fault.kind == "lost":
        return web.Response(status=500, text="the answer was lost")
    headers = {"X-OAuth-Scopes": scopes, "X-Slack-Req-Id": name}
    return _json(answer, headers=headers)


async def upload(request: web.Request) -> web.Response:
    """POST /upload/<file id>: raw bytes, or the first part of a form."""
    content = await _upload_bytes(request)
    if not files.store_upload(request.app[WORKSPACE], request.match_info["file"], content):
        return web.Response(status=400, text="no such upload, or its length differs")
    return web.Response(text=f"OK - {len(content)}")


async def respond(request: web.Request) -> web.Response:
    """POST /response/<secret>: a response URL."""
    workspace = request.app[WORKSPACE]
    try:
        target = workspace.response_urls.use(request.match_info["secret"], workspace.clock())
        _answer(workspace, target, await _arguments(request))
    except SlackError as error:
        is_over = error.name in ("used_url", "expired_url")
        return _json({"ok": False, "error": error.name, **error.extra}, 404 if is_over else 400)
    return web.Response(text="ok")


def _answer(workspace: Workspace, target: ResponseUrl, answer: Json) -> None:
    shown = workspace.messages.get(target.channel, target.message_ts or "")
    if answer.get("delete_original"):
        if shown is None:
            raise SlackError("message_not_found")
        workspace.messages.remove(shown)
    elif answer.get("replace_original") and shown is not None:
        body = chat.bot_message(answer)
        workspace.messages.change(shown, {"blocks": None, "attachments": None, **body})
    else:
        thread_ts = str(answer.get("thread_ts") or "") or target.thread_ts
        answer_person(workspace, target.user, target.channel, thread_ts, answer)


def _run(workspace: Workspace, name: str, token: Token, arguments: Json) -> Json:
    method = METHODS.get(name)
    if method is None:
        raise SlackError("unknown_method", req_method=name)
    if token.kind != method.token_kind:
        raise SlackError("not_allowed_token_type")
    if method.scope is not None:
        token.require(method.scope)
    return method.handle(Call(workspace, token, arguments))


async def _meet(fault: Fault | None) -> web.Response | None:
    if fault is None:
        return None
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "ratelimited":
        headers = {"Retry-After": str(max(1, round(fault.seconds)))}
        return _json({"ok": False, "error": "ratelimited"}, 429, headers)
    if fault.kind == "error":
        return web.Response(status=500, text="this call was told to fail")
    return None


async def _arguments(request: web.Request) -> Json:
    arguments: Json = dict(request.query)
    if request.method != "POST":
        return arguments
    if request.content_type == "application/json":
        try:
            return {**arguments, **object_from(await request.read() or b"{}")}
        except ValueError as error:
            raise SlackError("invalid_json") from error
    form = await request.post()
    arguments.update({name: value for name, value in form.items() if isinstance(value, str)})
    return arguments


def _bearer(request: web.Request, arguments: Json) -> str | None:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    token = arguments.get("token")
    return str(token) if token else None


async def _upload_bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    form = await request.post()
    part = next(iter(form.values()), "")
    if isinstance(part, web.FileField):
        content: bytes = part.file.read()
        return content
    return part.encode() if isinstance(part, str) else bytes(part)


def _json(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        text=compact(body), status=status, content_type="application/json", headers=headers
    )
