"""The desk as a world for the conformance suite."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.desk import faults
from connectors.desk.embedded import credential, keys_path, prepare_desk
from connectors.desk.session import utc_now
from connectors.desk.tables import metadata

FAULT_SECONDS = 0.05  # of "slow", and what "rate_limit" asks for


def fresh(folder: Path) -> str:
    """A newly seeded desk: seeded once a process, then copied."""
    address = str(folder / "desk.db")
    database, keys = _seeded()
    Path(address).write_bytes(database)
    keys_path(address).write_bytes(keys)
    return address


def writer(address: str, operation: str) -> Credential:
    """Refunds, notes and tickets have one account, orders another."""
    is_order = operation in {"orders.cancel", "orders.change_address"}
    return credential(address, "desk-orders" if is_order else "desk-refunds")


def reader(address: str) -> Credential:
    """The account whose connections are read-only."""
    return credential(address, "desk-reader")


def arm(address: str, name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next such call suffers, once."""
    faults.set_fault(address, kind, operation=name, call=call, seconds=FAULT_SECONDS)


def fingerprint(address: str) -> str:
    """Over every row of every table; what is armed is no part of the desk's state."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(address)) as connection:
        for name in sorted(set(metadata.tables) - {"faults"}):
            rows = connection.execute(f"SELECT * FROM {name} ORDER BY 1")  # noqa: S608 - our own table names
            digest.update(repr((name, rows.fetchall())).encode())
    return digest.hexdigest()


def unplug(address: str) -> None:
    """The database file is gone."""
    Path(address).rename(f"{address}.unplugged")


@cache
def _seeded() -> tuple[bytes, bytes]:
    with TemporaryDirectory() as folder:
        address = str(Path(folder) / "desk.db")
        prepare_desk(address, utc_now().date())
        return Path(address).read_bytes(), keys_path(address).read_bytes()


def _usd(minor: int) -> dict[str, int | str]:
    return {"minor": minor, "currency": "USD"}


_refund = {"payment": "pay_7731", "amount": _usd(4000), "reason": "arrived damaged"}
_address = {
    "order": "1066",
    "street": "9 New Street",
    "city": "Salem",
    "postcode": "97301",
    "country": "US",
}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=unplug,
    samples={
        "payments.refund": Sample(
            params=_refund,
            other={**_refund, "amount": _usd(12900)},
            refused=(
                {**_refund, "amount": _usd(12901)},
                {**_refund, "amount": _usd(0)},
                {**_refund, "amount": _usd(-1)},
                {**_refund, "amount": {"minor": 4000, "currency": "EUR"}},
                {**_refund, "payment": "pay_7750", "amount": {"minor": 1, "currency": "GBP"}},
                {**_refund, "payment": "pay_7751", "amount": _usd(5001)},
                {**_refund, "payment": "pay_7752"},
            ),
            final={**_refund, "payment": "pay_7756"},
        ),
        "orders.add_note": Sample(
            params={"order": "1043", "text": "Refund $40.00, arrived damaged"},
            other={"order": "1043", "text": "Call back"},
        ),
        "tickets.update": Sample(
            params={"ticket": "T-882", "status": "solved"},
            other={"ticket": "T-882", "status": "pending"},
        ),
        "orders.cancel": Sample(
            params={"order": "1066", "reason": "ordered twice"},
            other={"order": "1066", "reason": "changed their mind"},
            refused=({"order": "1065", "reason": "late"}, {"order": "1064", "reason": "late"}),
        ),
        "orders.change_address": Sample(
            params=_address,
            other={**_address, "street": "10 Other Street"},
            refused=({**_address, "order": "1065"}, {**_address, "order": "1064"}),
        ),
    },
    searches={
        "orders.find": Search("ACME's mechanical keyboard", "1043", "ACME's helicopter"),
    },
    counterpart="the desk itself, a SQLite database",
)
