"""How the SDK sends: short waits, bounded answers, no repeats and nobody's netrc."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

from connectors.wire import ANSWER_BYTES_MAX, CONNECT_SECONDS

if TYPE_CHECKING:
    import requests


CHUNK_BYTES = 65_536  # that are read at once


class AnswerTooLongError(ValueError):
    """More than ANSWER_BYTES_MAX."""


class AnswerTooSlowError(ValueError):
    """It came byte by byte, and was not there in time."""


def bounded_session(read_seconds: float) -> requests.Session:
    """The session to give to the SDK, whose own time-out is one number and whose answers have no
    bound."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPResponse

    class Bounded(HTTPAdapter):
        def send(
            self, request: requests.PreparedRequest, *_: Any, **options: Any
        ) -> requests.Response:
            options |= {"stream": True, "timeout": (CONNECT_SECONDS, read_seconds)}
            answer = super().send(request, **options)
            try:
                said = _read(answer.raw, time.monotonic() + read_seconds)
            finally:
                answer.raw.release_conn()
            answer.raw = HTTPResponse(
                io.BytesIO(said), status=answer.status_code, preload_content=False
            )
            return answer

    http = requests.Session()
    http.trust_env = False  # neither a proxy nor ~/.netrc of the machine gets at the secret
    for scheme in ("https://", "http://"):
        http.mount(scheme, Bounded(max_retries=0))
    return http


def _read(raw: Any, until: float) -> bytes:
    """The whole body, if it is neither too long nor too late on the clock of time.monotonic."""
    said = bytearray()
    while chunk := raw.read1(CHUNK_BYTES, decode_content=True):
        said += chunk
        if len(said) > ANSWER_BYTES_MAX:
            raise AnswerTooLongError(f"an answer of more than {ANSWER_BYTES_MAX:,} bytes")
        if time.monotonic() > until:
            raise AnswerTooSlowError("an answer that does not end")
    return bytes(said)
