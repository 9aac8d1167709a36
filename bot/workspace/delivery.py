"""How something reaches the bot: the envelope, its acknowledgement, and the events' outbox."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.workspace.storage import Row, Storage, Value, column
from bot.workspace.wire import Json

# Ours: events kept while the bot is away; beyond it the oldest go, and a warning says so.
OUTBOX_EVENTS = 10_000
# Ours: events on their way at one time.
EVENTS_IN_FLIGHT = 64

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Envelope:
    """Something for the bot. `kind`: events_api, interactive or slash_commands."""

    kind: str
    payload: Json
    attempt: int = 0
    retry_reason: str = ""


@dataclass(frozen=True)
class Ack:
    """The bot's answer. `reason` says why there is none, in Slack's words.

    no_connection (nobody is there), connection_lost, connection_failed, http_timeout, http_error.
    """

    is_ok: bool
    body: Json | str | None = None
    reason: str = ""
    is_final: bool = False


class Transport(Protocol):
    """Socket Mode or HTTP."""

    async def deliver(self, envelope: Envelope) -> Ack:
        """Hand over one envelope and wait for its acknowledgement."""

    async def wait_ready(self) -> None:
        """Return when somebody may be there."""

    async def close(self) -> None:
        """Let go of connections."""


class Outbox:
    """Events that the bot has not acknowledged yet; kept in the database, retried as Slack does.

    While nobody is connected nothing is tried and nothing is lost. After the last retry an event
    is dropped, as in Slack, and a warning names it.
    """

    def __init__(
        self,
        storage: Storage,
        transport: Transport,
        retry_delays_seconds: tuple[float, ...],
        clock: Callable[[], float],
        table: Literal["outbox", "teams_outbox"] = "outbox",
    ) -> None:
        self._storage = storage
        self._transport = transport
        self._table = table
        self._delays = retry_delays_seconds
        self._clock = clock
        self._news = asyncio.Event()
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._loop_task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to deliver, what an earlier start left over first."""
        self._loop_task = asyncio.create_task(self._deliver())

    async def close(self) -> None:
        """Stop; what was not acknowledged stays for the next start."""
        tasks = [task for task in (self._loop_task, *self._in_flight.values()) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def push(self, payload: Json) -> None:
        """Keep an event until the bot acknowledges it."""
        self._run(
            "INSERT INTO outbox (payload, attempts, due_at, reason) VALUES (?, 0, 0, '')",
            column(payload),
        )
        dropped = self._run(
            "DELETE FROM outbox WHERE id <= (SELECT max(id) FROM outbox) - ?", OUTBOX_EVENTS
        )
        if dropped:
            log.warning("%d events were dropped: the bot is away and the outbox is full", dropped)
        self._news.set()

    def waiting(self) -> int:
        """How many events are not acknowledged."""
        row = self._rows("SELECT count(*) FROM outbox")[0]
        return int(str(row[0]))

    async def _deliver(self) -> None:
        while True:
            await self._transport.wait_ready()
            self._news.clear()
            self._send_due()
            try:
                async with asyncio.timeout(self._pause_seconds()):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _send_due(self) -> None:
        due = self._rows(
            "SELECT id, payload, attempts, reason FROM outbox"
            " WHERE due_at <= ? ORDER BY id LIMIT ?",
            self._clock(),
            2 * EVENTS_IN_FLIGHT,
        )
        for number, payload, attempts, reason in due:
            if len(self._in_flight) >= EVENTS_IN_FLIGHT:
                return
            key = int(str(number))
            if key in self._in_flight:
                continue
            envelope = Envelope(
                "events_api", json.loads(str(payload)), int(str(attempts)), str(reason)
            )
            self._in_flight[key] = asyncio.create_task(self._send(key, envelope))

    def _pause_seconds(self) -> float | None:
        first = self._rows("SELECT min(due_at) FROM outbox WHERE due_at > ?", self._clock())[0][0]
        return None if first is None else float(str(first)) - self._clock()

    async def _send(self, key: int, envelope: Envelope) -> None:
        try:
            ack = await self._transport.deliver(envelope)
            self._settle(key, envelope, ack)
        finally:
            del self._in_flight[key]
            self._news.set()

    def _settle(self, key: int, envelope: Envelope, ack: Ack) -> None:
        if ack.is_ok:
            self._run("DELETE FROM outbox WHERE id = ?", key)
        elif ack.reason == "no_connection":
            return
        elif ack.reason == "connection_lost":
            # The bot died or went away while it held the event: the next connection gets it.
            self._run("UPDATE outbox SET reason = ? WHERE id = ?", ack.reason, key)
        elif ack.is_final or envelope.attempt >= len(self._delays):
            name = envelope.payload.get("event_id") or envelope.payload.get("id")
            log.warning("event %s was given up: %s", name, ack.reason)
            self._run("DELETE FROM outbox WHERE id = ?", key)
        else:
            self._run(
                "UPDATE outbox SET attempts = attempts + 1, due_at = ?, reason = ? WHERE id = ?",
                self._clock() + self._delays[envelope.attempt],
                ack.reason,
                key,
            )

    def _run(self, statement: str, *values: Value) -> int:
        return self._storage.run(self._on_own_table(statement), *values)

    def _rows(self, statement: str, *values: Value) -> list[Row]:
        return self._storage.rows(self._on_own_table(statement), *values)

    def _on_own_table(self, statement: str) -> str:
        return statement.replace(" outbox", f" {self._table}")
