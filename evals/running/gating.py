"""One run of the gate: both arms carried out, graded, compared, and asked again where it is noisy.

carry out one epoch of everything -> grade -> judge -> fresh epochs of what looks worse -> judge
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from evals.cases.case import Case
from evals.cases.suite import Suite
from evals.errors import RunError
from evals.graders.registry import grade
from evals.judging.comparison import FRESH_EPOCHS, FRESH_FROM
from evals.judging.gate import Terms, judge, mismatch, to_repeat
from evals.judging.thresholds import Bound
from evals.keeping.records import ArmName, Traced
from evals.keeping.results import Arm, Pins, Record
from evals.running.arms import Artefact, Ran, Runner
from evals.running.pins import partial


@dataclass(frozen=True)
class Order:
    """What one run of the gate is asked to do. `cases` are the suite's, or some of them."""

    suite: Suite
    cases: tuple[Case, ...]
    bounds: tuple[Bound, ...]
    seed: int
    repeats: int
    made_at: datetime

    @property
    def is_whole(self) -> bool:
        return len(self.cases) == len(self.suite.cases)

    @property
    def terms(self) -> Terms:
        return Terms(
            bounds=self.bounds,
            must_pass=self.suite.file.must_pass,
            per=self.suite.file.per,
            seed=self.seed,
        )


@dataclass
class _Side:
    """One arm while it is being carried out."""

    name: ArmName
    arm: Arm
    artefact: Artefact | None  # None: blessed, it cannot be carried out again
    traces: list[Traced]


def run(
    order: Order,
    candidate: Artefact,
    baseline: Artefact | Arm | None,
    runner: Runner,
) -> tuple[Record, tuple[Traced, ...]]:
    """Carry out both arms and judge; answers the record and every trace.

    A blessed baseline is an Arm: its results are taken as they are, those of other cases are left
    out. An arm whose pins do not allow a comparison is not carried out.
    """
    ours = _side("candidate", candidate, order)
    _carry_out(ours, order, order.cases, range(order.repeats), runner)
    theirs: _Side | None = None
    if isinstance(baseline, Arm):
        theirs = _Side("baseline", _only(baseline, order), None, [])
    elif baseline is not None:
        theirs = _side("baseline", baseline, order)
        if not mismatch(ours.arm.pins, theirs.arm.pins):
            _carry_out(theirs, order, order.cases, range(order.repeats), runner)
    if theirs is not None and theirs.artefact is not None:
        again = set(to_repeat(ours.arm, theirs.arm, order.terms))
        cases = [case for case in order.cases if case.case in again]
        fresh = range(FRESH_FROM, FRESH_FROM + FRESH_EPOCHS)
        for side in (ours, theirs) if cases else ():
            _carry_out(side, order, cases, fresh, runner)
    return record(order, ours.arm, theirs.arm if theirs else None), (
        *ours.traces,
        *(theirs.traces if theirs else ()),
    )


def record(order: Order, candidate: Arm, baseline: Arm | None) -> Record:
    """What is kept of two arms: the judgement, and what it rests on."""
    judgement = judge(candidate, baseline, order.terms)
    return Record(
        suite=order.suite.name,
        made_at=order.made_at,
        candidate=candidate,
        baseline=baseline,
        metrics=judgement.metrics,
        slices=judgement.slices,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
    )


def _side(name: ArmName, artefact: Artefact, order: Order) -> _Side:
    pins = _pins(artefact.pins, order)
    arm = Arm(label=artefact.label, pins=pins, has_noise=artefact.has_noise, results=())
    return _Side(name, arm, artefact, [])


def _pins(pins: Pins, order: Order) -> Pins:
    """The suite's pin as it is, or that of some of its cases."""
    if order.is_whole:
        return pins
    names = (case.case for case in order.cases)
    return pins.model_copy(update={"suite": partial(pins.suite, names)})


def _only(blessed: Arm, order: Order) -> Arm:
    """A blessed arm, of the cases that are run alone."""
    if order.is_whole:
        return blessed
    wanted = {case.case for case in order.cases}
    results = tuple(each for each in blessed.results if each.case in wanted)
    return blessed.model_copy(update={"pins": _pins(blessed.pins, order), "results": results})


def _carry_out(
    side: _Side,
    order: Order,
    cases: Sequence[Case],
    epochs: Sequence[int],
    runner: Runner,
) -> None:
    """Add the results and traces of some epochs to a side, in an order that is always the same."""
    assert side.artefact is not None
    by_name = {case.case: case for case in cases}
    must_pass = order.suite.must_pass
    done = sorted(
        runner(side.artefact, cases, epochs), key=lambda ran: (ran.trace.case, ran.trace.epoch)
    )
    results = tuple(
        grade(
            by_name[ran.trace.case],
            ran.trace,
            is_must_pass=ran.trace.case in must_pass,
            milliseconds=ran.milliseconds,
        )
        for ran in _whole(done, by_name, epochs)
    )
    side.traces += (Traced(arm=side.name, trace=ran.trace) for ran in done)
    side.arm = side.arm.model_copy(update={"results": (*side.arm.results, *results)})


def _whole(done: Sequence[Ran], cases: Iterable[str], epochs: Iterable[int]) -> Sequence[Ran]:
    """What was carried out, if it is what was asked for: a lost case must not go unseen."""
    found = Counter((ran.trace.case, ran.trace.epoch) for ran in done)
    asked = Counter((case, epoch) for epoch in epochs for case in cases)
    if found != asked:
        (case, epoch), *_ = sorted((found - asked) + (asked - found))
        raise RunError(
            f"epoch {epoch} of {case} was carried out {found[case, epoch]} times instead of "
            f"{asked[case, epoch]}; nothing is said of this run, run it again"
        )
    return done
