"""Completed runs a second, from approval to applied in three steps, beside the same writes done by
plain SQLAlchemy in the same run on the same disk: the price of durability, proof and policy."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from bot import flow
from bot.planner.rules import RulesPlanner
from store.model.run import Status
from tests.bench import crowd, figures
from tests.bot.conftest import World

pytestmark = pytest.mark.bench

RUNS = 80
WARM = 5
STEPS = 3
# Tables of ours that a plain state machine would have as well; the engine's own are its price.
COUNTED = ("ledger_entries", "ledger_bodies", "approvals", "steps", "charges", "deliveries")
RATIO_MIN = 0.01  # loose: far below it something is broken rather than slow


def rows(store: Path) -> dict[str, int]:
    with closing(sqlite3.connect(store, timeout=5)) as cx:
        return {
            name: int(cx.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in COUNTED
        }


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _set_up(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Plain:
    """The state machine that somebody would write in an afternoon: the same rows, a commit with
    each change, no engine, no hash, no policy, no second read."""

    INSERT = text("INSERT INTO facts (run, body) VALUES (:run, :body)")
    SAVE = text("UPDATE runs SET status = :status, body = :body WHERE id = :run")
    WRITE = text("UPDATE records SET version = version + 1 WHERE id = :run")

    def __init__(self, folder: Path, inserts_per_run: float, body: str) -> None:
        self._body, self._entry = body, "x" * 600
        commits = 2 + 2 * STEPS
        self._inserts = max(1, round(inserts_per_run / commits))
        self._store, self._desk = _engine(folder / "plain.db"), _engine(folder / "plain-desk.db")
        with self._store.begin() as tx:
            tx.execute(text("CREATE TABLE runs (id INTEGER PRIMARY KEY, status TEXT, body TEXT)"))
            tx.execute(text("CREATE TABLE facts (id INTEGER PRIMARY KEY, run INTEGER, body TEXT)"))
            for run in range(RUNS):
                tx.execute(
                    text("INSERT INTO runs VALUES (:run, '', :body)"), {"run": run, "body": body}
                )
        with self._desk.begin() as tx:
            tx.execute(text("CREATE TABLE records (id INTEGER PRIMARY KEY, version INTEGER)"))
            tx.execute(text("CREATE TABLE facts (id INTEGER PRIMARY KEY, run INTEGER, body TEXT)"))
            for run in range(RUNS):
                tx.execute(text("INSERT INTO records VALUES (:run, 1)"), {"run": run})

    def complete(self, run: int) -> None:
        self._move(run, "approved")
        for step in range(STEPS):
            self._move(run, f"intent {step}")
            with self._desk.begin() as tx:
                tx.execute(self.WRITE, {"run": run})
                tx.execute(self.INSERT, [{"run": run, "body": self._entry}] * 2)
            self._move(run, f"done {step}")
        self._move(run, "applied")

    def _move(self, run: int, status: str) -> None:
        with self._store.begin() as tx:
            tx.execute(self.SAVE, {"run": run, "status": status, "body": self._body})
            tx.execute(self.INSERT, [{"run": run, "body": self._entry}] * self._inserts)

    def close(self) -> None:
        self._store.dispose()
        self._desk.dispose()


def completed(world: World, orders: tuple[str, ...]) -> float:
    """Runs a second from the first approval to the last outcome."""
    asked = [world.ask(f"refund $1 on order {order}, damaged") for order in orders]
    start = time.perf_counter()
    for run in asked:
        world.approve_only(run, "lead")
    settled = [world.settled(run, 60) for run in asked]
    spent = time.perf_counter() - start
    assert {run.status for run in settled} == {Status.APPLIED}
    return len(asked) / spent


def test_completed_runs_beside_plain_sqlalchemy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures.title(f"Completed runs, {STEPS} steps each, approval to applied")
    monkeypatch.setattr(flow, "OPEN_RUNS_PER_PERSON_MAX", RUNS + WARM + 1)
    environ: Mapping[str, str] = {}
    world = World(tmp_path, RulesPlanner(), dict(environ))
    try:
        orders = crowd.plant_orders(tmp_path / "desk.db", RUNS + WARM)
        completed(world, orders[:WARM])
        asked = rows(tmp_path / "assent.db")
        with figures.others():
            ours = completed(world, orders[WARM:])
        written = sum(rows(tmp_path / "assent.db").values()) - sum(asked.values())
        body = world.run(world.last_id()).model_dump_json()
    finally:
        world.assent.close()
    plain = Plain(tmp_path, written / RUNS, body)
    start = time.perf_counter()
    for run in range(RUNS):
        plain.complete(run)
    floor = RUNS / (time.perf_counter() - start)
    plain.close()
    figures.line("ours", f"{ours:,.1f} runs/s ({ours * 86_400:,.0f} a day)")
    figures.line(
        "the same writes, plain SQLAlchemy", f"{floor:,.1f} runs/s, {written / RUNS:.0f} rows a run"
    )
    figures.line("ratio", f"{ours / floor:.3f}")
    assert ours / floor > RATIO_MIN
