"""Many people and many orders: nobody may have more than a few dozen requests open, and runs that
change the same record would disturb each other."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

# A seeded customer with an order, its payment and its open ticket.
TEMPLATE = ("cus_acme", "1043", "pay_7731", "T-882")
ORDER_FIRST = 500_000  # ids of planted orders count from here


def plant_people(workspace: Path, number: int) -> tuple[str, ...]:
    """Support agents in a local workspace, each a copy of the seeded one; their user ids."""
    ids = tuple(f"U1CROWD{n:04d}" for n in range(number))
    with closing(sqlite3.connect(workspace / "workspace.sqlite", timeout=5)) as storage, storage:
        agent = _document(storage, "users", "alias = 'agent'")
        storage.executemany(
            "INSERT OR IGNORE INTO users VALUES (?, NULL, ?)",
            [(user, json.dumps({**agent, "id": user, "real_name": user})) for user in ids],
        )
        group = _document(storage, "user_groups", "handle = 'support'")
        group["users"] = sorted({*group["users"], *ids})
        storage.execute(
            "UPDATE user_groups SET document = ? WHERE handle = 'support'", (json.dumps(group),)
        )
    return ids


def plant_orders(desk: Path, number: int) -> tuple[str, ...]:
    """Orders with a customer, a payment and an open ticket of their own; their ids."""
    ids = tuple(str(ORDER_FIRST + n) for n in range(number))
    customer, order, payment, ticket = TEMPLATE
    with closing(sqlite3.connect(desk, timeout=5)) as storage, storage:
        for new in ids:
            _copy(storage, "customers", customer, {"id": f"cus_{new}"})
            _copy(storage, "orders", order, {"id": new, "customer_id": f"cus_{new}"})
            _copy(storage, "payments", payment, {"id": f"pay_{new}", "order_id": new})
            _copy(storage, "tickets", ticket, {"id": f"T-{new}", "order_id": new})
    return ids


def plant_mentions(
    folder: Path,
    users: tuple[str, ...],
    orders: tuple[str, ...],
    workspace: Mapping[str, Any],
    number: int,
) -> list[dict[str, Any]]:
    """Messages in which people mention the bot, and the events that Slack would send of them."""
    channel, bot = workspace["channels"]["support-ops"], workspace["bot_user_id"]
    said = [
        {
            "type": "message",
            "user": users[n % len(users)],
            "team": workspace["team_id"],
            "ts": f"1795000000.{n:06d}",
            "text": f"<@{bot}> refund $1 on order {orders[n % len(orders)]}, arrived damaged",
        }
        for n in range(number)
    ]
    with closing(sqlite3.connect(folder / "workspace.sqlite", timeout=5)) as storage, storage:
        storage.executemany(
            "INSERT OR IGNORE INTO messages VALUES (?, ?, NULL, NULL, ?)",
            [(channel, message["ts"], json.dumps(message)) for message in said],
        )
    return [
        {
            "type": "event_callback",
            "team_id": workspace["team_id"],
            "api_app_id": workspace["api_app_id"],
            "event_id": f"Ev{n:09d}",
            "event_time": 1_795_000_000,
            "event": {
                **message,
                "type": "app_mention",
                "channel": channel,
                "event_ts": message["ts"],
            },
        }
        for n, message in enumerate(said)
    ]


def _document(storage: sqlite3.Connection, table: str, where: str) -> dict[str, Any]:
    row = storage.execute(f"SELECT document FROM {table} WHERE {where}").fetchone()
    found: dict[str, Any] = json.loads(row[0])
    return found


def _copy(storage: sqlite3.Connection, table: str, id_: str, changes: dict[str, str]) -> None:
    storage.row_factory = sqlite3.Row
    row = dict(storage.execute(f"SELECT * FROM {table} WHERE id = ?", (id_,)).fetchone()) | changes
    marks = ", ".join("?" for _ in row)
    storage.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", tuple(row.values()))
