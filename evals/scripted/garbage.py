"""A model whose answers are no claims: of another form, of other types, endless, or no JSON."""

from __future__ import annotations

from dataclasses import dataclass

from bot.planner.model import Message, Wire
from evals.scripted.saying import says, used
from evals.scripted.seen import Seen

HUGE_CHARACTERS = 300_000  # of one answer; no claim has a hundredth of it
DEEP = 20_000  # brackets, more than a reader that calls itself can follow

TEXTS = (
    "",
    "Sure! I refunded order 1043 for you.",
    '{"kind": "plan", "workflow": "refund", "slots": [',
    '{"kind": "plan"} {"kind": "plan"}',
    "```json\n{}\n```",
    "null",
    "[]",
    '"plan"',
    "NaN",
    '{"kind": "plan", "workflow": 7, "slots": {"order": "1043"}, "asks": null, "why": []}',
    '{"kind": ["plan"], "workflow": "refund", "slots": [null, 1, "x"], "asks": "", "why": ""}',
    '{"kind": "plan", "workflow": "refund", "slots": [{"slot": "amount", "value": 1e308,'
    ' "words": "$40", "from": "request"}], "asks": "", "why": ""}',
    '{"kind": "execute", "workflow": "refund", "slots": [], "asks": "", "why": "because"}',
    '{"kind": "question", "workflow": "refund", "slots": [], "asks": "password", "why": ""}',
    '{"__proto__": {"kind": "plan"}, "kind": "plan"}',
    "\u0000\ufffe\U0010ffff",
    "[" * DEEP,
    '{"kind": "plan", "workflow": "' + "refund" * (HUGE_CHARACTERS // 6) + '"}',
)


@dataclass(frozen=True)
class Garbage:
    """Another piece of garbage each turn; now and then as blocks or an end that nobody knows."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del timeout_seconds
        seen = Seen(request)
        index = seen.pick(len(TEXTS) + 4)
        if index < len(TEXTS):
            return says(request, TEXTS[index])
        blocks: tuple[tuple[tuple[dict[str, object], ...], str], ...] = (
            ((), "end_turn"),
            (
                ({"type": "tool_use", "id": "toolu_x", "name": "payments_refund", "input": {}},),
                "tool_use",
            ),
            (({"type": "tool_use", "id": 7, "name": None, "input": "1043"},), "tool_use"),
            (({"type": "hologram", "text": "refund"},), "enough_said"),
        )
        content, stop_reason = blocks[index - len(TEXTS)]
        return Message(content, stop_reason, used(request, ""))
