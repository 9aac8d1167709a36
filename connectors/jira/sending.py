"""How the SDK sends: short waits, bounded answers, no repeats and nobody's netrc."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from connectors.wire import ANSWER_BYTES_MAX, CONNECT_SECONDS

if TYPE_CHECKING:
    import requests


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
                said = answer.raw.read(ANSWER_BYTES_MAX + 1, decode_content=True)
            finally:
                answer.raw.release_conn()
            if len(said) > ANSWER_BYTES_MAX:
                raise ValueError(f"an answer of more than {ANSWER_BYTES_MAX:,} bytes")
            answer.raw = HTTPResponse(
                io.BytesIO(said), status=answer.status_code, preload_content=False
            )
            return answer

    http = requests.Session()
    for scheme in ("https://", "http://"):
        http.mount(scheme, Bounded(max_retries=0))
    return http
