"""What crosses the wire: JSON objects, and errors by Slack's own names."""

import json
from typing import Any

# JSON has no static type; its shape is checked where it enters.
Json = dict[str, Any]


class SlackError(Exception):
    """A Web API call that Slack answers with `{"ok": false, "error": name, ...extra}`."""

    def __init__(self, name: str, **extra: Any) -> None:
        super().__init__(name)
        self.name = name
        self.extra = extra


class Refused(Exception):  # noqa: N818  # a person is refused; nothing broke
    """Something the workspace will not do for a person; the message says why and what to do."""

    def __init__(
        self, message: str, status: int = 400, errors: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.errors = errors or {}


def compact(value: object) -> str:
    """JSON in its shortest form, with characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def object_from(raw: str | bytes) -> Json:
    """The JSON object in `raw`; ValueError when it is anything else or no valid Unicode."""
    value = value_from(raw)
    if not isinstance(value, dict):
        raise ValueError("the body is not a JSON object")  # noqa: TRY004  # bad data, not a bad call
    return value


def value_from(raw: str | bytes) -> object:
    """The JSON value in `raw`; ValueError when it is none, or no valid Unicode."""
    try:
        value: object = json.loads(raw, parse_constant=_no_number)
        compact(value).encode()  # lone surrogates would fail later, inside the database
    except RecursionError as error:
        raise ValueError("the body is nested too deeply") from error
    return value


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


class ClientError(Exception):
    """Something that the terminal client cannot do; the message says why and what to do."""


class RedrawnError(ClientError):
    """What was to be used has been drawn anew since it was looked at; nothing was done."""
