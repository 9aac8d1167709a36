"""A process that dies while it writes leaves both the write and its key, or neither."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from connectors import registry
from connectors.desk.conformance import WORLD
from connectors.desk.embedded import credential
from tests.forking import ROOT, forks

STATEMENTS_MAX = 40  # an execute has about a dozen statements; the loop ends where they end
RANDOM_KILLS = 12

# Forks for each statement a child that refunds and kills itself with SIGKILL after that statement.
AT_EACH_STATEMENT = """
import json, os, signal, sys
from sqlalchemy import event
from connectors import registry
from connectors.desk.access import grant
from connectors.desk.embedded import credential
from connectors.desk.engines import limited_engine

addresses = json.loads(sys.argv[1])
connector, refund = registry.operation("payments.refund")
params = refund.params.model_validate(
    {"payment": "pay_7731", "amount": {"minor": 100, "currency": "USD"}, "reason": "late"})
ends = []
for number, address in enumerate(addresses, start=1):
    child = os.fork()
    if child == 0:
        account = credential(address, "desk-refunds")
        with connector.open(account) as session:
            before = refund.read(session, params)
            engine, seen = session.connection.engine, []
            def count(*_args):
                seen.append(1)
                if len(seen) == number:
                    os.kill(os.getpid(), signal.SIGKILL)
            event.listen(engine, "after_cursor_execute", count)
            event.listen(engine, "commit", count)
            refund.execute(session, params, before, "key")
            os._exit(0)
    ends.append(os.waitpid(child, 0)[1])
    if ends[-1] == 0:
        break
print(json.dumps(ends))
"""

FOREVER = """
from connectors import registry
from connectors.desk.embedded import credential

connector, refund = registry.operation("payments.refund")
params = refund.params.model_validate(
    {"payment": "pay_7755", "amount": {"minor": 1, "currency": "USD"}, "reason": "late"})

def work(address, first):
    number = int(first)
    while True:
        with connector.open(credential(address, "desk-refunds")) as session:
            refund.execute(session, params, refund.read(session, params), f"key-{number}")
        print("wrote", flush=True)
        number += 1
"""


def is_whole(address, payment):
    """Every refund has its key and its share of the sum; the database itself is intact."""
    with closing(sqlite3.connect(address)) as connection:
        version, refunded_minor = connection.execute(
            "SELECT version, refunded_minor FROM payments WHERE id = ?", (payment,)
        ).fetchone()
        refunds = dict(
            connection.execute(
                "SELECT id, amount_minor FROM refunds WHERE payment_id = ?", (payment,)
            ).fetchall()
        )
        keys = {r for (r,) in connection.execute("SELECT reference FROM writes")}
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    is_consistent = refunded_minor == sum(refunds.values()) and version == 1 + len(keys)
    return is_consistent and set(refunds) == keys, len(keys)


@pytest.mark.slow
def test_killed_after_any_statement_leaves_all_or_nothing(tmp_path):
    addresses = []
    for index in range(STATEMENTS_MAX):
        folder = tmp_path / str(index)
        folder.mkdir()
        addresses.append(WORLD.fresh(folder))
    done = subprocess.run(
        [sys.executable, "-c", AT_EACH_STATEMENT, json.dumps(addresses)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    ends = json.loads(done.stdout)
    assert ends[-1] == 0, "the execute has more statements than are tried"
    assert len(ends) > 8
    assert all(end == signal.SIGKILL for end in ends[:-1])
    connector, refund = registry.operation("payments.refund")
    params = refund.params.model_validate(
        {"payment": "pay_7731", "amount": {"minor": 100, "currency": "USD"}, "reason": "late"}
    )
    for address in addresses[: len(ends)]:
        whole, _ = is_whole(address, "pay_7731")
        assert whole
        with connector.open(credential(address, "desk-refunds")) as session:
            happened = refund.lookup(session, params, "key") is not None
            answer = refund.execute(session, params, refund.read(session, params), "key")
            assert answer.is_replay == happened
        assert is_whole(address, "pay_7731") == (True, 1)


@pytest.mark.slow
def test_killed_at_random_instants_leaves_all_or_nothing(address):
    chance, count = random.Random(7), 0
    with forks(FOREVER) as writers:
        for _ in range(RANDOM_KILLS):
            writer = writers.start(address, str(count))
            assert writers.line() == "wrote\n"
            time.sleep(chance.uniform(0.0, 0.25))
            writers.kill(writer)
            whole, count = is_whole(address, "pay_7755")
            assert whole
    assert count >= RANDOM_KILLS
