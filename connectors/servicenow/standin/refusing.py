"""How an instance refuses: a status with a `message` and a `detail`."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.conformance.in_a_thread import Answer


class RefusedError(Exception):
    """One refusal of the stand-in."""

    def __init__(
        self, status: int, message: str, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message, detail)
        body = {"error": {"message": message, "detail": detail}, "status": "failure"}
        self.answer = Answer(status, body, headers or {})
