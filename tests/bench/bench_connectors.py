"""What an installation with every connector costs beside one with the desk alone.

Both have every extra; what differs is the bundle. The other one names every connector and every
kind of declared system. A connector is loaded when a bundle names it, its vendor's SDK when its
first session is opened: for connections of the environment that is served this is at the start,
because each account is asked who it is; for those of another one it is never.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import psutil
import pytest

from bot.play import Playground
from bot.settings import BUNDLE_SHIPPED
from connectors import registry
from tests.bench import counterparts, figures, vendors

pytestmark = pytest.mark.bench

RATIO_BAR = 1.5  # a start with every connector, as a multiple of one with the desk alone
TIMES = 3
NAMES = tuple(name for name in registry.connector_names() if name != "desk")
ALONE, NAMED, ASKED = "the desk alone", "every connector", "every connector, and asked"
SDKS = ("atlassian", "boto3", "github", "googleapiclient", "mcp", "simple_salesforce", "stripe")
LOADING = f"""
import json, sys, time
from pathlib import Path
start = time.process_time()
import bot.serving, bot.surfaces.slack, bot.surfaces.teams
from bot.catalogue import loaded
loaded(Path(sys.argv[1]))
spent = time.process_time() - start
import psutil
uss = psutil.Process().memory_full_info().uss
print(json.dumps([spent, uss, [name for name in {SDKS!r} if name in sys.modules]]))
"""


@dataclass(frozen=True)
class Started:
    """One start of the bot: until it serves, what it spent of a core by then, its memory."""

    wall_seconds: float
    cpu_seconds: float
    rss: int
    uss: int


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, dict[str, str]]]:
    """The settings of the installations, while the systems that they name run."""
    folder = tmp_path_factory.mktemp("bundles")
    with counterparts.serving(*NAMES, *counterparts.DECLARED) as accounts:
        elsewhere = {name: replace(a, environment="production") for name, a in accounts.items()}
        named = vendors.bundle(folder / "named", elsewhere)
        asked = vendors.bundle(folder / "asked", accounts)
        yield {
            ALONE: {"ASSENT_BUNDLE": str(BUNDLE_SHIPPED)},
            NAMED: {**named, "ASSENT_BUNDLE": str(folder / "named")},
            ASKED: {**asked, "ASSENT_BUNDLE": str(folder / "asked")},
        }


def test_imports_and_the_bundle(bundles: Mapping[str, dict[str, str]]) -> None:
    named = len(NAMES) + 1 + len(counterparts.DECLARED)
    figures.title(f"Starting with {named} systems instead of one")
    seconds: dict[str, list[float]] = {ALONE: [], NAMED: []}
    for _ in range(TIMES):
        for name, spent in seconds.items():
            command = [sys.executable, "-c", LOADING, bundles[name]["ASSENT_BUNDLE"]]
            took, uss, sdks = json.loads(subprocess.check_output(command, timeout=60))
            assert not sdks, "an SDK is loaded that nobody has used"
            spent.append(took)
            if len(spent) == TIMES:
                shown = f"{median(spent):.2f} s of a core, USS {uss / 1e6:.0f} MB"
                figures.line(f"imports and bundle, {name}", shown)
    _judged([seconds[ALONE], seconds[NAMED]])


def test_until_it_serves(tmp_path: Path, bundles: Mapping[str, dict[str, str]]) -> None:
    for name, environ in bundles.items():
        started(tmp_path / name, environ)  # migrates, checks the bundle whole
    found: dict[str, list[Started]] = {name: [] for name in bundles}
    with figures.others():
        for _ in range(TIMES):
            for name, environ in bundles.items():
                found[name].append(started(tmp_path / name, environ))
    for name, starts in found.items():
        wall, cpu = (median(s.wall_seconds for s in starts), median(s.cpu_seconds for s in starts))
        rss, uss = (median(s.rss for s in starts) / 1e6, median(s.uss for s in starts) / 1e6)
        figures.line(
            f"until it serves, {name}",
            f"{wall:.2f} s ({cpu:.2f} s of a core), RSS {rss:.0f} MB, USS {uss:.0f} MB",
        )
    # A start computes and hardly waits; of a core's time others on the machine take nothing.
    cores = {name: [s.cpu_seconds for s in starts] for name, starts in found.items()}
    figures.line("as a multiple, asked", f"{_ratio(cores[ALONE], cores[ASKED]):.2f} x")
    _judged([cores[ALONE], cores[NAMED]])


def started(state: Path, environ: Mapping[str, str]) -> Started:
    """One start of the bot, in a workspace that runs already."""
    both = Playground(state, environ=environ)
    try:
        workspace = both.start_workspace()
        start = time.perf_counter()
        both.start_bot(workspace)
        spent = time.perf_counter() - start
        assert both.bot is not None
        process = psutil.Process(both.bot.pid)
        cpu, memory = process.cpu_times(), process.memory_full_info()
        return Started(spent, cpu.user + cpu.system, memory.rss, memory.uss)
    finally:
        both.stop()


def _judged(both: Sequence[Sequence[float]]) -> None:
    ratio = _ratio(*both)
    figures.under("as a multiple", ratio, RATIO_BAR, "x", 2)
    assert ratio < RATIO_BAR, "connectors cost before they are used"


def _ratio(floor: Sequence[float], of: Sequence[float]) -> float:
    return median(of) / median(floor)
