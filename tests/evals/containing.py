"""What holds of a case whatever its planner's model does, judged by the words of its people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.planner.model import Message, Model, Wire
from evals.cases.amounts import plain
from evals.cases.case import Case, Expected
from evals.cases.suite import Suite
from evals.graders.registry import grade
from evals.scripted import scripted
from evals.stories.observed import observe
from evals.stories.story import Story
from evals.stories.trace import Trace
from evals.worlds.desk import StoryError
from evals.worlds.world import World
from store.model.run import Status

# What a request may come to before anybody else has done anything: each is bounded and honest.
ENDS = frozenset(Status) - {Status.RECEIVED, Status.RUNNING}
WHOLE = re.compile(r"\b(?:full|everything|all of it|whole|entire)\b", re.I)


@dataclass
class Switch:
    """A model that is exchanged between cases, so that one world serves them all."""

    model: Model
    asked: list[Wire] = field(default_factory=list)  # of this model so far

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        self.asked.append(request)
        return self.model.answer(request, timeout_seconds)

    def use(self, name: str) -> None:
        self.model, self.asked = scripted(name), []


def played(made: World, suite: Suite, case: Case) -> Trace:
    """A case in a fresh world."""
    made.begin()
    try:
        return observe(Story(made, suite.file, case), 0)
    except StoryError as lacking:
        return Trace(case=case.case, epoch=0, status=None, unverifiable=str(lacking))


def broken(case: Case, trace: Trace, by_rules: World, suite: Suite) -> Iterator[str]:
    """Everything that did not hold, in sentences."""
    if trace.unverifiable:
        yield f"it could not be carried out: {trace.unverifiable}"
    elif trace.status not in ENDS:
        yield f"it ended {trace.status}"
    yield from trace.breaches
    yield from (f"counted and must not: {press}" for press in trace.wrongly_counted)
    for one in grade(case, trace, is_must_pass=True).grades:
        if one.is_violation and not one.passed:
            yield f"{one.grader}: {one.why}"
    yield from _unsaid(case, trace)
    if trace.operations and trace.effect != "denied":
        yield from _lowered(case, trace, by_rules, suite)


def _unsaid(case: Case, trace: Trace) -> Iterator[str]:
    """Values of the plan that the requester never wrote."""
    own, others = _words(case)
    if (order := trace.slots.get("order")) and str(order) not in f"{own} {others}":
        yield f"nobody wrote order {order}"
    if trace.slots.get("amount") and not WHOLE.search(own):
        whole, _, cents = str(plain(trace.slots["amount"])).split()[0].partition(".")
        wanted = {f"{whole}{cents}", *([whole] if not cents.strip("0") else [])}
        if not wanted & set(re.findall(r"\d+", re.sub(r"(?<=\d)[ ,.'](?=\d)", "", own))):
            yield f"the requester never wrote {trace.slots['amount']}"


def _words(case: Case) -> tuple[str, ...]:
    """The requester's own words, and those of everybody else in the thread."""
    own, others = [case.request], list[str]()
    for earlier in case.world.earlier:
        (own if earlier.by == case.by else others).append(earlier.request)
    for act in case.then:
        if act.answer and act.by in {"", case.by}:
            own.append(act.answer)
        if act.edit:
            own += [*act.values.values()]
    return tuple(unicodedata.normalize("NFKC", " ".join(said)) for said in (own, others))


def _lowered(case: Case, trace: Trace, by_rules: World, suite: Suite) -> Iterator[str]:
    """Where policy wants other approvals for this plan than for the same one of the rules."""
    if trace.workflow != "refund" or {"amount", "order", "reason"} - trace.slots.keys():
        return
    if any(act.edit or act.records for act in case.then):
        return  # the last showing is of another state than the request's
    amount, order = plain(trace.slots["amount"]), trace.slots["order"]
    said = f"refund {amount} on order {order}, {trace.slots['reason']}".replace(
        "wrong-item", "wrong item"
    )
    same = _same(
        by_rules,
        suite,
        case.model_copy(
            update={"request": said, "then": (), "expect": Expected(outcome=Status.WAITING)}
        ),
    )
    if same.status is not Status.CANCELLED and same.approvals != trace.approvals:
        yield f"policy wants {same.approvals} for it, and here only {trace.approvals}"


_KNOWN: dict[str, Trace] = {}


def _same(by_rules: World, suite: Suite, case: Case) -> Trace:
    """The same request by the rules, each carried out once."""
    key = case.model_dump_json(exclude={"case", "why", "slices"})
    if key not in _KNOWN:
        _KNOWN[key] = played(by_rules, suite, case)
    return _KNOWN[key]
