"""The loop of an execution, whoever records its calls: forward, again, back, stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.executing import execute
from bot.retry import Tried

ON, BACK, STOP = ({"next": what} for what in ("on", "back", "stop"))


class Script:
    """Steps that answer as written and remember what was called."""

    def __init__(self, count: int, answers: Mapping[str, list[dict[str, Any]]]) -> None:
        self.count, self.answers = count, {k: list(v) for k, v in answers.items()}
        self.called: list[str] = []

    def begin(self, run_id: str, digest: str) -> int:
        self.called.append(f"begin {run_id} {digest}")
        return self.count

    def perform(self, _run_id: str, index: int, tried: Tried) -> dict[str, Any]:
        return self._answer(f"do {index}", tried)

    def take_back(self, _run_id: str, index: int, tried: Tried) -> dict[str, Any]:
        return self._answer(f"undo {index}", tried)

    def settle(self, _run_id: str) -> None:
        self.called.append("settle")

    def _answer(self, what: str, tried: Tried) -> dict[str, Any]:
        self.called.append(f"{what} {tried.attempt} {tried.waited_seconds:g}")
        left = self.answers.get(what, [])
        return left.pop(0) if left else ON


def again(seconds: float) -> dict[str, Any]:
    return {"next": "again", "after_seconds": seconds}


@pytest.mark.parametrize(
    ("answers", "called", "slept", "ended"),
    [
        ({}, ["do 0 1 0", "do 1 1 0", "settle"], [], "settled"),
        (
            {"do 0": [again(0.4), again(2)]},
            ["do 0 1 0", "do 0 2 0.4", "do 0 3 2.4", "do 1 1 0", "settle"],
            [0.4, 2],
            "settled",
        ),
        (
            {"do 1": [BACK], "undo 0": [again(1)]},
            ["do 0 1 0", "do 1 1 0", "undo 1 1 0", "undo 0 1 0", "undo 0 2 1", "settle"],
            [1],
            "settled",
        ),
        ({"do 0": [STOP]}, ["do 0 1 0"], [], "stopped"),
        (
            {"do 1": [BACK], "undo 1": [STOP]},
            ["do 0 1 0", "do 1 1 0", "undo 1 1 0"],
            [],
            "stopped",
        ),
    ],
)
def test_steps_are_performed_in_order_and_taken_back_in_reverse(
    answers: Mapping[str, list[dict[str, Any]]], called: list[str], slept: list[float], ended: str
) -> None:
    steps, waits = Script(2, answers), list[float]()
    assert execute(steps, "R-1", "abc", waits.append) == ended
    assert steps.called == ["begin R-1 abc", *called]
    assert waits == slept


def test_what_is_not_to_be_done_any_more_is_not_settled() -> None:
    steps = Script(0, {})
    assert execute(steps, "R-1", "abc", lambda _: None) == "settled"
    assert steps.called == ["begin R-1 abc"]
