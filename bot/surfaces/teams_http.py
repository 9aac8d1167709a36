"""The HTTP door for Teams: everything is checked before the SDK sees it, and nothing of it is
logged. A token is judged before a body is read: a stranger makes us keep nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.settings import Teams
from bot.surfaces.receiving import NotStoredError
from bot.surfaces.teams_fetch import read_bounded
from bot.surfaces.teams_keys import KeysAwayError
from bot.surfaces.teams_tokens import ChannelTokens
from bot.surfaces.teams_wire import (
    Activity,
    Answer,
    Claims,
    NotAllowed,
    NotAnActivity,
    NotAuthentic,
)
from store.model.values import Json

BODY_BYTES_MAX = 1024 * 1024  # ours; an invoke is about 10 KB, a quoted message up to 100 KB
BODY_SECONDS_MAX = 10.0  # ours; a sender that trickles is cut off
DEPTH_MAX = 64  # ours; an activity with a whole card in it is about 20 deep
TEXT_CHARACTERS_MAX = 500  # of an id or a name; the longest known ids have about 200

LOGGER = logging.getLogger(__name__)
Dispatch = Callable[[Activity, Claims], Awaitable[Answer | None]]

_OBJECTS = ("from", "conversation", "recipient", "channelData")
_LISTS = ("entities", "attachments", "membersAdded", "membersRemoved", "reactionsAdded",
          "reactionsRemoved")  # fmt: skip
_SHORT = ("type", "id", "name", "channelId", "serviceUrl", "replyToId")


class _RefusedError(Exception):
    """A request that goes no further. The text says why, never what it carried."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class TeamsDoor:
    """Checks a request's method, type, size, token and shape, then dispatches its activity."""

    def __init__(self, tokens: ChannelTokens, teams: Teams, turn: Dispatch) -> None:
        if not teams.tenants:
            raise ValueError("a door without an allow-list of tenants would believe everybody")
        self._tokens = tokens
        self._turn = turn

    async def handle(self, request: web.Request) -> web.Response:
        """The answer to Teams, or 4xx with a short text. Never 500: what fails inside is 503."""
        try:
            return await self._handled(request)
        except _RefusedError as refusal:
            return web.Response(status=refusal.status, text=f"{refusal}\n")

    async def _handled(self, request: web.Request) -> web.Response:
        _check_head(request)
        try:
            token = await self._tokens.genuine(request.headers.get("Authorization", ""))
            activity = _parsed(await _read(request))
            claims = self._tokens.about(token, activity)
        except NotAuthentic as error:
            LOGGER.info("a request to Teams' door was turned away: %s", error)
            status = 403 if isinstance(error, NotAllowed) else 401
            raise _RefusedError(status, str(error)) from error
        except KeysAwayError as error:
            raise _RefusedError(503, str(error)) from error
        _check_shape(activity)
        return await self._turned(activity, claims)

    async def _turned(self, activity: Activity, claims: Claims) -> web.Response:
        try:
            return _response(await self._turn(activity, claims))
        except NotStoredError as error:
            raise _RefusedError(503, "not stored; send it again") from error
        except NotAnActivity as error:
            raise _RefusedError(400, str(error)) from error
        except Exception as error:
            LOGGER.exception("an activity of Teams failed")
            raise _RefusedError(503, "it failed; send it again") from error


def _response(answer: Answer | None) -> web.Response:
    if answer is None or answer.body is None:
        return web.Response(status=200 if answer is None else answer.status)
    return web.json_response(answer.body, status=answer.status)


def _check_head(request: web.Request) -> None:
    if request.method != "POST":
        raise _RefusedError(405, "only POST is answered here")
    if request.content_type != "application/json":
        raise _RefusedError(415, "send JSON")
    if (request.content_length or 0) > BODY_BYTES_MAX:
        raise _RefusedError(413, f"a body has at most {BODY_BYTES_MAX:,} bytes")


async def _read(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            return await read_bounded(request.content, BODY_BYTES_MAX)
    except TimeoutError as error:
        raise _RefusedError(408, "the body did not arrive in time") from error
    except ValueError as error:
        raise _RefusedError(413, f"a body has at most {BODY_BYTES_MAX:,} bytes") from error


def _parsed(raw: bytes) -> Activity:
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise _RefusedError(400, "the JSON is malformed") from error
    if not isinstance(value, dict):
        raise _RefusedError(400, "the JSON is no object")
    return value


def _check_shape(activity: Activity) -> None:
    """What everybody behind this door may count on. Raises where it is not so."""
    for name in _SHORT:
        value = activity.get(name)
        if not isinstance(value, str | None) or len(value or "") > TEXT_CHARACTERS_MAX:
            raise _RefusedError(400, f"{name} is no short text")
    for names, kind in ((_OBJECTS, dict), (_LISTS, list), (("text",), str)):
        for name in names:
            if not isinstance(activity.get(name), kind | None):
                raise _RefusedError(400, f"{name} has the wrong type")
    for name in ("from", "conversation", "recipient"):
        if not isinstance((activity.get(name) or {}).get("id"), str | None):
            raise _RefusedError(400, f"{name}.id has the wrong type")
    if not activity.get("type"):
        raise _RefusedError(400, "an activity has a type")
    if _is_deeper(activity, DEPTH_MAX):
        raise _RefusedError(400, f"the JSON is nested deeper than {DEPTH_MAX}")


def _is_deeper(value: Json, depth_max: int) -> bool:
    """Whether JSON is nested deeper than so many levels. Walks level by level: no recursion."""
    level = [value]
    for _ in range(depth_max):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True
