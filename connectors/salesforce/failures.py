"""Salesforce's error codes as the error tree, where they say more than their HTTP status.

Codes: "REST API Developer Guide", Status Codes and Error Responses; "SOAP API Developer Guide",
ExceptionCode and StatusCode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import ConnectorError, Unavailable
from connectors.wire import NOTHING_WRITTEN, Call, Peer, answered

ROW_LOCK_SECONDS = 5.0  # Salesforce itself waits ten for a lock before it says so
LIMIT_SECONDS = 900  # of the calls of the last 24 hours some run out within a quarter of an hour

_AS_STATUS: Mapping[str, int] = {
    "INVALID_SESSION_ID": 401,
    "INVALID_AUTH_HEADER": 401,
    "REQUEST_LIMIT_EXCEEDED": 429,
    "API_DISABLED_FOR_ORG": 403,
    "API_CURRENTLY_DISABLED": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": 403,
    "INSUFFICIENT_ACCESS": 403,
    "ENTITY_IS_DELETED": 410,
    "NOT_FOUND": 404,
    "INVALID_CROSS_REFERENCE_KEY": 404,
    "SERVER_UNAVAILABLE": 503,
    "ENTITY_IS_LOCKED": 400,  # in an approval process: no conflict, waiting does not help
}
_NOT_NOW = frozenset({"UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "TXN_SECURITY_METERING_ERROR"})


def failure(
    peer: Peer, call: Call, status: int, headers: Mapping[str, str], content: object
) -> ConnectorError:
    """The error for an answer of Salesforce's API that is no success."""
    code, said = code_of(content), _message(content)
    if code in _NOT_NOW:
        return Unavailable(
            f"Salesforce is at work on {call.subject} for somebody else{peer.says(said)}.",
            next_step=f"{NOTHING_WRITTEN}; it will be tried again.",
            retry_after_seconds=ROW_LOCK_SECONDS,
        )
    as_status = _AS_STATUS.get(code, status)
    if as_status == 429 and not any(name.lower() == "retry-after" for name in headers):
        headers = {**headers, "Retry-After": str(LIMIT_SECONDS)}
    return answered(peer, call, as_status, headers, said)


def code_of(content: object) -> str:
    """The errorCode, "" where there is none."""
    return str(_first(content).get("errorCode", ""))


def _message(content: object) -> str:
    first = _first(content)
    names = first.get("fields")
    fields = f" ({', '.join(map(str, names))})" if isinstance(names, list) and names else ""
    return f"{first.get('message', '')}{fields}"


def _first(content: object) -> Mapping[str, Any]:
    each = content[0] if isinstance(content, list) and content else content
    return each if isinstance(each, Mapping) else {}
