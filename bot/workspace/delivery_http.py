"""Signed HTTP: we call the bot's request URL as Slack does, and wait 3 s."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import aiohttp

from bot.workspace.delivery import Ack, Envelope
from bot.workspace.payloads import VERIFICATION_TOKEN
from bot.workspace.wire import compact, object_from

# Ours: the most of an answer that is read.
ANSWER_BYTES = 256 * 1024
_FORM = "application/x-www-form-urlencoded"


class HttpDelivery:
    """Posts envelopes to one request URL, signed with the app's secret."""

    def __init__(
        self,
        request_url: str,
        signing_secret: str,
        ack_timeout_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._url = request_url
        self._secret = signing_secret
        self._clock = clock
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ack_timeout_seconds), trust_env=False
        )

    async def deliver(self, envelope: Envelope) -> Ack:
        """One signed request; 2xx within the time is the acknowledgement."""
        if envelope.kind == "events_api":
            body, content_type = compact(envelope.payload), "application/json"
        elif envelope.kind == "interactive":
            body, content_type = urlencode({"payload": compact(envelope.payload)}), _FORM
        else:
            body, content_type = urlencode(envelope.payload), _FORM
        headers = {"Content-Type": content_type}
        if envelope.attempt:
            headers["X-Slack-Retry-Num"] = str(envelope.attempt)
            headers["X-Slack-Retry-Reason"] = envelope.retry_reason
        return await self._post(body.encode(), headers)

    async def wait_ready(self) -> None:
        """Always: whether somebody is there shows when we call."""

    async def verify_url(self) -> Ack:
        """The url_verification handshake; not ok when the challenge does not come back."""
        challenge = secrets.token_hex(16)
        body = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        ack = await self._post(compact(body).encode(), {"Content-Type": "application/json"})
        echoed = ack.body.get("challenge") if isinstance(ack.body, dict) else ack.body
        if ack.is_ok and echoed != challenge:
            return Ack(is_ok=False, reason="challenge_failed")
        return ack

    async def ssl_check(self) -> Ack:
        """Slack's occasional check of the certificate."""
        form = urlencode({"ssl_check": "1", "token": VERIFICATION_TOKEN})
        return await self._post(form.encode(), {"Content-Type": _FORM})

    async def close(self) -> None:
        """Let the connections go."""
        await self._session.close()

    async def _post(self, body: bytes, headers: dict[str, str]) -> Ack:
        timestamp = str(int(self._clock()))
        headers = {
            **headers,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as response:
                content = await response.content.read(ANSWER_BYTES)
                is_final = response.headers.get("X-Slack-No-Retry") == "1"
                if not 200 <= response.status < 300:
                    return Ack(is_ok=False, reason="http_error", is_final=is_final)
                return Ack(is_ok=True, body=_answer(content, response.content_type))
        except TimeoutError:
            return Ack(is_ok=False, reason="http_timeout")
        except aiohttp.ClientError:
            return Ack(is_ok=False, reason="connection_failed")


def signature(signing_secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature over a body (docs.slack.dev/authentication/verifying-requests)."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()


def _answer(content: bytes, content_type: str) -> dict[str, object] | str | None:
    if not content:
        return None
    if content_type == "application/json":
        try:
            return object_from(content)
        except ValueError:
            return None
    return content.decode(errors="replace")
