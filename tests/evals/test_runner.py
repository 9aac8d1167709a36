"""Worker processes: one order, whoever is done first; one that is lost costs its case alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bot.settings import BUNDLE_SHIPPED
from evals.cases.suite import load
from evals.errors import RunError
from evals.running.runner import Arm, carry_out

ROOT = Path(__file__).parents[2]
SUITE = load(Path(__file__).parent / "suites" / "desk_small")
HERE = Arm(ROOT, BUNDLE_SHIPPED, "rules")
FOREIGN = ("dbos", "slack_sdk", "slack_bolt", "botbuilder", "z3", "anthropic", "aiohttp")
pytestmark = pytest.mark.slow  # a worker takes a few seconds to begin

# Laid beside the product: python imports it before anything else.
ROUGH = """
import os, sys, time
import evals.stories.observed as observed
observe = observed.observe
def rough(story, epoch):
    if story.case.case == "reason-missing":
        sys.stderr.write("out of memory\\n")
        os._exit(7)
    if story.case.case == "taken-back":
        time.sleep(600)
    print("a stray word of a library")
    return observe(story, epoch)
observed.observe = rough
"""

HOSTILE = """
import os, time
import evals.stories.observed as observed
observe = observed.observe
def hostile(story, epoch):
    if story.case.case == "reason-missing":
        answers = max(int(one) for one in os.listdir("/proc/self/fd") if is_pipe(one))
        while True:
            os.write(answers, b"x" * 65536)
    if story.case.case == "taken-back":
        os.fork()  # the child has the pipe of the answers too
        time.sleep(600)
    return observe(story, epoch)
def is_pipe(one):
    return int(one) > 2 and os.path.exists(f"/proc/self/fd/{one}") and os.readlink(
        f"/proc/self/fd/{one}").startswith("pipe:")
observed.observe = hostile
"""


def test_results_stand_in_the_order_of_the_cases_however_many_workers() -> None:
    cases = SUITE.cases[:5]
    two = list(carry_out(HERE, SUITE.file, cases, (0, 1), workers=2))
    asked = [(case.case, epoch) for epoch in (0, 1) for case in cases]
    assert [(done.trace.case, done.trace.epoch) for done in two] == asked
    backward = cases[::-1]
    one = list(carry_out(HERE, SUITE.file, backward, workers=1))
    assert [done.trace for done in one[::-1]] == [done.trace for done in two[: len(backward)]]
    assert not any(done.trace.unverifiable for done in two)


def test_a_worker_that_dies_or_hangs_costs_its_case_alone(tmp_path: Path) -> None:
    for package in ("bot", "connectors", "policies", "store", "evals"):
        (tmp_path / package).symlink_to(ROOT / package)
    (tmp_path / "sitecustomize.py").write_text(ROUGH)
    rough = Arm(tmp_path, BUNDLE_SHIPPED, "rules")
    done = list(carry_out(rough, SUITE.file, SUITE.cases, workers=2, case_seconds=8))
    lost = {one.trace.case: one.trace.unverifiable for one in done if one.trace.unverifiable}
    assert lost == {
        "reason-missing": "the worker died (7): out of memory",
        "taken-back": "the worker was not done after 8 s and was ended",
    }
    assert [one.trace.case for one in done] == [case.case for case in SUITE.cases]


def test_a_worker_that_floods_or_leaves_children_costs_its_case_alone(tmp_path: Path) -> None:
    for package in ("bot", "connectors", "policies", "store", "evals"):
        (tmp_path / package).symlink_to(ROOT / package)
    (tmp_path / "sitecustomize.py").write_text(HOSTILE)
    hostile = Arm(tmp_path, BUNDLE_SHIPPED, "rules")
    wanted = {"reason-missing", "taken-back"}
    cases = [case for case in SUITE.cases if case.case in wanted]
    done = list(carry_out(hostile, SUITE.file, cases, workers=1, case_seconds=8))
    assert {one.trace.case: one.trace.unverifiable for one in done} == {
        "reason-missing": "the worker said more than 16,777,216 characters and was ended",
        "taken-back": "the worker was not done after 8 s and was ended",
    }
    workers = [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(tmp_path)]
    assert not psutil.wait_procs(workers, timeout=5)[1]


def test_whoever_stops_listening_ends_the_workers() -> None:
    running = carry_out(HERE, SUITE.file, SUITE.cases * 20, workers=2)
    next(running)
    # the process of the tests may have other children: a server of another test
    children = [one for one in psutil.Process().children() if "evals.work" in one.cmdline()]
    worlds = {Path(child.environ()["TMPDIR"]) for child in children}
    assert len(children) == 2
    assert all(folder.is_dir() for folder in worlds)
    running.close()
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert not alive, gone
    assert not any(folder.exists() for folder in worlds)


def test_a_bundle_that_is_broken_is_said_once(tmp_path: Path) -> None:
    shutil.copytree(BUNDLE_SHIPPED, tmp_path / "desk")
    (tmp_path / "desk" / "workflows" / "refund.yml").write_text("workflow: refund\n")
    broken = Arm(ROOT, tmp_path / "desk", "rules")
    with pytest.raises(RunError, match=r"refund\.yml"):
        list(carry_out(broken, SUITE.file, SUITE.cases, workers=2))


def test_a_worker_loads_nothing_that_it_does_not_need() -> None:
    script = (
        "import sys, evals.work\n"
        "from pathlib import Path\n"
        "sys.argv = ['work', '--try', sys.argv[1], 'refund-applied']\n"
        "evals.work.main()\n"
        "print('LOADED', *{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(SUITE.folder)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        check=True,
    )
    assert "refund-applied: applied" in done.stdout
    loaded = done.stdout.split("LOADED ")[1].split()
    assert set(FOREIGN) & set(loaded) == set()
