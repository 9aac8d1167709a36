"""A story as it is read beside another one: what people did, what Assent did, what it said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.cards.phrases import say
from evals.stories.story import Moment
from evals.stories.trace import Event, EventKind
from store.ledger import LedgerEntry
from store.model.entry import Kind
from store.model.values import Json

KINDS: dict[Kind, EventKind] = {
    Kind.QUESTION: "asked",
    Kind.PLAN: "shown",
    Kind.READ: "read",
    Kind.MODEL: "model",
    Kind.HANDOFF: "handoff",
    Kind.INTENT: "intent",
    Kind.RESULT: "result",
    Kind.COMPENSATION: "undone",
    Kind.OUTCOME: "settled",
}
# What differs from one machine to the next, or is only understood beside the store.
LEFT_OUT = frozenset({"latency_milliseconds", "digest", "key", "result", "prompt"})


def events(
    moments: Iterable[tuple[Moment, tuple[str, ...]]], entries: Iterable[LedgerEntry]
) -> Iterator[Event]:
    """What happened, each with what Assent did of it and then said."""
    told = sorted((e for e in entries if e.kind in KINDS), key=lambda e: e.seq)
    for moment, said in moments:
        yield Event(kind=moment.kind, who=moment.who, text=moment.text, data={"verb": moment.verb})
        for entry in told:
            if moment.entries_before < entry.seq <= moment.entries_after:
                data = {name: value for name, value in entry.data.items() if name not in LEFT_OUT}
                yield Event(kind=KINDS[entry.kind], who="assent", text=_text(entry), data=data)
        yield from (Event(kind="replied", who="assent", text=text) for text in said)


def _text(entry: LedgerEntry) -> str:
    """One line of one entry."""
    data = entry.data
    match entry.kind:
        case Kind.QUESTION:
            return str(entry.sensitive.get("text", data["slot"]))
        case Kind.PLAN:
            return ", ".join(f"{step['operation']}({_params(step)})" for step in data["steps"])
        case Kind.MODEL:
            return f"{data.get('model', '')}: {data.get('stop_reason', '')}"
        case Kind.OUTCOME:
            return f"{data['outcome']}: {entry.sensitive.get('note', '')}".removesuffix(": ")
        case _:
            named = (data.get(name) for name in ("call", "step", "outcome"))
            return str(next((name for name in named if name), ""))


def _params(step: Json) -> str:
    return ", ".join(f"{name}: {say(value)}" for name, value in step["params"].items())
