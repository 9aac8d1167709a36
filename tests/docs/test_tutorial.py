"""The tutorial's commands, as they stand on the page, against the real processes."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.play import Playground

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
SECONDS_MAX = 60.0  # for any one command, and for a run to come to rest


class Reader:
    """Somebody who types what the page says, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.playground = Playground(folder / "state")
        self.workspace = self.playground.start()

    def follow(self, number: int) -> str:
        """The commands of one section; what they printed."""
        return "".join(self._type(block) for block in _blocks(number))

    def kill_and_start(self) -> None:
        assert self.playground.bot is not None
        self.playground.bot.kill()
        self.playground.bot.wait()
        self.playground.start_bot(self.workspace)

    def badge(self, run_id: str) -> str:
        """What the run's card says of it, once it is at rest."""
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            thread = self._type(f".venv/bin/assent thread {run_id}")
            found = re.search(r"^Assent: .*\s{3}`?([A-Z][A-Z0-9a-z ]*)`?$", thread, re.MULTILINE)
            if found and not found[1].startswith(("RUNNING", "RECEIVED")):
                return found[1]
            assert time.monotonic() < deadline, thread
            time.sleep(0.2)

    def refunds(self) -> list[int]:
        with sqlite3.connect(self.folder / "state" / "desk.db") as desk:
            rows = desk.execute(
                "SELECT amount_minor FROM refunds WHERE payment_id = 'pay_7731' ORDER BY created_at"
            )
            return [amount for (amount,) in rows]

    def _type(self, commands: str) -> str:
        programs = {"assent": f"{sys.executable} -m bot", "python": sys.executable}
        here = re.sub(r"\.venv/bin/(assent|python)\b", lambda found: programs[found[1]], commands)
        done = subprocess.run(
            ["bash", "-c", here],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert done.stderr == "", done.stderr
        return done.stdout


def _blocks(number: int) -> list[str]:
    """The commands of a section; `make play` is the reader's own."""
    section = re.split(r"^## (?=\d\. )", PAGE.read_text(), flags=re.MULTILINE)[number]
    blocks = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    return [block.replace("make play\n", "") for block in blocks if block.strip() != "make play"]


@pytest.fixture
def reader(tmp_path, monkeypatch):
    monkeypatch.delenv("ASSENT_STATE", raising=False)
    made = Reader(tmp_path)
    yield made
    made.playground.stop()


@pytest.mark.slow
def test_the_tutorial_comes_true(reader):
    assert "[Approve]" in reader.follow(1)

    said = reader.follow(2)
    assert "somebody else has to decide" in said
    assert "whole and unaltered" in said
    assert reader.badge("R-1001") == "DONE"

    asked, drifted, approved = _blocks(3)
    reader._type(asked)
    reader._type(drifted)
    assert reader.badge("R-1002") == "WAITING 0 of 2"
    assert "CHANGED SINCE YOU LOOKED" in reader._type(".venv/bin/assent thread R-1002")
    reader._type(approved)
    assert reader.badge("R-1002") == "DONE"

    slow, _ = _blocks(4)
    reader._type(slow)
    reader.kill_and_start()
    assert reader.badge("R-1003") == "DONE"

    reader.follow(5)
    assert reader.badge("R-1004") == "DONE"
    assert reader.refunds() == [4000, 2000, 3000, 1500, 500]

    assert "small-refund" in reader.follow(6)

    reader.playground.stop()
    assert "entry 7 (plan of R-1001) was edited" in reader.follow(7)


def test_the_line_that_the_tutorial_edits_is_there():
    policy = ROOT / "policies" / "bundles" / "desk" / "policies" / "refunds.yml"
    small = policy.read_text().partition("  small: {")[2].partition("}")[0]
    assert "`USD: 10000`" in PAGE.read_text()
    assert "USD: 10000" in small
