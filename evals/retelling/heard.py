"""What the ledger tells of one run, put in the order in which people did it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.incoming import Verb
from evals.retelling.meanwhile import changed_since, faults_of
from store.ledger.search import ERASED, LedgerEntry
from store.model.entry import Kind
from store.model.run import Status
from store.model.values import Json

PRESSES: Mapping[str, str] = {
    Verb.APPROVE: "approve",
    Verb.REJECT: "reject",
    Verb.WITHDRAW: "withdraw",
    Verb.CANCEL: "cancel",
    Verb.HAPPENED: "decide",
    Verb.DID_NOT: "decide",
    Verb.ASK_AGAIN: "decide",
}
VERDICTS: Mapping[str, str] = {
    Verb.HAPPENED: "happened",
    Verb.DID_NOT: "did not",
    Verb.ASK_AGAIN: "ask again",
}
WAIT_MINUTES_MAX = 100_000  # of one act


@dataclass(frozen=True)
class Did:
    """One act: its verb, the person's id, and what belongs to it."""

    verb: str
    person: str
    at: datetime
    more: Mapping[str, Json] = field(default_factory=dict)


@dataclass
class Heard:
    """A run as it was told. `names` are people's names as they stood in the ledger, `roles` what
    they held when they pressed, `notes` what could not be told again."""

    requester: str = ""
    request: str = ""
    acts: list[Did] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    plan: Mapping[str, Any] = field(default_factory=dict)
    is_explained: bool = True  # why it is shown anew: it was changed, or a record was
    decision: Mapping[str, Any] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)  # of the first showing
    faults: list[dict[str, Json]] = field(default_factory=list)
    written: list[int] = field(default_factory=list)  # indexes of steps
    undone: list[int] = field(default_factory=list)
    found: list[str] = field(default_factory=list)  # ids of records that were looked at
    names: dict[str, str] = field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked_of: dict[str, tuple[str, ...]] = field(default_factory=dict)  # at least one of these
    requested_at: datetime | None = None
    notes: list[str] = field(default_factory=list)


def heard(entries: Sequence[LedgerEntry]) -> Heard:
    """The story of one run's entries, oldest first."""
    story, is_begun = Heard(), False
    for entry in entries:
        if name := _kept(entry, "name"):
            story.names[entry.actor] = name
        is_begun = is_begun or entry.kind is Kind.INTENT
        if entry.kind is Kind.READ and "fields" in entry.data and story.plan and not is_begun:
            _read_again(story, entry.data)
        _hear(story, entry)
    story.faults = faults_of(entries, story.plan)
    return story


def _hear(story: Heard, entry: LedgerEntry) -> None:
    data = entry.data
    match entry.kind:
        case Kind.REQUEST:
            story.requester, story.requested_at = entry.actor, entry.at
            story.request = _words(story, entry, "text")
        case Kind.ANSWER:
            _act(story, entry, "answer", answer=_words(story, entry, "text"))
        case Kind.QUESTION:
            story.asks.append(str(data["slot"]))
        case Kind.READ if "found" in data:
            story.found += [str(id_) for id_ in data["found"]]
        case Kind.PLAN:
            _shown(story, data)
        case Kind.DECISION:
            if not story.decision:
                story.facts = {k: v for step in data["steps"] for k, v in step["facts"].items()}
            story.decision = data
        case Kind.APPROVAL | Kind.WITHDRAWAL | Kind.REFUSAL:
            _press(story, entry)
        case Kind.EDIT if data["of"] == "asked":
            _edit(story, entry)
        case Kind.REMARK if data["of"] in ("question", "reply"):
            _remark(story, entry)
        case Kind.OUTCOME:
            _end(story, entry)
        case _:
            _execution(story, entry)


def _shown(story: Heard, plan: Mapping[str, Any]) -> None:
    if story.plan and not story.is_explained:
        story.notes.append("it was shown anew for a reason that no record of a case says")
    story.plan, story.written, story.undone = plan, [], []
    story.is_explained = False


def _execution(story: Heard, entry: LedgerEntry) -> None:
    if entry.kind is Kind.RESULT and "result" in entry.data:
        story.written.append(int(entry.data["index"]))
    if entry.kind is Kind.COMPENSATION and "key" in entry.data:
        story.undone.append(int(entry.data["index"]))


def _press(story: Heard, entry: LedgerEntry) -> None:
    data = entry.data
    is_refused = entry.kind is Kind.REFUSAL
    if is_refused and ("surface" not in data or entry.actor == "assent"):
        return  # the product's own remark: an edit that came to nothing, an approval that is void
    pressed = str(data.get("of" if is_refused else "verdict", Verb.WITHDRAW))
    verb = PRESSES.get(pressed)
    if verb is None:
        story.notes.append(f"a refused {pressed} is left out: its words are not kept")
        return
    if roles := data.get("roles"):
        story.roles[entry.actor] = tuple(str(role) for role in roles)
    more: dict[str, Json] = {"refused": True} if is_refused else {}
    if verb == "decide":
        more["verdict"] = VERDICTS[pressed]
    if verb == "reject" and (reason := _kept(entry, "reason")):
        more["text"] = reason
    _act(story, entry, verb, **more)


def _may_decide(story: Heard, person: str) -> None:
    """Whoever changes a plan or asks about it may approve it, or has asked for it."""
    roles = [r for one in story.decision.get("requirements", ()) for r in one.get("roles", ())]
    if person != story.requester and roles:
        story.asked_of.setdefault(person, tuple(str(role) for role in roles))


def _remark(story: Heard, entry: LedgerEntry) -> None:
    if entry.data["of"] == "question":
        _may_decide(story, entry.actor)
    _act(story, entry, str(entry.data["of"]), text=_words(story, entry, "text"))


def _edit(story: Heard, entry: LedgerEntry) -> None:
    _may_decide(story, entry.actor)
    story.is_explained = True
    values = entry.sensitive.get("values")
    skip = [str(step) for step in entry.data.get("skipped", ())]
    typed = {str(k): str(v) for k, v in values.items()} if isinstance(values, dict) else {}
    if not typed and not skip:
        story.notes.append("a change of the plan is left out: its values were erased")
        return
    _act(story, entry, "edit", **({"values": typed} if typed else {}), skip=skip)


def _end(story: Heard, entry: LedgerEntry) -> None:
    outcome = entry.data["outcome"]
    said_so = any(did.verb == "cancel" and not did.more.get("refused") for did in story.acts)
    if outcome == Status.CANCELLED and not said_so:
        story.acts.append(Did("cancel", story.requester, entry.at))
    if outcome == Status.EXPIRED:
        since = story.acts[-1].at if story.acts else story.requested_at or entry.at
        minutes = math.ceil((entry.at - since).total_seconds() / 60) + 1
        more: dict[str, Json] = {"wait_minutes": min(minutes, WAIT_MINUTES_MAX)}
        story.acts.append(Did("wait_minutes", "", entry.at, more))


def _read_again(story: Heard, read: Mapping[str, Any]) -> None:
    """Somebody else changed a record after it was shown: before the press that found it so."""
    record, unsaid = changed_since(story.plan, read)
    story.notes += [f"{what} had changed, which no record of a case says" for what in unsaid]
    if record is not None:
        story.is_explained = True
    if record is None or any(record in did.more.get("records", ()) for did in story.acts):
        return
    found = [index for index, did in enumerate(story.acts) if did.verb in ("approve", "edit")]
    at = found[-1] if found else len(story.acts)
    since = story.acts[at].at if found else story.requested_at
    assert since is not None, "a plan was asked for"
    story.acts.insert(at, Did("records", "", since, {"records": [record]}))


def _act(story: Heard, entry: LedgerEntry, verb: str, **more: Json) -> None:
    story.acts.append(Did(verb, entry.actor, entry.at, {k: v for k, v in more.items() if v}))


def _kept(entry: LedgerEntry, part: str) -> str:
    """A sensitive part, "" where there is none or it was erased."""
    value = entry.sensitive.get(part, "")
    return "" if value == ERASED or not isinstance(value, str) else value


def _words(story: Heard, entry: LedgerEntry, part: str) -> str:
    said = _kept(entry, part)
    if not said:
        story.notes.append(f"the words of the {entry.kind.value} were erased; say the same again")
    return said or "(these words were erased)"
