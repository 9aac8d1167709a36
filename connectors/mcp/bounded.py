"""The HTTP client that the SDK is given: one secret, our time-outs, no answer without an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors import wire
from connectors.trusted import authorities

if TYPE_CHECKING:
    import httpx2


@dataclass
class Seen:
    """What went wrong on the wire last: the SDK tells its callers that something did, not what."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Exception | None = None

    def clear(self) -> None:
        """Before every call."""
        self.status, self.headers, self.error = 0, {}, None


def bounded_client(secret: str, seen: Seen) -> httpx2.AsyncClient:
    """A client of its own for one session, that notes in `seen` what failed."""
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        """An answer's bytes, up to the bound."""

        def __init__(self, stream: httpx2.AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            count = 0
            async for piece in self._stream:
                count += len(piece)
                if count > wire.ANSWER_BYTES_MAX:
                    seen.error = httpx2.ReadError("the answer is too long")
                    raise seen.error
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    class Transport(httpx2.AsyncHTTPTransport):
        """Every answer bounded, and every failure noted."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            try:
                response = await super().handle_async_request(request)
            except httpx2.HTTPError as error:
                seen.error = error
                raise
            if response.status_code >= 300:
                seen.status, seen.headers = response.status_code, dict(response.headers)
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = Bounded(response.stream)
            return response

    headers = {"Accept-Encoding": "identity", "User-Agent": "assent"}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    return httpx2.AsyncClient(
        headers=headers,
        timeout=httpx2.Timeout(wire.READ_SECONDS, connect=wire.CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        transport=Transport(verify=authorities()),
    )
