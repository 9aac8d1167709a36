"""How soon an event is acknowledged, and how many events a second are taken without a loss: signed
requests to the bot's own HTTP door, on the schedule of people rather than of the bot."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.settings import EVENTS_PATH
from tests.bench import bots, crowd, figures

pytestmark = pytest.mark.bench

RATE = 50.0  # events a second that the bar is about
SECONDS = 20.0
RATES = (25.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0)
STEP_SECONDS = 4.0
ACK_SECONDS_MAX = 3.0  # Slack's own; what comes later is a loss
BAR_MS = 100.0
PEOPLE, ORDERS = 200, 200
EVENTS_MAX = int(10 + RATE * SECONDS + sum(RATES) * STEP_SECONDS)


@dataclass(frozen=True)
class Ack:
    """One event: when it was due until it was acknowledged, and with what."""

    seconds: float
    is_taken: bool


class Sender:
    """Signs and sends events on a fixed schedule, however slow the answers are."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, secret: str, events: Iterator[Any]
    ) -> None:
        self._session, self._url, self._secret, self._events = session, url, secret, events

    async def send(self, rate: float, seconds: float) -> list[Ack]:
        """`rate` events a second; a late answer delays no later event."""
        start, count = time.perf_counter(), int(rate * seconds)
        tasks = []
        for number in range(count):
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(self._one(due)))
        return list(await asyncio.gather(*tasks))

    async def _one(self, due: float) -> Ack:
        body = json.dumps(next(self._events)).encode()
        at = str(int(time.time()))
        base = b"v0:" + at.encode() + b":" + body
        signature = "v0=" + hmac.new(self._secret.encode(), base, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": signature,
        }
        try:
            async with self._session.post(self._url, data=body, headers=headers) as answer:
                await answer.read()
                return Ack(time.perf_counter() - due, answer.status == 200)
        except (TimeoutError, aiohttp.ClientError):
            return Ack(time.perf_counter() - due, is_taken=False)


def runs_stored(state: Path) -> int:
    with closing(sqlite3.connect(state / "assent.db", timeout=5)) as store:
        return int(store.execute("SELECT count(*) FROM runs").fetchone()[0])


def lost(acks: list[Ack], stored: int) -> int:
    """Events that were refused, late, or acknowledged and yet no run."""
    timely = sum(ack.is_taken and ack.seconds <= ACK_SECONDS_MAX for ack in acks)
    return max(len(acks) - timely, len(acks) - stored)


async def measure(url: str, state: Path, workspace: Mapping[str, Any]) -> None:
    users = crowd.plant_people(state / "workspace", PEOPLE)
    orders = crowd.plant_orders(state / "desk.db", ORDERS)
    timeout = aiohttp.ClientTimeout(total=ACK_SECONDS_MAX + 2)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        events = crowd.plant_mentions(state / "workspace", users, orders, workspace, EVENTS_MAX)
        sender = Sender(session, url, workspace["signing_secret"], iter(events))
        await sender.send(10.0, 1.0)
        before = runs_stored(state)
        with figures.others():
            acks = await sender.send(RATE, SECONDS)
        missing = lost(acks, runs_stored(state) - before)
        spent = [ack.seconds for ack in acks]
        figures.latencies(f"acknowledgement at {RATE:g} events/s, {SECONDS:g} s", spent)
        p99_ms = figures.quantile(spent, 0.99) * 1_000
        figures.under("acknowledgement p99", p99_ms, BAR_MS, "ms", 1)
        figures.line("lost", f"{missing} of {len(acks):,}")
        assert not missing, "an event was lost at the rate that the bar is about"
        held = 0.0
        for rate in RATES:
            before = runs_stored(state)
            acks = await sender.send(rate, STEP_SECONDS)
            missing = lost(acks, runs_stored(state) - before)
            p99_ms = figures.quantile([ack.seconds for ack in acks], 0.99) * 1_000
            figures.line(f"  {rate:g} events/s", f"lost {missing}, p99 {p99_ms:,.0f} ms")
            if missing:
                break
            held = rate
        figures.line("highest rate held without a loss", f"{held:g} events/s")


def test_acknowledgement_under_load(tmp_path: Path) -> None:
    figures.title("Acknowledgement over signed HTTP")
    with bots.playground(tmp_path) as (both, workspace):
        assert both.bot is not None
        both.bot.terminate()
        both.bot.wait(bots.STOP_SECONDS_MAX)
        port = bots.free_port()
        http = {"ASSENT_SLACK_MODE": "http", "ASSENT_HTTP_PORT": str(port)}
        with bots.bot(tmp_path, workspace, **http) as process:
            asyncio.run(measure(f"http://127.0.0.1:{port}{EVENTS_PATH}", tmp_path, workspace))
            figures.line(
                "memory of the bot afterwards", f"{process.memory_info().rss / 1e6:.0f} MB"
            )
