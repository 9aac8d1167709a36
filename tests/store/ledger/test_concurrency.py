"""Many writers and sudden death: the ledger stays dense, unforked and verifiable."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from store.database import Database
from store.ledger import append_many
from store.ledger.verify import verify
from store.model.entry import Entry, Kind

ROOT = Path(__file__).parents[3]
KILLS = 12

WRITER = """
import sys
from datetime import UTC, datetime
from store import runs
from store.database import Database
from store.ledger import append, append_many
from store.model.entry import Entry, Kind

db = Database(sys.argv[1])
for number in range(int(sys.argv[2])):
    with db.begin() as tx:
        run_id = runs.next_id(tx)
        entries = [
            Entry(kind=Kind.INTENT, run_id=run_id, actor="assent", data={"n": number}),
            Entry(kind=Kind.RESULT, run_id=run_id, actor="assent", data={},
                  sensitive={"text": "x" * 200}),
        ]
        last = append_many(tx, entries, datetime.now(UTC))
    print(last, flush=True)
"""


def start(url: str, units: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(units)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_eight_threads_make_one_chain(db: Database, now: datetime) -> None:
    def work(number: int) -> None:
        for _ in range(15):
            with db.begin() as tx:
                entry = Entry(kind=Kind.READ, run_id=f"R-{number}", actor="assent", data={})
                append_many(tx, [entry, entry], now)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with db.read() as cx:
        report = verify(cx)
    assert report.is_whole, str(report)
    assert report.entries == 8 * 15 * 2


@pytest.mark.slow
def test_several_processes_make_one_chain(url: str, db: Database) -> None:
    writers = [start(url, 25) for _ in range(4)]
    for writer in writers:
        writer.communicate(timeout=90)
    assert [writer.returncode for writer in writers] == [0] * 4
    with db.read() as cx:
        report = verify(cx)
    assert report.is_whole, str(report)
    assert report.entries == 4 * 25 * 2


@pytest.mark.slow
def test_killed_writer_leaves_what_it_acknowledged_and_nothing_half(url: str, db: Database) -> None:
    chance = random.Random(41)
    acknowledged = 0
    for _ in range(KILLS):
        writer = start(url, 1_000_000)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        os.kill(writer.pid, signal.SIGKILL)
        said = writer.communicate(timeout=30)[0].split()
        acknowledged = max([acknowledged, *map(int, said)])
        with db.read() as cx:
            report = verify(cx)
        assert report.is_whole, str(report)
        assert report.entries >= acknowledged
        assert report.entries % 2 == 0  # a unit's two entries stand or fall together
    assert acknowledged >= 2 * KILLS
