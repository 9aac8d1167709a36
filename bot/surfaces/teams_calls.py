"""One HTTP client for the channel service of Teams, and its failures as our errors.

What may be repeated: a call that never left (no connection, 401 with an old token) and one that
was refused as a whole (412, 429). A 502, a 504 or a broken answer leaves open whether a message was
posted, and Teams knows no idempotency key: then only a call that is not a POST is repeated here.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from bot.retry import Tried, delay_seconds
from bot.surfaces.errors import Busy, Gone, Refused, SurfaceError
from bot.surfaces.teams_fetch import read_bounded
from bot.surfaces.teams_tokens import REFUSED_SECONDS, AppTokens

CALL_TIMEOUT_SECONDS = 10.0
CALL_PATIENCE_SECONDS = 3.0  # waited between repeats of one call; after that the caller queues it
CALL_SECONDS_MAX = 18.0  # with all repeats; with the queue's 5 s less than a send's 25 s
CONNECTIONS_MAX = 50  # to the channel service at once; more calls wait for a free one
ANSWER_BYTES_MAX = 4 * 1024 * 1024  # ours; a page of 500 members is about 200 KB
BUSY_SECONDS = 5.0  # wait where Teams names no time
RETRY_AFTER_SECONDS_MAX = 3_600.0

_REFUSED_WHOLE = frozenset({412, 429})  # Teams' documentation of rate limits: try these again
_UNKNOWN_FATE = frozenset({502, 504})  # of these it says the same; a POST may have been done
_LATER = frozenset({408, 409, 412, 423, 425, 429})
_GONE = frozenset({401, 403, 404, 410})
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")


@dataclass(frozen=True)
class Received:
    """A successful answer: HTTP status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Unsent(Busy):
    """No connection: nothing has left."""


class _MaybeSent(Busy):
    """Whether the call was done cannot be known."""


class _Again(Busy):
    """Teams refused the call as a whole and takes it soon."""


class TeamsCalls:
    """Sends HTTP requests to the channel service with the bot's token."""

    def __init__(self, tokens: AppTokens) -> None:
        self._tokens = tokens
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: str | bytes | None
    ) -> Received:
        """The answer to a request, which is repeated where that is safe and soon.

        Raises SurfaceError alone; the code is Teams' own word or the HTTP status.
        """
        try:
            async with asyncio.timeout(CALL_SECONDS_MAX):
                return await self._repeated(method, url, headers, body)
        except TimeoutError as error:
            raise _no_answer(error) from error

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def _repeated(
        self, method: str, url: str, headers: Mapping[str, str], body: str | bytes | None
    ) -> Received:
        tried = Tried(attempt=1, waited_seconds=0.0)
        while True:
            try:
                return await self._authorized(method, url, headers, body)
            except Busy as busy:
                wait = _wait_seconds(busy, method, tried)
                if wait is None:
                    raise
            await asyncio.sleep(wait)
            tried = Tried(tried.attempt + 1, tried.waited_seconds + wait)

    async def _authorized(
        self, method: str, url: str, headers: Mapping[str, str], body: str | bytes | None
    ) -> Received:
        token = await self._tokens.token()
        received = await self._sent(method, url, {**headers, **_bearer(token)}, body)
        if received.status == 401:
            renewed = await self._tokens.renewed(token)
            if renewed == token:
                raise Busy("Teams refuses the bot's new token", "401", REFUSED_SECONDS)
            received = await self._sent(method, url, {**headers, **_bearer(renewed)}, body)
        if not 200 <= received.status < 300:
            raise _typed(received)
        if not _is_json(received.body):
            raise _MaybeSent("Teams answered with something unreadable", "no_answer", BUSY_SECONDS)
        return received

    async def _sent(
        self, method: str, url: str, headers: Mapping[str, str], body: str | bytes | None
    ) -> Received:
        try:
            async with (
                asyncio.timeout(CALL_TIMEOUT_SECONDS),
                self._opened().request(
                    method, url, headers=headers, data=body, allow_redirects=False
                ) as answer,
            ):
                raw = await read_bounded(answer.content, ANSWER_BYTES_MAX)
                return Received(answer.status, dict(answer.headers), raw)
        except RuntimeError as error:  # aiohttp's word for a session that was closed: we are ending
            raise _Unsent("the connections to Teams are closed", "closed", BUSY_SECONDS) from error
        except aiohttp.ClientConnectorError as error:
            raise _Unsent("Teams cannot be reached", "no_connection", BUSY_SECONDS) from error
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _no_answer(error) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
            )
        return self._session


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _no_answer(error: Exception) -> _MaybeSent:
    return _MaybeSent(f"Teams did not answer ({type(error).__name__})", "no_answer", BUSY_SECONDS)


def _wait_seconds(busy: Busy, method: str, tried: Tried) -> float | None:
    """Seconds until the call is repeated, None where the caller has to decide."""
    if isinstance(busy, _MaybeSent):
        if method == "POST":
            return None
    elif not isinstance(busy, _Unsent | _Again):
        return None
    asked = busy.retry_after_seconds if busy.code == "429" else None
    return delay_seconds(tried, CALL_PATIENCE_SECONDS, asked)


def _typed(received: Received) -> SurfaceError:
    status, code = received.status, _code(received.body) or str(received.status)
    wait = _retry_after_seconds(received.headers)
    if status in _REFUSED_WHOLE:
        return _Again(f"Teams asks to slow down ({status})", str(status), wait)
    if status in _UNKNOWN_FATE:
        return _MaybeSent(f"Teams did not answer in time ({status})", str(status), wait)
    if status in _LATER or status >= 500:
        return Busy(f"Teams cannot take it now ({code})", str(status), wait)
    if status in _GONE:
        return Gone(f"Teams says {code}: {_ADVICE.get(status, 'it is given up')}", str(status))
    return Refused(f"Teams refuses it: HTTP {status}, {code}", code)


_ADVICE = {
    401: "the bot's token is not taken; check ASSENT_TEAMS_APP_ID and the bot's registration",
    403: "the bot was removed there or may not write; add Assent again, then ask again",
    404: "the conversation or the message is not there any more",
}


def _is_json(body: bytes) -> bool:
    """Whether it can be read; an empty answer says nothing, which is fine."""
    try:
        json.loads(body or b"null")
    except (ValueError, RecursionError):
        return False
    return True


def _code(body: bytes) -> str:
    """Teams' own word for an error, '' where it says none that is fit to be shown."""
    try:
        error = json.loads(body).get("error")
        code = error.get("code") if isinstance(error, dict) else None
    except (ValueError, AttributeError, RecursionError):
        return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _retry_after_seconds(headers: Mapping[str, str]) -> float:
    for name, value in headers.items():
        if name.lower() == "retry-after" and value.isascii() and value.isdecimal():
            return min(float(value[:10]), RETRY_AFTER_SECONDS_MAX)
    return BUSY_SECONDS
