"""What people feel: from a request to its card, from a click to the card that shows it, to the end.

The real workspace and the real bot in Socket Mode, at the pace at which Slack takes messages.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bot.workspace.client import WorkspaceClient
from tests.bench import bots, crowd, figures

pytestmark = pytest.mark.bench

ROUNDS = 25
# Slack takes about one message a second in a channel, and a round posts a card and a summary.
PACE_SECONDS = 2.1
PAUSE_SECONDS = 0.3  # nobody clicks sooner
CARD_BAR_MS, UPDATE_BAR_MS = 500.0, 250.0


class Chat:
    """One agent who asks and one lead who approves."""

    def __init__(self, client: WorkspaceClient) -> None:
        self._client = client

    def ask(self, order: str) -> tuple[dict[str, Any], float]:
        """The card of a refund, and the seconds that it took to appear."""
        start = time.perf_counter()
        said = self._client.say(f"refund $1 on order {order}, arrived damaged", "agent")
        card = self._client.wait_for(lambda m: m.get("thread_ts") == said["ts"], "agent")
        return card, time.perf_counter() - start

    def approve(self, card: dict[str, Any]) -> tuple[float, float]:
        """Seconds from the click until the card shows it, and until the run is applied."""
        run_id = str(card["text"]).rpartition("(")[2].rstrip(")")
        start = time.perf_counter()
        clicking = threading.Thread(target=self._client.press, args=("Approve", "lead", run_id))
        clicking.start()
        self._card(card, lambda text: "waiting" not in text)
        updated = time.perf_counter() - start
        self._card(card, lambda text: ": done" in text)
        done = time.perf_counter() - start
        clicking.join()
        return updated, done

    def _card(self, card: dict[str, Any], shows: Any) -> None:
        self._client.wait_for(lambda m: m["ts"] == card["ts"] and shows(m["text"]), "lead")


def test_what_people_feel(tmp_path: Path) -> None:
    figures.title("Chatting in the local workspace, Socket Mode")
    with bots.playground(tmp_path) as (both, _), figures.others():
        chat = Chat(WorkspaceClient(both.workspace_folder))
        shown, updated, done = [], [], []
        for order in crowd.plant_orders(tmp_path / "desk.db", ROUNDS + 1):
            since = time.perf_counter()
            card, seconds = chat.ask(order)
            shown.append(seconds)
            time.sleep(PAUSE_SECONDS)
            first, last = chat.approve(card)
            updated.append(first)
            done.append(last)
            time.sleep(max(0.0, PACE_SECONDS - (time.perf_counter() - since)))
    shown, updated, done = shown[1:], updated[1:], done[1:]  # the first one warms everything up
    figures.latencies("request to card", shown)
    figures.under("request to card p50", figures.quantile(shown, 0.5) * 1e3, CARD_BAR_MS, "ms")
    figures.latencies("click to card update", updated)
    figures.under("click to update p50", figures.quantile(updated, 0.5) * 1e3, UPDATE_BAR_MS, "ms")
    figures.latencies("click to done, 3 steps", done)
