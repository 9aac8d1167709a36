"""Misbehaviour is armed across processes, strikes as often as told, and is counted exactly."""

from __future__ import annotations

import time

import pytest

from connectors import registry
from connectors.desk import faults
from connectors.errors import OutcomeUnknown, Rejected, Unavailable


@pytest.fixture
def note(open_as):
    operation = registry.operation("orders.add_note")[1]
    params = operation.params.model_validate({"order": "1043", "text": "hello"})

    def write(key):
        with open_as("desk-refunds") as session:
            before = operation.read(session, params)
            return operation.execute(session, params, before, key)

    return write


def test_fails_the_nth_call_and_no_other(address, note):
    faults.set_fault(address, "unavailable", nth=3)
    note("a")
    note("b")
    with pytest.raises(Unavailable):
        note("c")
    note("c")
    assert faults.list_faults(address) == ()


def test_strikes_as_often_as_told(address, note):
    faults.set_fault(address, "rate_limit", count=2, seconds=7)
    for _ in range(2):
        with pytest.raises(Unavailable, match="after 7 s") as limited:
            note("a")
        assert limited.value.retry_after_seconds == 7
    note("a")


def test_strikes_only_the_operation_named(address, note):
    faults.set_fault(address, "refuse", operation="payments.refund")
    note("a")
    assert len(faults.list_faults(address)) == 1
    faults.clear_faults(address)
    assert faults.list_faults(address) == ()


def test_any_call_is_struck(address, note):
    faults.set_fault(address, "time_out_after_write", call="any", count=1)
    with pytest.raises(Unavailable):  # the read came first, and reading has no unknown outcome
        note("a")
    faults.set_fault(address, "time_out_after_write")
    with pytest.raises(OutcomeUnknown):
        note("a")


def test_slow_is_slow_and_works(address, note):
    faults.set_fault(address, "slow", seconds=0.2)
    started = time.monotonic()
    note("a")
    assert time.monotonic() - started >= 0.2


def test_lost_permission_comes_back(address, note):
    faults.set_fault(address, "lose_permission")
    with pytest.raises(Rejected, match="withdrew the right"):
        note("a")
    note("a")


@pytest.mark.parametrize(
    "wrong", [{"kind": "explode"}, {"call": "sing"}, {"count": 0}, {"nth": 0}, {"seconds": 61}]
)
def test_nonsense_is_refused(address, wrong):
    with pytest.raises(ValueError):
        faults.set_fault(address, **{"kind": "slow", **wrong})


def test_faults_are_bounded(address):
    for _ in range(faults.FAULTS_MAX):
        faults.set_fault(address, "slow", operation="nobody")
    with pytest.raises(ValueError, match="clear them"):
        faults.set_fault(address, "slow")


def test_desk_works_again_after_it_was_plugged_in(address, note, tmp_path):
    from pathlib import Path

    note("a")
    Path(address).rename(tmp_path / "away.db")
    with pytest.raises(Unavailable, match="unplugged"):
        note("b")
    with pytest.raises(Unavailable, match="unplugged"):
        faults.list_faults(address)
    (tmp_path / "away.db").rename(address)
    assert note("a").is_replay
    assert not note("b").is_replay


def test_desk_unplugged_in_the_middle_of_a_session(open_as, address, tmp_path):
    from pathlib import Path

    operation = registry.operation("orders.add_note")[1]
    params = operation.params.model_validate({"order": "1043", "text": "hello"})
    with open_as("desk-refunds") as session:
        before = operation.read(session, params)
        Path(address).rename(tmp_path / "away.db")
        with pytest.raises(Unavailable, match="unplugged"):
            operation.execute(session, params, before, "k")


def test_locked_desk_is_unavailable_and_wrote_nothing(address, open_as, monkeypatch):
    import sqlite3

    from connectors.desk import engines

    monkeypatch.setattr(engines, "BUSY_TIMEOUT_SECONDS", 0.1)
    operation = registry.operation("orders.add_note")[1]
    params = operation.params.model_validate({"order": "1043", "text": "hello"})
    other = sqlite3.connect(address, isolation_level=None)
    with open_as("desk-refunds") as session:
        before = operation.read(session, params)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            operation.execute(session, params, before, "k")
        other.execute("ROLLBACK")
        other.close()
        assert operation.lookup(session, params, "k") is None
        assert not operation.execute(session, params, before, "k").is_replay


def test_reading_leaves_the_file_byte_for_byte(open_as, address):
    from pathlib import Path

    kept = Path(address).read_bytes()
    for operation in registry.connector("desk").operations:
        from connectors.desk.conformance import WORLD

        params = operation.params.model_validate(dict(WORLD.samples[operation.name].params))
        with open_as("desk-reader") as session:
            operation.read(session, params)
            operation.lookup(session, params, "k")
            assert session.connection.connection.driver_connection.total_changes == 0
    assert Path(address).read_bytes() == kept
    wal = Path(f"{address}-wal")
    assert not wal.exists() or wal.stat().st_size == 0
