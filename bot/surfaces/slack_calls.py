"""One Slack client for the process, and Slack's failures as our errors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.settings import Slack
from bot.surfaces.errors import Busy, Gone, Refused, SurfaceError
from store.model.values import Json

CALL_TIMEOUT_SECONDS = 10
CONNECTIONS_MAX = 50  # to Slack at once; more calls wait for a free one
RETRIES_MAX = 1  # within one call; after that the caller queues it again
RATE_LIMIT_SECONDS_MAX = 3  # a longer wait is the caller's, who may have a lease to keep
BUSY_SECONDS = 5.0  # wait where Slack names no time

# Errors that mean that the place, the message or the installation is not there for us.
_GONE = frozenset(
    {
        "account_inactive", "app_uninstalled", "cannot_reply_to_message", "cant_update_message",
        "channel_not_found", "edit_window_closed", "invalid_auth", "is_archived", "is_inactive",
        "message_not_found", "missing_scope", "no_permission", "not_allowed_token_type",
        "not_authed", "not_in_channel", "restricted_action", "team_access_not_granted",
        "thread_not_found", "token_expired", "token_revoked", "user_not_found",
        "user_not_in_channel", "user_not_visible",
    }
)  # fmt: skip
_BUSY = frozenset(
    {
        "fatal_error", "internal_error", "ratelimited", "rate_limited", "request_timeout",
        "service_unavailable", "team_added_to_org", "accesslimited",
    }
)  # fmt: skip
REVOKED = frozenset(
    {"account_inactive", "app_uninstalled", "invalid_auth", "not_authed", "token_revoked"}
)

# Bolt and the SDK get this logger: at DEBUG they would write whole bodies and messages.
LOGGER = logging.getLogger("assent.slack")


class WithoutBodies(logging.Filter):
    """Drops the records in which bolt and the SDK repeat what a request carried."""

    _MARKS = ("body:", "message_data", "Received message", "Sending a message", "payload")

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a record that holds a request's content."""
        if record.levelno <= logging.DEBUG:
            return False
        message = record.getMessage()
        return not any(mark in message for mark in self._MARKS)


class ConnectionRetry(AsyncConnectionErrorRetryHandler):
    """Tries again after a broken connection, unless the call may have posted a message."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        is_post = request.url.endswith(("chat.postMessage", "chat.postEphemeral"))
        return not is_post and await super()._can_retry_async(
            state=state, request=request, response=response, error=error
        )


class ShortRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits out a short rate limit within the call."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != 429:
            return False
        return _retry_after_seconds(response.headers) <= RATE_LIMIT_SECONDS_MAX


def make_client(slack: Slack) -> AsyncWebClient:
    """The client with the bot's token. Its session is opened and closed by the surface."""
    # The process's own level, but never DEBUG: below INFO whole messages would be written.
    LOGGER.setLevel(max(logging.INFO, logging.getLogger().level))
    if not any(isinstance(one, WithoutBodies) for one in LOGGER.filters):
        LOGGER.addFilter(WithoutBodies())
    return AsyncWebClient(
        token=slack.bot_token,
        base_url=slack.api_base,
        timeout=CALL_TIMEOUT_SECONDS,
        trust_env_in_session=False,
        retry_handlers=[
            ConnectionRetry(max_retry_count=RETRIES_MAX),
            ShortRateLimit(max_retry_count=RETRIES_MAX),
        ],
        logger=LOGGER,
    )


def make_session() -> aiohttp.ClientSession:
    """One pooled session for all calls of a client."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_SECONDS),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
    )


async def call(method: str, request: Awaitable[AsyncSlackResponse]) -> dict[str, Json]:
    """Slack's answer as a dict. Raises Gone, Busy or Refused, never an error of the SDK."""
    try:
        response = await request
    except SlackApiError as error:
        raise _typed(method, error) from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise Busy(
            f"Slack did not answer {method}; does this machine reach it?", "no_answer", BUSY_SECONDS
        ) from error
    except SlackClientError as error:
        raise Refused(f"Slack's client would not send {method}: {error}", "not_sent") from error
    data: Any = response.data
    if not isinstance(data, dict):
        raise Busy(f"Slack answered {method} with something unreadable", "unreadable", BUSY_SECONDS)
    return data


def _typed(method: str, error: SlackApiError) -> SurfaceError:
    response: Any = error.response
    data = getattr(response, "data", response)
    status = getattr(response, "status_code", getattr(response, "status", 0))
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if code in _BUSY or status == 429 or status >= 500 or not code:
        wait = _retry_after_seconds(getattr(response, "headers", None))
        return Busy(f"Slack cannot take {method} now ({code or status})", code or str(status), wait)
    if code in _GONE:
        return Gone(f"Slack says {code} to {method}: {_ADVICE.get(code, 'it is given up')}", code)
    return Refused(f"Slack refuses {method}: {code}", code)


_ADVICE = {
    "not_in_channel": "invite the app with /invite @Assent, then ask again",
    "channel_not_found": "invite the app with /invite @Assent, then ask again",
    "is_archived": "the channel is archived",
    "missing_scope": "install the app again from manifest.yml, it lacks a scope",
    "invalid_auth": "the bot token is not valid; set ASSENT_SLACK_BOT_TOKEN",
    "token_revoked": "the app was removed; install it again and set ASSENT_SLACK_BOT_TOKEN",
    "account_inactive": "the app was removed; install it again and set ASSENT_SLACK_BOT_TOKEN",
}


def _retry_after_seconds(headers: Any) -> float:
    for name, value in dict(headers or {}).items():
        if str(name).lower() == "retry-after":
            text = str(value[0] if isinstance(value, list) else value)
            if text.isdecimal():
                return min(float(text), 3_600.0)
    return BUSY_SECONDS
