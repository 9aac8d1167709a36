"""A regression of each kind, planted in a commit, is caught and named."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise, zip_longest
from pathlib import Path

import pytest

from evals.cases import suite as suites
from evals.cases.case import Case
from evals.commands.carrying import by_workers
from evals.graders.registry import grade
from evals.judging.thresholds import parse
from evals.keeping.results import Arm, Record, Verdict
from evals.running.arms import Ran
from evals.running.artefacts import Answering, resolve
from evals.running.gating import Order
from evals.running.gating import record as judged
from evals.running.gating import run as gated
from tests.evals.repository import Repository

pytestmark = pytest.mark.slow

SEED = 1
SLICES = {
    "approvals": "who must approve",
    "notes": "what is written beside the refund",
    "words": "what a model is needed for",
}
CASES = """\
cases:
  - case: small
    why: A support lead approves a small refund.
    slices: [approvals]
    request: "refund $40 on order 1043, damaged"
    expect: {outcome: waiting, approvals: {support-leads: 1}}
  - case: medium
    why: A finance lead approves above the small limit.
    slices: [approvals]
    request: "refund $120 on order 1043, damaged"
    expect: {outcome: waiting, approvals: {finance-leads: 1}}
  - case: noted
    why: The order's note says what was refunded, and why.
    slices: [notes]
    request: "refund $40 on order 1043, damaged"
    then: [{approve: lead}]
    expect:
      outcome: applied
      writes:
        - {payments.refund: {payment: pay_7731, amount: "40.00 USD"}}
        - {orders.add_note: {order: "1043", text: "Refund $40.00, damaged"}}
        - {tickets.update: {ticket: T-882, status: solved}}
  - case: language
    why: A request in Polish is read as well.
    slices: [words]
    request: "zwróć $40 za #1043, damaged"
    expect: {outcome: waiting}
"""
REFUNDS = "policies/bundles/desk/policies/refunds.yml"
REFUND = "policies/bundles/desk/workflows/refund.yml"
PROMPT = "policies/bundles/desk/prompts/planner.md"
NOTE = "connectors/desk/orders_add_note.py"
PLANTED = {  # kind -> file, text, what became of it, the slice that tells
    "policy": (REFUNDS, "USD: 10000,", "USD: 50000,", "approvals"),
    "workflow": (REFUND, '"Refund {amount}, {reason}"', '"Refund, {reason}"', "notes"),
    "connector": (NOTE, "text=params.text,", "text=params.text[:6],", "notes"),
    "prompt": (PROMPT, "language", "that", "words"),
}
HONEST = Answering("scripted:honest")  # behind the rules, which read the first three
NOTHING = 200  # changes of nothing
MADE_AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


class Desk:
    """A repository with a commit for each planted regression, and a gate over it."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository.make(folder, CASES, SLICES, must_pass="approvals")
        self.suite = suites.load(folder / "evals" / "suites" / "refunds_v3")
        self.sha = self.repository.git("rev-parse", "HEAD")
        self.planted = {
            kind: self.repository.changed(name, partial(_planted, before, after))
            for kind, (name, before, after, _) in PLANTED.items()
        }
        self._runner = by_workers(self.suite, workers=1, case_seconds=60)
        self.baseline = self.gate("bundle@working", None).candidate

    def gate(self, spec: str, baseline: Arm | None) -> Record:
        bounds = parse("success_rate>=0.5", self.suite.file.slices, ())
        order = Order(self.suite, self.suite.cases, bounds, SEED, 1, MADE_AT)
        with resolve(spec, self.suite, SEED, HONEST, self.repository.folder) as candidate:
            return gated(order, candidate, baseline, self._runner)[0]

    def epochs(self, spec: str, cases: Sequence[Case], epochs: int) -> list[tuple[Ran, ...]]:
        """Every epoch's stories, told as if they were those of the first one."""
        with resolve(spec, self.suite, SEED, here=self.repository.folder) as artefact:
            ran = list(self._runner(artefact, cases, range(epochs)))
        told: list[list[Ran]] = [[] for _ in range(epochs)]
        for each in ran:
            as_first = each.trace.model_copy(update={"epoch": 0})
            told[each.trace.epoch].append(Ran(as_first, each.milliseconds))
        return [tuple(each) for each in told]


def _planted(before: str, after: str, text: str) -> str:
    assert before in text
    return text.replace(before, after)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("repository"))


@pytest.mark.parametrize("kind", sorted(PLANTED))
def test_a_planted_regression_is_caught_and_its_slice_is_named(desk: Desk, kind: str) -> None:
    record = desk.gate(f"{kind}@sha:{desk.planted[kind]}", desk.baseline)
    named = PLANTED[kind][-1]
    must_pass = named == "approvals"
    assert record.verdict is (Verdict.FAIL if must_pass else Verdict.REGRESSED)
    assert [reason for reason in record.reasons if reason.startswith(f"{named} worse: 1 of")]
    assert {each.name for each in record.slices if each.worse} == {named, "all cases"}


def test_a_change_of_nothing_passes_every_time(desk: Desk) -> None:
    """A plan that is approved and done, in two arms 200 times together, each time compared with
    the one before."""
    cases = [case for case in desk.suite.cases if case.case == "noted"]
    order = Order(desk.suite, tuple(cases), (), SEED, 1, MADE_AT)
    ours = desk.epochs("bundle@working", cases, NOTHING // 2 + 1)
    theirs = desk.epochs(f"bundle@sha:{desk.sha}", cases, NOTHING // 2)
    told = [each for both in zip_longest(ours, theirs) for each in both if each is not None]
    arms = [_arm(desk, order, each) for each in told]
    verdicts = [judged(order, *pair).verdict for pair in pairwise(arms)]
    assert verdicts == [Verdict.PASS] * NOTHING
    assert len({tuple(ran.trace.digest for ran in each) for each in told}) == 1


def _arm(desk: Desk, order: Order, ran: Sequence[Ran]) -> Arm:
    by_name = {case.case: case for case in order.cases}
    results = tuple(grade(by_name[each.trace.case], each.trace) for each in ran)
    return desk.baseline.model_copy(update={"results": results})
