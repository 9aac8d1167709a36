"""What a run's ledger entries say happened, as one word or two each: what the rules of order are
about."""

from __future__ import annotations

from collections.abc import Iterable

from evals.stories.second_opinion import UNDO
from store.ledger.search import LedgerEntry
from store.model.entry import Kind

_NAMED = {
    Kind.QUESTION: "slot",
    Kind.ANSWER: "slot",
    Kind.READ: "call",
    Kind.DECISION: "effect",
    Kind.APPROVAL: "verdict",
    Kind.REFUSAL: "of",
    Kind.OUTCOME: "outcome",
    Kind.INTENT: "step",
    Kind.RESULT: "step",
    Kind.COMPENSATION: "step",
}


def told(entries: Iterable[LedgerEntry]) -> tuple[str, ...]:
    """One text for each entry, oldest first.

    request, question SLOT, answer SLOT, read NAME, model, handoff, plan, decision EFFECT
    approval VERDICT, withdrawal, edit, refusal OF, outcome OUTCOME, and any other kind
    intent STEP, undoing STEP     a call is about to be made
    written STEP, unwritten STEP  the system answered, or did not write
    undone STEP, stuck STEP
    """
    return tuple(" ".join(_words(entry)) for entry in entries)


def _words(entry: LedgerEntry) -> tuple[str, ...]:
    data = entry.data
    match entry.kind:
        case Kind.INTENT:
            word = "undoing" if str(data.get("key", "")).endswith(UNDO) else "intent"
        case Kind.RESULT:
            word = "written" if "result" in data else "unwritten"
        case Kind.COMPENSATION:
            word = "undone" if "key" in data else "stuck"
        case _:
            word = entry.kind.value
    named = _NAMED.get(entry.kind)
    return (word, str(data.get(named, ""))) if named else (word,)
