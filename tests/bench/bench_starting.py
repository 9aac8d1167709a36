"""What a start costs: the command line, the second `make play`, and what the bot imports."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import psutil
import pytest

from tests.bench import bots, figures

pytestmark = pytest.mark.bench

HELP_BAR_SECONDS, START_BAR_SECONDS = 0.6, 5.0
TIMES = 7
# Parts that are only for those who use them: a start that pays for them is a defect.
OPTIONAL = ("anthropic", "botbuilder", "celpy", "hypothesis", "mypy", "playwright", "pytest")
IMPORTING = f"""
import json, sys, time
start = time.perf_counter()
import bot.serving
spent = time.perf_counter() - start
loaded = [name for name in {OPTIONAL!r} if name in sys.modules]
import psutil
rss = psutil.Process().memory_info().rss
print(json.dumps({{"seconds": spent, "loaded": loaded, "modules": len(sys.modules), "rss": rss}}))
"""


def wall_seconds(*command: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=30)
    return time.perf_counter() - start


def test_help_answers_at_once() -> None:
    figures.title("Starting")
    spent = median(wall_seconds(sys.executable, "-m", "bot", "--help") for _ in range(TIMES))
    figures.under("assent --help", spent, HELP_BAR_SECONDS, "s", 2)


def test_what_the_bot_imports() -> None:
    found = [
        json.loads(subprocess.check_output([sys.executable, "-c", IMPORTING], timeout=30))
        for _ in range(3)
    ]
    figures.line("imports of the bot", f"{median(each['seconds'] for each in found):.2f} s")
    figures.line(
        "memory after the imports",
        f"{found[0]['rss'] / 1e6:.0f} MB, {found[0]['modules']:,} modules",
    )
    assert not found[0]["loaded"], "the bot imports what nobody asked for"


def test_second_start_of_play(tmp_path: Path) -> None:
    for attempt in ("first", "second"):
        start = time.perf_counter()
        with bots.playground(tmp_path) as (both, _):
            spent = time.perf_counter() - start
            assert both.bot is not None
            memory = psutil.Process(both.bot.pid).memory_full_info()
            stopping = time.perf_counter()
        stopped = time.perf_counter() - stopping
        if attempt == "first":
            figures.line("first start (migrates and seeds)", f"{spent:.2f} s")
    figures.under("second start of the playground", spent, START_BAR_SECONDS, "s", 2)
    figures.line("stop", f"{stopped:.2f} s")
    figures.line("memory of the bot at start", f"{memory.rss / 1e6:.0f} MB")
