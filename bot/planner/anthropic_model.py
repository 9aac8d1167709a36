"""A model behind the official SDK, and its only importer.

The SDK takes seconds to import, so nothing of it is loaded before a model is asked. It sends and
understands the protocol; how often, how long and how much is decided here. What comes back is
read strictly: it is data of a stranger.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.planner.answer_reading import read_message
from bot.planner.model import (
    Message,
    ModelAwayError,
    ModelBrokenError,
    ModelError,
    ModelRefusedError,
    Wire,
)
from bot.retry import Tried, delay_seconds

if TYPE_CHECKING:
    import anthropic

TRIES_MAX = 3  # calls of the service for one answer
RESPONSE_BYTES_MAX = 4 * 1024 * 1024  # of one answer; 32,000 tokens are about 150 kB
# At DEBUG they log whole requests, which hold what people wrote, and a stranger's headers.
_TALKATIVE = ("anthropic", "httpx2", "httpcore2")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

# Refused before anything was read: no tokens. Behind other failures, a gateway's time-out among
# them, an answer may have been made.
_UNBILLED = frozenset({409, 429, 503, 529})
_REFUSALS = {
    400: "does not take the request",
    401: "does not take the key; check ASSENT_ANTHROPIC_API_KEY",
    402: "wants to be paid first; look at the billing of its account",
    403: "does not allow this key to use the model; look at the key's workspace",
    404: "does not know the model; check `planner.model` in bundle.yml",
    413: "says that the request is too large",
}


class AnthropicModel:
    """The Messages API with one key at one address. Thread-safe; keeps its connections."""

    def __init__(self, api_key: str, base_url: str) -> None:
        self._api_key, self._base_url = api_key, base_url
        self._client: anthropic.Anthropic | None = None
        self._making = threading.Lock()

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        """The answer to one request; tries again what may succeed a moment later, and no longer
        than `timeout_seconds` in all, whatever the service says of waiting. Raises ModelError."""
        started = time.monotonic()
        client = self._ready()
        from bot.planner.bounded_http import within

        deadline, lost = started + timeout_seconds, 0
        for attempt in range(1, TRIES_MAX + 1):
            left_seconds = deadline - time.monotonic()
            with within(left_seconds, RESPONSE_BYTES_MAX) as bounds:
                body = self._ask(client, request, left_seconds)
            if isinstance(body, bytes):
                return _read(body, round((time.monotonic() - started) * 1_000), lost)
            lost += bounds.is_awaited and body.may_be_billed
            left_seconds = deadline - time.monotonic()
            if left_seconds <= 0:
                late = f"The model did not answer within {timeout_seconds:g} seconds"
                raise _after(ModelAwayError(late), lost)
            pause_seconds = body.pause_seconds(attempt, left_seconds)
            if pause_seconds is None:
                raise _after(body.error, lost)
            time.sleep(pause_seconds)
        raise AssertionError("the last try has no pause after it")

    def _ask(
        self, client: anthropic.Anthropic, request: Wire, timeout_seconds: float
    ) -> bytes | _Failed:
        import anthropic

        try:
            raw = client.messages.with_raw_response.create(
                **request,
                timeout=timeout_seconds,
                extra_headers={"Authorization": f"Bearer {self._api_key}"},
            )
            return raw.http_response.content
        except anthropic.APIStatusError as error:
            return _status(error)
        except anthropic.APIConnectionError as error:
            return _connection(error)
        except anthropic.AnthropicError as error:
            return _Failed(ModelBrokenError(f"The model's SDK stopped: {type(error).__name__}"))
        except UnicodeEncodeError:
            wrong = "The request to the model holds half a character; leave it out and ask again"
            return _Failed(ModelRefusedError(wrong))

    def _ready(self) -> anthropic.Anthropic:
        with self._making:
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> anthropic.Anthropic:
        import anthropic

        from bot.planner.bounded_http import bounded_client

        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        return anthropic.Anthropic(
            api_key=self._api_key,
            base_url=self._base_url,
            max_retries=0,
            open_telemetry=False,
            http_client=bounded_client(),
        )


def _read(body: bytes, latency_milliseconds: int, lost: int) -> Message:
    try:
        return replace(read_message(body, latency_milliseconds), lost=lost)
    except ModelError as error:
        raise _after(error, lost) from None


def _after(error: ModelError, lost: int) -> ModelError:
    """The error, after so many tries that may have been billed."""
    error.lost = lost
    return error


class _Failed:
    """A try without an answer: what to say, and whether another try may have one. It may be billed
    all the same where somebody may have begun to answer and the answer was lost."""

    def __init__(
        self,
        error: ModelError,
        *,
        may_retry: bool = False,
        may_be_billed: bool = False,
        asked_seconds: float | None = None,
    ) -> None:
        self.error, self.may_be_billed = error, may_be_billed
        self._may_retry, self._asked_seconds = may_retry, asked_seconds

    def pause_seconds(self, attempt: int, left_seconds: float) -> float | None:
        """Seconds before the next try, None where there is none."""
        if not self._may_retry or attempt >= TRIES_MAX:
            return None
        return delay_seconds(Tried(attempt, 0.0), left_seconds, self._asked_seconds)


def _status(error: anthropic.APIStatusError) -> _Failed:
    """What a status says. The service's own words are left out: they may quote the request."""
    status, headers = error.status_code, error.response.headers
    found = _REQUEST_ID.fullmatch(error.request_id or "")
    marks = f" (HTTP {status}{f', request {found[0]}' if found else ''})"
    if 300 <= status < 400:
        where = "The model's service is elsewhere; check ASSENT_ANTHROPIC_API_BASE"
        return _Failed(ModelRefusedError(f"{where}{marks}"))
    if status in (408, 409, 429) or status >= 500:
        away = ModelAwayError(f"{_away(status)}{marks}")
        return _Failed(
            away,
            may_retry=headers.get("x-should-retry") != "false",
            may_be_billed=status not in _UNBILLED,
            asked_seconds=_asked_seconds(headers),
        )
    said = _REFUSALS.get(status, _REFUSALS[400])
    return _Failed(ModelRefusedError(f"The model's service {said}{marks}"))


def _away(status: int) -> str:
    if status == 429:
        return "The model's service limits how often it may be asked"
    if status == 529:
        return "The model's service is overloaded"
    return "The model's service has a failure of its own"


def _connection(error: anthropic.APIConnectionError) -> _Failed:
    from bot.planner.bounded_http import EncodedError, OversizedError

    match error.__cause__:
        case OversizedError():
            size = f"{RESPONSE_BYTES_MAX // 1024 // 1024} MB"
            return _Failed(ModelBrokenError(f"The model's answer is longer than {size}"))
        case EncodedError():
            return _Failed(ModelBrokenError("The model's answer is compressed, unasked"))
    away = ModelAwayError("The model's service cannot be reached")
    return _Failed(away, may_retry=True, may_be_billed=True)


def _asked_seconds(headers: Mapping[str, str]) -> float | None:
    """How long the service asks to be left alone, None where it says nothing that is a number."""
    for name, unit in (("retry-after-ms", 1_000), ("retry-after", 1)):
        text = headers.get(name, "")
        if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII):
            return float(text) / unit
    return None
