"""How a call of Google's SDK goes over the wire: once, bounded, each failure of the tree.

The SDK builds the requests; it does not send them. Its own transport (httplib2) sends a request
again by itself when a line breaks, a write too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import wire
from connectors.errors import Rejected
from connectors.trusted import authorities

if TYPE_CHECKING:
    from httpx2 import Client, Response

# Refusals with status 403 that only mean "later" (Directory API, "Limits and quotas").
_BUSY = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}
)
# Without a Retry-After Google asks for exponential back-off from one second on (ibidem); its quotas
# are counted by the minute.
BUSY_SECONDS = 60


class NotFoundError(Rejected):
    """Google has no such record, or none for this account."""


@dataclass(frozen=True)
class Answered:
    """An answer as google-auth reads it; a success, or a refusal of the token's endpoint."""

    status: int
    headers: Mapping[str, str]
    data: bytes


@dataclass(frozen=True)
class Sender:
    """What the SDK takes for its `http`, for one call."""

    client: Client = field(repr=False)
    peer: wire.Peer
    call: wire.Call
    token: str = field(default="", repr=False)

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_kwargs: Any,
    ) -> tuple[Any, bytes]:
        """One request under the session's token. Raises of the tree."""
        from httplib2 import Response as HttpResponse

        asked = {**(headers or {}), "authorization": f"Bearer {self.token}"}
        answer = sent(self, uri, method, body, asked)
        if answer.status >= 300:
            raise self._refusal(answer)
        return HttpResponse({**answer.headers, "status": str(answer.status)}), answer.data

    def _refusal(self, answer: Answered) -> Exception:
        message, reasons = _complaint(answer.data)
        status, headers = answer.status, dict(answer.headers)
        if status == 403 and reasons & _BUSY:
            status = 429
        if status == 429:
            headers.setdefault("retry-after", str(BUSY_SECONDS))
        refusal = wire.answered(self.peer, self.call, status, headers, message)
        if status == 404:
            return NotFoundError(refusal.message, next_step=refusal.next_step)
        return refusal


@dataclass(frozen=True)
class TokenRequest:
    """What google-auth takes for its transport. What is not a plain refusal of the key is raised
    here: google-auth would wait and ask again."""

    sender: Sender

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_kwargs: Any,
    ) -> Answered:
        answer = sent(self.sender, url, method, body, headers or {})
        if answer.status == 429 or answer.status >= 500:
            raise wire.answered(self.sender.peer, self.sender.call, answer.status, answer.headers)
        return answer


def new_client() -> Client:
    """A client without anything of the machine's surroundings, following no redirect."""
    from httpx2 import Client, Limits, Timeout

    return Client(
        headers={"Accept-Encoding": "identity"},
        timeout=Timeout(wire.READ_SECONDS, connect=wire.CONNECT_SECONDS),
        limits=Limits(max_connections=2),
        follow_redirects=False,
        trust_env=False,
        verify=authorities(),
    )


def sent(
    sender: Sender, url: str, method: str, body: str | bytes | None, headers: Mapping[str, str]
) -> Answered:
    """One answer, whatever its status. Raises of the tree where there is none."""
    from httpx2 import HTTPError, InvalidURL, StreamError

    kept = {
        k: v for k, v in headers.items() if k.lower() not in ("content-length", "accept-encoding")
    }
    try:
        with sender.client.stream(method, url, content=body, headers=kept) as response:
            data = _bounded(sender, response)
    except (HTTPError, InvalidURL, StreamError, OSError) as error:
        raise wire.broke_off(sender.peer, sender.call, error) from None
    told = {name.lower(): value for name, value in response.headers.items()}
    return Answered(int(response.status_code), told, data)


def _bounded(sender: Sender, response: Response) -> bytes:
    deadline, data = time.monotonic() + wire.READ_SECONDS, bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > wire.ANSWER_BYTES_MAX or time.monotonic() > deadline:
            raise wire.unreadable(sender.peer, sender.call, "it is too long or too slow")
    return bytes(data)


def _complaint(data: bytes) -> tuple[str, frozenset[str]]:
    """Google's message and the reasons of an error."""
    try:
        error = json.loads(data)["error"]
        reasons = frozenset(str(each.get("reason")) for each in error.get("errors") or ())
        return str(error["message"]), reasons
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return "", frozenset()
