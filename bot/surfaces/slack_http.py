"""The HTTP door for Slack: everything is checked before bolt sees it, and nothing of it is logged.

Signature and shape are judged here, because bolt answers 500 to a malformed body or timestamp and
writes the body of a request with a wrong signature into its log.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

BODY_BYTES_MAX = 1024 * 1024  # ours; a click echoes a message, ~100 KB
BODY_SECONDS_MAX = 10.0  # ours; a sender that trickles is cut off
FORM_FIELDS_MAX = 100  # ours; slash commands have about 15
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"

Dispatch = Callable[[web.Request, str], Awaitable[web.Response]]


class _RefusedError(Exception):
    """A request that goes no further. The text says why, never what it carried."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class SlackDoor:
    """Checks a request's method, size, type, signature, age and shape, then dispatches it."""

    def __init__(self, signing_secret: str, dispatch: Dispatch) -> None:
        if not signing_secret:
            raise ValueError("HTTP mode without a signing secret would believe everybody")
        self._verifier = SignatureVerifier(signing_secret)
        self._dispatch = dispatch

    async def handle(self, request: web.Request) -> web.Response:
        """Slack's answer, or 4xx with a short text. Never 500: what fails inside is 503."""
        try:
            body = await self._checked(request)
        except _RefusedError as refusal:
            return web.Response(status=refusal.status, text=f"{refusal}\n")
        return await self._dispatch(request, body)

    async def _checked(self, request: web.Request) -> str:
        if request.method != "POST":
            raise _RefusedError(405, "only POST is answered here")
        if request.content_type not in (_JSON, _FORM):
            raise _RefusedError(415, "send JSON or a form")
        if (request.content_length or 0) > BODY_BYTES_MAX:
            raise _RefusedError(413, f"a body has at most {BODY_BYTES_MAX:,} bytes")
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
            raise _RefusedError(401, "no valid timestamp and signature")
        body = await _read(request)
        if not self._verifier.is_valid(body, timestamp, signature):
            raise _RefusedError(401, "the signature is wrong or older than five minutes")
        _check_shape(request.content_type, body)
        return body


async def _read(request: web.Request) -> str:
    """The body as text. The signature covers bytes, so anything but UTF-8 is refused."""
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            raw = await request.content.read(BODY_BYTES_MAX + 1)
            while len(raw) <= BODY_BYTES_MAX and not request.content.at_eof():
                raw += await request.content.read(BODY_BYTES_MAX + 1 - len(raw))
    except TimeoutError as error:
        raise _RefusedError(408, "the body did not arrive in time") from error
    if len(raw) > BODY_BYTES_MAX:
        raise _RefusedError(413, f"a body has at most {BODY_BYTES_MAX:,} bytes")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise _RefusedError(400, "the body is not UTF-8") from error


def _check_shape(content_type: str, body: str) -> None:
    if content_type == _JSON:
        _object(body)
        return
    try:
        fields = dict(
            parse_qsl(
                body, keep_blank_values=True, strict_parsing=True, max_num_fields=FORM_FIELDS_MAX
            )
        )
    except ValueError as error:
        raise _RefusedError(400, "the form is malformed") from error
    if "payload" in fields:
        _object(fields["payload"])


def _object(text: str) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _RefusedError(400, "the JSON is malformed") from error
    if not isinstance(value, dict):
        raise _RefusedError(400, "the JSON is no object")
    for name in ("event", "user", "team", "channel", "container", "view", "message"):
        if name in value and not isinstance(value[name], (dict, str, type(None))):
            raise _RefusedError(400, f"{name} has the wrong type")
