"""How the Teams side's routes answer: faults on demand, bearer tokens, errors as Microsoft words.

The connector's errors are `{"error": {"code", "message"}}`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.workspace.teams.faults import Fault
from bot.workspace.teams.side import TeamsSide
from bot.workspace.wire import compact

SIDE: web.AppKey[TeamsSide] = web.AppKey("teams", TeamsSide)
Handler = Callable[[web.Request], Awaitable[web.Response]]

_WORDS = {
    400: ("BadArgument", "This call was told to fail."),
    401: ("Unauthorized", "Authorization has been denied for this request."),
    403: ("BotNotInConversationRoster", "The bot is not part of the conversation roster."),
    404: ("ConversationNotFound", "Conversation not found."),
    409: ("Conflict", "This call was told to fail."),
    412: ("PreconditionFailed", "Precondition failed, please try again."),
    413: ("MessageSizeTooBig", "Message size too large."),
    429: ("Throttled", "API calls quota exceeded! Maximum admitted 7 per 1s."),
    500: ("ServiceError", "Unknown."),
    502: ("BadGateway", "Bad gateway."),
    503: ("ServiceUnavailable", "Service unavailable."),
    504: ("GatewayTimeout", "Gateway timeout."),
}


class ConnectorError(Exception):
    """A call that the connector refuses."""

    def __init__(
        self, status: int, code: str = "", message: str = "", wait_seconds: int = 0
    ) -> None:
        words = _WORDS[status]
        super().__init__(message or words[1])
        self.status = status
        self.code = code or words[0]
        self.wait_seconds = wait_seconds

    def response(self) -> web.Response:
        """As the connector answers it."""
        headers = {"Retry-After": str(self.wait_seconds)} if self.wait_seconds else None
        body = {"error": {"code": self.code, "message": str(self)}}
        return json_answer(body, self.status, headers)


def answering(route: str) -> Callable[[Handler], Handler]:
    """Wraps a handler: it meets the faults of `route` and its ConnectorError is answered."""

    def wrap(handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            fault = request.app[SIDE].faults.take(route)
            if fault is not None:
                early = await _meet(request, fault)
                if early is not None:
                    return early
            try:
                response = await handler(request)
            except ConnectorError as error:
                response = error.response()
            return _refused(fault) if fault is not None and fault.kind == "lost" else response

        return answer

    return wrap


def authorized(request: web.Request) -> TeamsSide:
    """The side, for a call that shows a token which we gave; ConnectorError 401 otherwise."""
    side = request.app[SIDE]
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not side.access.is_valid(token.strip()):
        raise ConnectorError(401)
    return side


def json_answer(
    body: object, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """A JSON response."""
    return web.Response(
        text=compact(body), status=status, content_type="application/json", headers=headers
    )


async def _meet(request: web.Request, fault: Fault) -> web.Response | None:
    if fault.kind == "status":
        return _refused(fault)
    if fault.kind in ("slow", "hang"):
        await asyncio.sleep(fault.seconds)
    if fault.kind == "hang" and request.transport is not None:
        request.transport.abort()
    return None if fault.kind != "hang" else web.Response(status=504)


def _refused(fault: Fault) -> web.Response:
    wait_seconds = fault.retry_after_seconds if fault.status in (429, 503) else 0
    return ConnectorError(fault.status, wait_seconds=wait_seconds).response()
