"""Many writers and sudden death: the ledger stays dense, unforked and verifiable."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from datetime import datetime

import pytest

from store.database import Database
from store.ledger import append_many
from store.ledger.verify import verify
from store.model.entry import Entry, Kind
from tests.forking import ROOT, forks

KILLS = 12

WRITER = """
import os
from datetime import UTC, datetime
from store import runs
from store.database import Database
from store.ledger import append, append_many
from store.model.entry import Entry, Kind

def work(url, units):
    db = Database(url)
    for number in range(int(units)):
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
AT_ONCE = """
import sys

children = []
for _ in range(4):
    children.append(os.fork())
    if children[-1] == 0:
        work(*sys.argv[1:])
        os._exit(0)
print("ended", *(os.waitpid(child, 0)[1] for child in children))
"""


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
    written = subprocess.run(
        [sys.executable, "-c", WRITER + AT_ONCE, url, "25"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=90, check=True,
    ).stdout  # fmt: skip
    assert written.splitlines()[-1] == "ended 0 0 0 0"
    with db.read() as cx:
        report = verify(cx)
    assert report.is_whole, str(report)
    assert report.entries == 4 * 25 * 2


@pytest.mark.slow
def test_killed_writer_leaves_what_it_acknowledged_and_nothing_half(url: str, db: Database) -> None:
    chance = random.Random(41)
    acknowledged = 0
    with forks(WRITER) as writers:
        for _ in range(KILLS):
            writer = writers.start(url, "1000000")
            said = [writers.line()]
            time.sleep(chance.uniform(0, 0.05))
            said += writers.kill(writer)
            acknowledged = max([acknowledged, *map(int, said)])
            with db.read() as cx:
                report = verify(cx)
            assert report.is_whole, str(report)
            assert report.entries >= acknowledged
            assert report.entries % 2 == 0  # a unit's two entries stand or fall together
    assert acknowledged >= 2 * KILLS
