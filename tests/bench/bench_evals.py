"""What evaluating costs beside the bare flow, and what a thousand cases take."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bot.incoming import Click, Message, Verb
from bot.settings import BUNDLE_SHIPPED
from evals.cases.suite import load, named
from evals.graders.registry import grade
from evals.models.planners import RULES, planner
from evals.running.jobs import Assignment
from evals.running.runner import Arm, carry_out
from evals.work import Worker
from evals.worlds.people import TEAM
from evals.worlds.world import World, world
from store import runs
from store.model.request import Place
from store.model.run import Status
from tests.bench import figures

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]
STORY = "refund-applied"
ROUNDS = 30
RATIO_BAR = 2  # a case with all that is observed and graded, as a multiple of its bare flow
CASES = 1_000
WORKERS = 2
SECONDS_BAR = 60  # a thousand cases on two cores
MEGABYTES_BAR = 300  # PSS of the parent and all workers together
PLACE = Place(surface="slack", team=TEAM, channel="C0SUPPORTOP", thread="1750000001.000001")


def _bare(made: World) -> None:
    """The story of one case by direct calls: nothing is asked of it afterwards."""
    made.begin()
    assent, directory = made.assent, made.directory
    asked = "refund $40 on order 1043, arrived damaged"
    assent.flow.receive(
        Message(directory.account("agent"), PLACE, "1", asked, ("1",), made.clock())
    )
    with assent.db.read() as cx:
        (run,) = runs.in_status(cx, (Status.RECEIVED,), 1)
    assent.flow.propose(run.id)
    with assent.db.read() as cx:
        now = runs.get(cx, run.id)
    assert now is not None
    assert now.proposal is not None
    lead = directory.account("lead")
    person, digest = directory.person(lead), now.proposal.digest
    click = Click(Verb.APPROVE, run.id, digest, lead, person, PLACE, "", "", made.clock())
    assent.flow.press(click)
    made.engine.carry_out()
    with assent.db.read() as cx:
        ended = runs.get(cx, run.id)
    assert ended is not None
    assert ended.status is Status.APPLIED


def _spent_ms(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1_000


def test_a_case_beside_its_bare_flow() -> None:
    suite = load(ROOT / "tests" / "evals" / "suites" / "desk_small")
    (case,) = [case for case in suite.cases if case.case == STORY]
    made_by, answers = planner(RULES, "")
    with world(suite.file, BUNDLE_SHIPPED, made_by) as made:
        assignment = Assignment(suite=suite.file, bundle=BUNDLE_SHIPPED, planner=RULES)
        worker = Worker(made, assignment, answers)

        def evaluated() -> None:
            trace = worker.carry_out(case, 0)
            assert grade(case, trace).passed
            trace.model_dump_json()

        acts = {"bare": lambda: _bare(made), "evaluated": evaluated}
        for act in acts.values():
            act()
        # In turn, so that whatever else the machine does falls on both.
        spent = [{name: _spent_ms(act) for name, act in acts.items()} for _ in range(ROUNDS)]
    figures.title("one case on the rules planner, processor time")
    p50 = {name: figures.quantile([each[name] for each in spent], 0.5) for name in acts}
    for name, milliseconds in p50.items():
        figures.line(name, f"p50 {milliseconds:,.1f} ms")
    figures.under("evaluated beside bare", p50["evaluated"] / p50["bare"], RATIO_BAR, "x", 2)


def test_a_thousand_cases() -> None:
    suite = load(named("refunds_v3"))
    cases = list(itertools.islice(itertools.cycle(suite.cases), CASES))
    arm = Arm(ROOT, BUNDLE_SHIPPED, RULES)
    figures.title(f"{CASES:,} cases of {suite.name}, {WORKERS} workers")
    with figures.others(), _memory() as seen_bytes:
        began = time.perf_counter()
        done = list(carry_out(arm, suite.file, cases, workers=WORKERS))
        seconds = time.perf_counter() - began
    assert [one.trace.case for one in done] == [case.case for case in cases]
    assert not any(one.trace.unverifiable for one in done)
    figures.under("all of them", seconds, SECONDS_BAR, "s", 1)
    figures.under("memory, PSS in all", max(seen_bytes) / 1e6, MEGABYTES_BAR, "MB")
    figures.latencies("one case", [one.milliseconds / 1_000 for one in done])


@contextmanager
def _memory() -> Iterator[list[int]]:
    """What this process and its children hold together, looked at every second."""
    seen_bytes, ended = [0], threading.Event()
    me = psutil.Process()

    def look() -> None:
        while not ended.wait(1.0):
            try:
                all_ = (me, *me.children(recursive=True))
                seen_bytes.append(sum(each.memory_full_info().pss for each in all_))
            except psutil.NoSuchProcess:
                continue

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen_bytes
    finally:
        ended.set()
        watcher.join()
