"""The rules divide a request only where each clause is a whole plan by itself."""

from __future__ import annotations

from typing import Any

import pytest

from bot.planner.planner import Asked
from bot.planner.rules import RulesPlanner
from bot.planner.team.clauses import clauses
from tests.bot.planner.desk_orders import find

CANCEL, REFUND = "cancel order 1066, ordered twice", "refund $20 on order 1043, damaged"
MOVE = "ship order 1066 to 12 Main St, Springfield, 62704, US"


def parts(text: str, workflows: Any) -> list[tuple[str, str]]:
    asked = Asked(text, workflows, find)
    return [(part.name, part.words) for part in clauses(asked, RulesPlanner())]


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        (f"{CANCEL}, and {REFUND}", ["cancel-order", "refund"], [CANCEL, REFUND]),
        (f"{CANCEL}. Also {REFUND}!", ["cancel-order", "refund"], [CANCEL, REFUND]),
        (f"{REFUND}\nthen {MOVE}", ["refund", "change-address"], [REFUND, MOVE]),
        (f"{REFUND}, and please {MOVE}.", ["refund", "change-address"], [REFUND, MOVE]),
        (
            f"hi team, could you {CANCEL} and {REFUND}? thanks",
            ["cancel-order", "refund"],
            [f"hi team, could you {CANCEL}", f"{REFUND}?"],
        ),
        (
            f"{CANCEL} https://a.example/1 and {REFUND} (https://b.example/2), https://c.example",
            ["cancel-order", "refund"],
            [
                f"{CANCEL} https://a.example/1",
                f"{REFUND} (https://b.example/2), https://c.example",
            ],
        ),
    ],
)
def test_whole_clauses_are_parts(
    workflows: Any, text: str, names: list[str], words: list[str]
) -> None:
    found = parts(text, workflows)
    assert [name for name, _ in found] == names
    assert [said.rstrip("?") for _, said in found] == [each.rstrip("?") for each in words]


@pytest.mark.parametrize(
    "text",
    [
        f"cancel order 1066 and {REFUND}",  # whose reason?
        f"{CANCEL} and refund $20, damaged",  # of which order?
        f"{CANCEL}, and make it right with $20 on order 1043",
        f"{CANCEL}, $10, and {REFUND}",
        f"{CANCEL}, and {REFUND}, for 1051 too",
        f"{CANCEL}, and refund $20 on order 1043 or 1051, damaged",
        f"either {CANCEL}, or {REFUND}",
        f"{CANCEL}, and don't {REFUND}",
        f"{CANCEL}, and {REFUND} unless it shipped",
        f"{CANCEL}, and she wrote “please {REFUND} today”",
        f"{CANCEL}, and {REFUND}. She wrote “only the one thing please”",
        "cancel and refund order 1066, ordered twice",
        f"{CANCEL} and for order 1043 refund $20, damaged",
        ", ".join([CANCEL, REFUND, MOVE, REFUND, MOVE]),
        CANCEL,
        "",
    ],
)
def test_what_is_not_certain_is_not_divided(workflows: Any, text: str) -> None:
    assert parts(text, workflows) == []
