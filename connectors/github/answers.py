"""What GitHub refuses, as the tree: rate limits, lost permissions, renamed repositories.

Rate limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConnectorError
from connectors.wire import Call, Peer, answered

SECONDARY_WAIT_SECONDS = 60  # "otherwise, wait for at least one minute before retrying"
ERRORS_SHOWN_MAX = 3  # of the list that comes with a 422
MOVED_HEADER = "x-assent-moved-to"  # where a redirection points that is not followed

_LIMIT_WORDS = ("rate limit", "abuse detection", "please wait a few minutes")


@dataclass(frozen=True)
class Answer:
    """One answer. `body` is parsed JSON, None where there was none; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def said(self) -> str:
        """GitHub's message with the reasons it gives."""
        if not isinstance(self.body, dict):
            return ""
        errors = self.body.get("errors")
        reasons = [_reason(e) for e in errors] if isinstance(errors, list) else []
        shown = [r for r in reasons if r][:ERRORS_SHOWN_MAX]
        return "; ".join([str(self.body.get("message", "")), *shown])


def refused(peer: Peer, call: Call, answer: Answer) -> ConnectorError:
    """The error for an answer that is no success."""
    if answer.status in (403, 429) and _is_rate_limit(answer):
        return answered(peer, call, 429, _with_wait(answer.headers), answer.said)
    return answered(peer, call, answer.status, answer.headers, answer.said + _hint(answer))


def dumped(body: object) -> str:
    """As it is sent."""
    return json.dumps(body, separators=(",", ":"))


def _is_rate_limit(answer: Answer) -> bool:
    if answer.status == 429 or "retry-after" in answer.headers:
        return True
    if answer.headers.get("x-ratelimit-remaining") == "0":
        return True
    return any(words in answer.said.lower() for words in _LIMIT_WORDS)


def _with_wait(headers: Mapping[str, str]) -> Mapping[str, str]:
    """`x-ratelimit-reset` is the primary limit's, which counts only when that is used up."""
    if "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0":
        return headers
    return {**headers, "retry-after": str(SECONDARY_WAIT_SECONDS)}


def _hint(answer: Answer) -> str:
    """What GitHub says in headers of a refusal, in words."""
    if needed := answer.headers.get("x-accepted-github-permissions"):
        return f" (it needs {needed})"
    if answer.status == 403 and "x-github-sso" in answer.headers:
        return " (authorize the token for the organization's single sign-on)"
    return ""


def _reason(error: object) -> str:
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    said = error.get("message") or " ".join(
        str(error[k]) for k in ("resource", "field", "code") if k in error
    )
    return str(said)
