"""How requests leave for Salesforce: bounded in time and size, never redirected, never repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from connectors.wire import ANSWER_BYTES_MAX, CONNECT_SECONDS, READ_SECONDS


class TooLargeError(requests.exceptions.ContentDecodingError):
    """The answer has more bytes than are read."""


class Carrier(HTTPAdapter):
    """Keeps the headers of the last answer, which the SDK's errors leave out. Where the address is
    `http`, which only one on loopback may be, what the SDK writes as `https` goes there."""

    last_headers: Mapping[str, str] = {}

    def __init__(self, *, is_plain: bool) -> None:
        super().__init__(max_retries=0)
        self._is_plain = is_plain

    def send(  # type: ignore[override]  # requests declares more arguments, all passed by name
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """One request and its whole answer. Raises what requests raises."""
        self.last_headers = {}
        if self._is_plain and request.url:
            request.url = request.url.replace("https://", "http://", 1)
        options.update(timeout=(CONNECT_SECONDS, READ_SECONDS), stream=True)
        answer = super().send(request, **options)
        content = answer.raw.read(ANSWER_BYTES_MAX + 1, decode_content=True)
        if len(content) > ANSWER_BYTES_MAX:
            answer.close()
            raise TooLargeError("the answer is too large")
        answer._content, answer._content_consumed = content, True
        self.last_headers = dict(answer.headers)
        return answer


def sending(*, is_plain: bool) -> tuple[requests.Session, Carrier]:
    """A session that knows no password file and no cookie, and its carrier."""
    session, carrier = requests.Session(), Carrier(is_plain=is_plain)
    session.mount("https://", carrier)
    session.mount("http://", carrier)
    session.auth = _as_it_is  # otherwise ~/.netrc would replace the token
    return session, carrier


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
