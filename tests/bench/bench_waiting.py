"""What 10,000 runs cost that wait for people: rows, and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.workspace.client import WorkspaceClient
from store import deliveries, runs
from store.clock import to_us
from store.database import Database
from store.model.run import Run, Status
from tests.bench import bots, crowd, figures

pytestmark = pytest.mark.bench

WAITING = 10_000
REST_SECONDS = 4.0  # a start is no idle moment
SECONDS = 15.0
CPU_BAR_PERCENT, MEMORY_BAR_MB = 3.0, 150.0
THREADS_MAX = 40  # of the process in all, whatever waits


def seed(state: Path, like: Run) -> int:
    """Copies of a real waiting run with their cards posted, and how many wait now."""
    db = Database(f"sqlite:///{state / 'assent.db'}")
    assert like.proposal is not None
    with db.begin() as tx:
        for number in range(WAITING - 1):
            run_id = runs.next_id(tx)
            place = like.request.place.model_copy(update={"thread": f"1795000000.{number:06d}"})
            proposal = like.proposal.model_copy(update={"run_id": run_id})
            request = like.request.model_copy(update={"place": place})
            run = like.model_copy(
                update={"id": run_id, "proposal": proposal, "request": request, "version": 1}
            )
            runs.insert(tx, run)
            deliveries.put(tx, f"card:{run_id}", run_id, "card", place, {}, like.changed_at)
        due = deliveries.claim_due(tx, like.changed_at, WAITING, 60, "bench")
        for delivery in due:
            deliveries.sent(tx, delivery.id, delivery.wanted, delivery.place.thread)
    with db.read() as cx:
        count = runs.waiting_count(cx)
    db.close()
    return count


def first_run(state: Path) -> Run:
    db = Database(f"sqlite:///{state / 'assent.db'}")
    with db.read() as cx:
        (run,) = runs.in_status(cx, (Status.WAITING,), 1)
    db.close()
    assert to_us(run.changed_at) > 0
    return run


def test_ten_thousand_waiting_runs(tmp_path: Path) -> None:
    figures.title(f"{WAITING:,} runs waiting for approval, the bot alone")
    with bots.playground(tmp_path) as (both, workspace):
        assert both.bot is not None
        client = WorkspaceClient(both.workspace_folder)
        (order,) = crowd.plant_orders(tmp_path / "desk.db", 1)
        client.say(f"refund $1 on order {order}, damaged", "agent")
        client.wait_for("WAITING", "agent")
        both.bot.terminate()
        both.bot.wait(bots.STOP_SECONDS_MAX)
        start = time.perf_counter()
        count = seed(tmp_path, first_run(tmp_path))
        figures.line("seeded", f"{count:,} runs in {time.perf_counter() - start:.1f} s")
        assert count == WAITING
        with bots.bot(tmp_path, workspace) as process:
            time.sleep(REST_SECONDS)
            with figures.others():
                share = bots.core_share(process, SECONDS)
            memory = process.memory_full_info()
            threads = process.num_threads()
            asked = time.perf_counter()
            said = client.say(f"refund $2 on order {order}, damaged", "agent2")
            client.wait_for(lambda m: m.get("thread_ts") == said["ts"], "agent2")
            seconds = time.perf_counter() - asked
    figures.under("CPU, of one core", share, CPU_BAR_PERCENT, "%", 1)
    figures.under("memory, resident", memory.rss / 1e6, MEMORY_BAR_MB, "MB")
    figures.line("memory, its own (USS)", f"{memory.uss / 1e6:.0f} MB")
    figures.line("threads", f"{threads}")
    figures.line("a request among them, to its card", f"{seconds * 1e3:.0f} ms")
    assert threads < THREADS_MAX, "waiting runs must hold no thread"
