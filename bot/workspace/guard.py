"""Who may drive the page: this machine's own browser tab or terminal client, nobody else.

The Host header must be ours (a rebound DNS name is not), a browser's request must come from our
own page, and every request carries either the page's cookie or the token of this start.
"""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from bot.workspace.api.routes import WORKSPACE
from bot.workspace.wire import Refused, SlackError, compact
from bot.workspace.workspace import Workspace

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# The page runs only its own scripts and styles, and may not assign HTML from strings at all. Frames
# hold and are held by this origin alone, for both sides beside each other: nothing else is served
# here, so no foreign page can lay itself over a button, and no text ever becomes a frame's address.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-src 'self'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse foreign hosts everywhere, and strangers at the page."""
    workspace = request.app[WORKSPACE]
    port = workspace.host.rpartition(":")[2]
    if request.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return web.Response(status=421, text="This workspace answers only to 127.0.0.1.")
    if request.path.startswith(("/page/api/", "/control/")):
        if not _is_from_here(request):
            return _refusal(Refused("Another site may not use this workspace.", 403))
        if not _is_admitted(request, workspace):
            message = "Open the address that the workspace printed when it started."
            return _refusal(Refused(message, 401))
    response = await _answered(request, handler)
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


def cookie_name(workspace: Workspace) -> str:
    """Browsers share cookies between ports, so the port is in the name."""
    return f"workspace_{workspace.host.rpartition(':')[2]}"


def is_page_token(workspace: Workspace, token: str) -> bool:
    """Whether it is this start's token."""
    return hmac.compare_digest(token.encode(), workspace.page_token.encode())


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return _refusal(refused)
    except SlackError as error:
        return _refusal(Refused(f"The workspace refused: {error.name}."))


def _is_from_here(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


def _is_admitted(request: web.Request, workspace: Workspace) -> bool:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        return is_page_token(workspace, value)
    cookie = request.cookies.get(cookie_name(workspace), "")
    return hmac.compare_digest(cookie.encode(), workspace.page_session.encode())


def _refusal(refused: Refused) -> web.Response:
    body = {"ok": False, "error": str(refused), "errors": refused.errors}
    return web.Response(text=compact(body), status=refused.status, content_type="application/json")
