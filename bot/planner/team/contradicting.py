"""Parts of one request that contradict each other are shown to nobody: the requester says which one
is left out. Never decided by anything else, and the ledger keeps that it was asked."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.phrases import spaced
from bot.joint.conflicts import Conflict
from bot.planner.planner import PART_SLOT, Ask, Draft
from bot.planner.team.joining import described
from store.model.entry import Entry, Kind
from store.model.run import Question


def question(draft: Draft, conflict: Conflict, titles: Mapping[str, str]) -> Ask:
    """Which of two parts is to be left out; `titles` are those of the workflows."""
    both = [p for p in draft.parts if p.name in {conflict.first, conflict.second}]
    said = [described(part, titles) for part in both]
    text = (
        f"{' and '.join(said)} change the {spaced(conflict.field)} of {conflict.resource}, each in"
        " its own way. Which one shall I leave out?"
    )
    choices = tuple((part.name, words) for part, words in zip(both, said, strict=True))
    asked = Question(slot=PART_SLOT, text=text, choices=choices)
    return Ask(draft.workflow, asked, draft.plan.slots, draft.parts)


def entry(run_id: str, conflict: Conflict) -> Entry:
    """What the ledger keeps of it."""
    return Entry(
        kind=Kind.HANDOFF,
        run_id=run_id,
        actor="assent",
        data={
            "outcome": "conflict",
            "between": [conflict.first, conflict.second],
            "resource": conflict.resource,
            "field": conflict.field,
        },
    )
