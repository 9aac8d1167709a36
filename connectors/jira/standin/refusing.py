"""How Jira refuses: a status with `errorMessages` and, by field, `errors`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.conformance.in_a_thread import Answer, Request


class RefusedError(Exception):
    """One refusal of the stand-in."""

    def __init__(
        self,
        status: int,
        *messages: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, *messages)
        self.answer = Answer(
            status, {"errorMessages": list(messages), "errors": dict(errors or {})}, headers or {}
        )


def asked(request: Request, *allowed: str) -> Mapping[str, str]:
    """The query's parameters, of which there are no others and none twice."""
    found: dict[str, str] = {}
    for name, value in request.query:
        if name not in allowed or name in found:
            raise RefusedError(400, f"The query parameter '{name}' is unknown or given twice.")
        found[name] = value
    return found


def told(request: Request, *allowed: str) -> dict[str, Any]:
    """The JSON object of the body, with no other members."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise RefusedError(415, "Unsupported Media Type")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise RefusedError(400, "There was an error parsing JSON.") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "Invalid request payload. Refer to the REST API documentation.")
    if unknown := [name for name in body if allowed and name not in allowed]:
        raise RefusedError(400, f"Unrecognized field '{unknown[0]}'.")
    return body


def number(query: Mapping[str, str], name: str, default: int, maximum: int) -> int:
    """A whole number of the query within bounds."""
    value = query.get(name, str(default))
    if not value.isdigit():
        raise RefusedError(400, f"The parameter '{name}' is no number.")
    return min(int(value), maximum)
