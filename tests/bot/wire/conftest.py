"""The real bot and the real workspace as two processes, driven by people's hands over the wire."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.play import Playground
from bot.settings import BUNDLE_SHIPPED, SlackMode
from bot.terminal import Terminal
from bot.workspace.text import blocks_text
from bot.workspace.wire import ClientError
from store import deliveries, ledger, runs
from store.database import Database
from store.ledger import verify as verifying
from store.model.entry import Kind
from store.model.run import Run, Status
from tests.slack_alone import slack_alone

T = TypeVar("T")
SECONDS_MAX = 20.0  # for any one thing to come true
LOOKS_MAX = 3  # at a card that is redrawn between the look and the press
CHANNELS = {"support-ops": "C0SUPPORTOP", "random": "C0RANDOM000"}
PLAIN_ORDERS = (  # two of a customer: for a third refund in a day, policy wants more approvals
    "SELECT id FROM (SELECT o.id, row_number() OVER (PARTITION BY o.customer_id ORDER BY o.id) nth"
    " FROM orders o JOIN payments p ON p.order_id = o.id"
    " WHERE o.status IN ('delivered', 'shipped') AND p.currency = 'USD' AND p.status = 'paid'"
    " AND p.paid_minor BETWEEN 1500 AND 200000 AND o.id NOT BETWEEN '1043' AND '1077'"
    " AND o.placed_at > datetime('now', '-80 days')) WHERE nth <= 2 ORDER BY nth, id"
)
USERS = {
    "agent": "U0DANA00000",
    "agent2": "U0SAM000000",
    "lead": "U0LEE000000",
    "lead2": "U0MIRA00000",
    "finance": "U0ANN000000",
    "finance2": "U0RAJ000000",
    "guest": "U0GIL000000",
    "stranger": "U0VERA00000",
    "former": "U0OLAF00000",
}


class Play:
    """A playground, and what a test does to it and sees of it."""

    def __init__(self, state: Path, mode: SlackMode, **environ: str) -> None:
        self.state, self.mode = state, mode
        self.log = state.with_suffix(".log")
        self.playground = Playground(
            state,
            delivery=mode,
            environ={"ASSENT_BUNDLE": str(bundle(state)), **environ},
            log=self.log,
            workspace_arguments=("--retry-seconds", "0,0.5,0.5,1,1,2,2,4,4"),
        )
        self.told = self.playground.start()
        self.people = Terminal(self.playground.workspace_folder)
        self.people.control("bot-membership", {"channel": CHANNELS["random"], "is_in": True})
        self.store = Database(f"sqlite:///{state / 'assent.db'}")
        self._orders = iter(self.desk_rows(PLAIN_ORDERS))

    @property
    def desk(self) -> str:
        return str(self.state / "desk.db")

    def close(self) -> None:
        self.store.close()
        self.playground.stop()

    def kill_bot(self) -> None:
        assert self.playground.bot is not None
        self.playground.bot.kill()
        self.playground.bot.wait()

    def start_bot(self) -> None:
        self.playground.start_bot(self.told)

    def restart_workspace(self) -> None:
        """Kills the workspace and starts it again where it was."""
        assert self.playground.workspace is not None
        self.playground.workspace.kill()
        self.playground.workspace.wait()
        self.told = self.playground.start_workspace()

    def order(self) -> str:
        """A delivered order in dollars that no other test has asked about, of another customer."""
        return str(next(self._orders)[0])

    def ask(
        self, text: str, as_: str = "agent", channel: str = "support-ops", status: str = "waiting"
    ) -> Run:
        """A request, and its run once it has the status and its card is posted."""
        said = self.people.say(text, as_, channel)
        run = self.until(lambda: self.run_of(said["ts"]), f"a run for {text[:60]!r}")
        run = self.until_status(run, status)
        self.until(lambda: self.card(run), f"the card of {run.id}")
        return run

    def run_of(self, ts: str) -> Run | None:
        return next((run for run in self.runs() if run.request.message == ts), None)

    def runs(self) -> tuple[Run, ...]:
        with self.store.read() as cx:
            return runs.newest_in_status(cx, tuple(Status), 200)

    def run(self, run: Run) -> Run:
        with self.store.read() as cx:
            found = runs.get(cx, run.id)
        assert found is not None
        return found

    def until_status(self, run: Run, status: str) -> Run:
        def reached() -> Run | None:
            now = self.run(run)
            return now if now.status.value == status else None

        return self.until(reached, f"{run.id} to be {status}", lambda: self.card(run))

    def until(self, look: Callable[[], T | None], what: str, instead: Callable[[], str] = str) -> T:
        """What `look` finds, once it finds something; `instead` says what there is otherwise."""
        deadline = time.monotonic() + SECONDS_MAX
        while not (found := look()):
            if time.monotonic() > deadline:
                pytest.fail(f"waited {SECONDS_MAX:g} s for {what}\n{instead()}\n{self.tail()}")
            time.sleep(0.03)
        return found

    def press(self, action: str, as_: str, run: Run, **more: Any) -> Any:
        """Presses a button; looks again where the card was redrawn meanwhile, as a person would."""
        for _ in range(LOOKS_MAX - 1):
            try:
                return self.people.press(action, as_, run.id, **more)
            except ClientError as error:
                if "no longer on the message" not in str(error):
                    raise
        return self.people.press(action, as_, run.id, **more)

    def approve(self, run: Run, *users: str, status: str = "applied") -> Run:
        for user in users:
            self.press("Approve", user, run)
        return self.until_status(run, status)

    def card(self, run: Run) -> str:
        """The run's card as the workspace stores it, as text."""
        return "\n".join(self.texts(message) for message in self.card_messages(run))

    def card_messages(self, run: Run) -> list[dict[str, Any]]:
        with self.store.read() as cx:
            found = [d for d in deliveries.for_run(cx, run.id) if d.kind.value == "card"]
        return [m for d in found for m in self.messages() if d.message and m["ts"] == d.message]

    def until_card(self, run: Run, text: str) -> str:
        """The card once it shows a text."""
        return self.until(
            lambda: card if text in (card := self.card(run)) else None,
            f"the card of {run.id} to show {text!r}",
            lambda: self.card(run),
        )

    def let_expire(self, run: Run) -> None:
        """Moves the end of a waiting run's time into the past, as if hours had gone by."""
        with self.store.begin() as tx:
            now = runs.get(tx, run.id)
            assert now is not None
            assert now.proposal is not None
            proposal = now.proposal.model_copy(update={"expires_at": datetime.now(UTC)})
            assert proposal.digest == now.proposal.digest
            changes = {"proposal": proposal, "version": now.version + 1}
            runs.save(tx, now.model_copy(update=changes))

    def buttons(self, run: Run) -> list[str]:
        return [
            element["action_id"]
            for message in self.card_messages(run)
            for block in message["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
        ]

    def summaries(self, run: Run) -> list[str]:
        with self.store.read() as cx:
            found = [d for d in deliveries.for_run(cx, run.id) if d.kind.value == "summary"]
        posted = {d.message for d in found if d.message}
        return [self.texts(m) for m in self.messages() if m["ts"] in posted]

    def heard(self, as_: str, text: str) -> str:
        """What only this person was told, once it contains a text."""

        def told() -> str | None:
            said = [self.texts(m) for m in self.messages() if m["visible_to"] == USERS[as_]]
            return next((each for each in reversed(said) if text in each), None)

        return self.until(told, f"{as_} to hear {text!r}")

    def texts(self, message: dict[str, Any]) -> str:
        return blocks_text(message.get("blocks") or [], {}) or str(message.get("text") or "")

    def messages(self) -> list[dict[str, Any]]:
        """Every message that the workspace holds, oldest first."""
        rows = self.workspace_rows("SELECT channel, visible_to, document FROM messages ORDER BY ts")
        return [{**json.loads(row[2]), "channel": row[0], "visible_to": row[1]} for row in rows]

    def views(self) -> list[str]:
        return [row[0] for row in self.workspace_rows("SELECT document FROM views")]

    def workspace_rows(self, sql: str) -> list[tuple[Any, ...]]:
        path = self.playground.workspace_folder / "workspace.sqlite"
        with closing(sqlite3.connect(path, timeout=10)) as workspace:
            return workspace.execute(sql).fetchall()

    def deliver(self, payload: dict[str, Any], attempts: int = 0) -> None:
        """Has the workspace deliver an event, as a retry when `attempts` is not 0."""
        path = self.playground.workspace_folder / "workspace.sqlite"
        with closing(sqlite3.connect(path, timeout=10)) as workspace, workspace:
            workspace.execute(
                "INSERT INTO outbox (payload, attempts, due_at, reason) VALUES (?, ?, 0, ?)",
                (json.dumps(payload), attempts, "http_timeout" if attempts else ""),
            )
        self.people.control("status")
        self.people.home("admin")  # an event of its own, so that the outbox is looked at

    def until_delivered(self) -> None:
        self.until(
            lambda: self.people.control("status")["events_waiting"] == 0, "the outbox to be empty"
        )

    def faults(self, kind: str, calls: int = 1, *methods: str, seconds: float = 1.0) -> None:
        body = {"kind": kind, "calls": calls, "methods": list(methods), "seconds": seconds}
        self.people.control("faults", body)

    def refunds(self, order: str) -> list[int]:
        rows = self.desk_rows(
            "SELECT r.amount_minor FROM refunds r JOIN payments p ON p.id = r.payment_id"
            f" WHERE p.order_id = '{order}' AND r.reversed_at = ''"
            " AND r.created_by = 'desk-refunds' ORDER BY r.created_at"
        )
        return [amount for (amount,) in rows]

    def desk_rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.desk}?mode=ro", uri=True)) as desk:
            return desk.execute(sql).fetchall()

    def kinds(self, run: Run) -> list[Kind]:
        with self.store.read() as cx:
            return [entry.kind for entry in ledger.show(cx, run.id)]

    def is_ledger_whole(self) -> bool:
        with self.store.read() as cx:
            return verifying.verify(cx).is_whole

    def tail(self) -> str:
        return self.log.read_text()[-3_000:] if self.log.exists() else ""


def bundle(state: Path) -> Path:
    """The shipped bundle for Slack alone with a second channel (a channel takes one post a second),
    the digest's hour already over, and without the limit that one person asking for all meets."""
    folder = state.with_suffix(".bundle") / "desk"
    if folder.exists():
        return folder
    shutil.copytree(BUNDLE_SHIPPED, folder)
    settings = folder / "bundle.yml"
    text = slack_alone(settings.read_text())
    assert "ids: [C0SUPPORTOP]" in text
    text = text.replace("ids: [C0SUPPORTOP]", "ids: [C0SUPPORTOP, C0RANDOM000]")
    assert 'at: "18:00"' in text
    settings.write_text(text.replace('at: "18:00"', 'at: "00:00"'))
    refunds = folder / "policies" / "refunds.yml"
    limited = refunds.read_text()
    assert "refunds_of_requester.count > 0" in limited
    refunds.write_text(
        limited.replace("refunds_of_requester.count > 0", "refunds_of_requester.count > 1000000")
    )
    return folder


@pytest.fixture(scope="package", params=["socket", "http"])
def play(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Play]:
    """One playground for all tests of this folder, in each of Slack's deliveries."""
    made = Play(tmp_path_factory.mktemp(f"wire-{request.param}") / "state", request.param)
    yield made
    made.close()
