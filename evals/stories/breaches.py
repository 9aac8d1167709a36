"""What is wrong with the writes that ledger entries tell of, in sentences. Empty for a story in
which each write was allowed, consented to, as signed, on the state that was shown, and once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from evals.stories.second_opinion import UNDO, Story, is_consented
from store.ledger.search import LedgerEntry
from store.model.decision import Effect
from store.model.entry import Kind

DIGITS_SHOWN = 6  # of a plan digest, as on cards


def breaches(entries: Sequence[LedgerEntry], outsiders: Collection[str] = ()) -> tuple[str, ...]:
    """Every breach, in the order of the entries, each run by itself. `outsiders` are person ids
    (guests, bots) whose approval counts never."""
    of_runs = sorted((e for e in entries if e.run_id), key=lambda e: (e.run_id, e.seq))
    return tuple(
        said
        for _, told in groupby(of_runs, key=lambda e: e.run_id)
        for said in _Witness(frozenset(outsiders)).listen(list(told))
    )


@dataclass
class _Witness:
    """What one run did so far, beside its story."""

    outsiders: frozenset[str]
    story: Story = field(default_factory=Story)
    read: dict[tuple[str, str], LedgerEntry] = field(default_factory=dict)  # call, resource
    planned_at_seq: int = 0
    intended: set[str] = field(default_factory=set)  # keys with an intent
    written: set[str] = field(default_factory=set)  # keys that were answered
    ended: str = ""
    is_cancelled: bool = False

    def listen(self, entries: Sequence[LedgerEntry]) -> Iterator[str]:
        for entry in entries:
            yield from self._judge(entry)
            self.story.hear(entry)
            self._remember(entry)

    def _judge(self, entry: LedgerEntry) -> Iterator[str]:
        match entry.kind:
            case Kind.APPROVAL if entry.data["verdict"] == "approve":
                yield from self._approval(entry)
            case Kind.INTENT if not entry.data["key"].endswith(UNDO):
                yield from self._intent(entry)
            case Kind.RESULT if "result" in entry.data:
                yield from self._result(entry)
            case Kind.COMPENSATION if "key" in entry.data:
                key = str(entry.data["key"])
                if key not in self.intended:
                    yield f"{_what(entry)} was taken back without an intent before it"
                if key.removesuffix(UNDO) not in self.intended:
                    yield f"{_what(entry)} was taken back and had never been begun"

    def _remember(self, entry: LedgerEntry) -> None:
        data = entry.data
        match entry.kind:
            case Kind.PLAN:
                self.planned_at_seq = entry.seq
            case Kind.READ if "resource" in data:
                self.read[data["call"], data["resource"]] = entry
            case Kind.INTENT:
                self.intended.add(data["key"])
            case Kind.RESULT if "result" in data:
                self.written.add(data["key"])
            case Kind.OUTCOME:
                self.ended = str(data["outcome"])
            case Kind.APPROVAL if data["verdict"] == "cancel":
                self.is_cancelled = True

    def _approval(self, entry: LedgerEntry) -> Iterator[str]:
        who, data = entry.actor, entry.data
        if who == self.story.requester:
            yield f"{who}, who asked, was counted as an approver"
        elif who in self.story.editors:
            yield f"{who}, who changed the values, was counted as an approver"
        elif who in self.outsiders:
            yield f"{who}, who is no member, was counted as an approver"
        elif not data["roles"] and not data.get("stands_in"):
            yield f"{who} was counted as an approver without any role"
        if data["digest"] != self.story.digest:
            yield f"{who} was counted as an approver of another plan than the one that is shown"

    def _intent(self, entry: LedgerEntry) -> Iterator[str]:
        what, key = _what(entry), str(entry.data["key"])
        if self.ended:
            yield f"{what} was begun after the run had ended as {self.ended}"
        if self.is_cancelled and key not in self.intended:
            yield f"{what} was begun after the requester had cancelled"
        if key in self.written:
            yield f"{what} was begun again after it had been written, under the key {key}"
        yield from self._decided(entry)
        step = self._step(entry)
        if step is None:
            yield f"{what} is no step of the plan {self.story.digest[:DIGITS_SHOWN]}"
            return
        yield from self._as_shown(entry, str(step["operation"]))

    def _decided(self, entry: LedgerEntry) -> Iterator[str]:
        what, write = _what(entry), self.story.write(entry)
        if not write.effect:
            yield f"{what} was begun without a decision on its plan"
            return
        if Effect.DENIED in (write.effect, *write.step_effects):
            yield f"{what} was begun although policy denied the plan"
        if len(write.step_effects) != len(self.story.steps):
            yield f"{what} was begun although policy did not decide on every step"
        if write.effect == Effect.NEEDS_APPROVAL and not write.requirements:
            yield f"{what} was begun although nobody could have approved the plan"
        if not is_consented(write, outsiders=self.outsiders):
            yield f"{what} was begun without consent: {_asked(write.requirements)}, {self._who()}"

    def _who(self) -> str:
        """Whose approvals there were, and of what."""
        digest = self.story.digest
        here = sorted(self.story.given.get(digest, {}))
        others = sorted({w for d, given in self.story.given.items() if d != digest for w in given})
        said = f"approved by {', '.join(here)}" if here else "approved by nobody"
        return f"{said} ({', '.join(others)} approved another showing)" if others else said

    def _step(self, entry: LedgerEntry) -> Any:
        """The step of the shown plan that an entry speaks of; None where there is no such step."""
        index, id_ = entry.data.get("index"), entry.data.get("step")
        steps = self.story.steps
        if not isinstance(index, int) or not 0 <= index < len(steps):
            return None
        return steps[index] if steps[index]["id"] == id_ else None

    def _as_shown(self, entry: LedgerEntry, operation: str) -> Iterator[str]:
        """The record was read again since it was shown, and was what was shown."""
        index = int(entry.data["index"])
        if index >= len(self.story.diff):
            yield f"{_what(entry)} was begun and had never been shown"
            return
        shown = self.story.diff[index]
        read = self.read.get((operation, shown["resource"]))
        if read is None or read.seq < self.planned_at_seq:
            yield f"{_what(entry)} was begun without reading {shown['resource']} again"
            return
        for change in shown["changes"]:
            now = read.data["fields"].get(change["field"])
            if now != change["before"]:
                yield (
                    f"{_what(entry)} was begun on another state than was shown: {change['field']}"
                    f" of {shown['resource']} was {change['before']!r} and is {now!r}"
                )

    def _result(self, entry: LedgerEntry) -> Iterator[str]:
        key = str(entry.data["key"])
        if key not in self.intended:
            yield f"{_what(entry)} was written without an intent before it"
        if key in self.written and not entry.data.get("is_replay"):
            yield f"{_what(entry)} was written twice under the key {key}"


def _what(entry: LedgerEntry) -> str:
    return f"the step {entry.data.get('step', '')} of {entry.run_id}"


def _asked(requirements: Sequence[Any]) -> str:
    """ "it needs 1 of support-leads and 2 of finance-leads"."""
    asked = [
        f"{r['count']} different people"
        if r["kind"] == "people"
        else f"{r['count']} of {' or '.join(r['roles'])}"
        for r in requirements
        if r["kind"] != "veto"
    ]
    return f"it needs {' and '.join(asked)}"
