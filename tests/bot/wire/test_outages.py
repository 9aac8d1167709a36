"""Processes die, the desk is unplugged, the store takes no writes: nothing is lost or halved."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.wire.conftest import Play

pytestmark = pytest.mark.slow


def test_a_button_works_after_the_bot_was_killed(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged")
    play.kill_bot()
    play.start_bot()
    play.approve(run, "lead")
    play.until_card(run, "DONE")
    assert play.refunds(order) == [400]


def test_what_is_said_while_the_bot_is_away_is_answered_once_it_is_back(play: Any) -> None:
    play.kill_bot()
    order = play.order()
    said = play.people.say(f"refund $4.00 on order {order}, damaged", "agent", "random")
    time.sleep(0.3)
    play.start_bot()
    run = play.until(lambda: play.run_of(said["ts"]), "the run")
    play.until_status(run, "waiting")
    play.until_card(run, "WAITING")


def test_a_button_works_after_the_workspace_was_killed(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", channel="random")
    play.restart_workspace()
    play.until(lambda: play.people.control("status")["is_bot_there"], "the bot to be back")
    play.approve(run, "lead")
    play.until_card(run, "DONE")
    assert play.refunds(order) == [400]


def test_the_digest_of_the_day_is_posted_once_over_all_restarts(play: Any) -> None:
    play.ask(f"refund $4.00 on order {play.order()}, damaged")
    for _ in range(2):
        play.kill_bot()
        play.start_bot()

    def posted() -> list[str]:
        messages = [m for m in play.messages() if m["channel"] == "C0OPSDIGEST"]
        return [play.texts(message) for message in messages if message.get("bot_id")]

    [report] = play.until(posted, "the digest")
    assert "Orders desk" in report


def test_the_desk_unplugged_while_planning_is_said_and_it_works_when_it_is_back(play: Any) -> None:
    order = play.order()
    unplug(play)
    try:
        run = play.ask(f"refund $4.00 on order {order}, damaged", status="failed")
        card = play.until_card(run, "FAILED")
        assert "desk" in card.casefold()
        assert "Nothing was done" in card
    finally:
        plug_in(play)
    again = play.ask(f"refund $4.00 on order {order}, damaged")
    play.approve(again, "lead")
    assert play.refunds(order) == [400]


def test_the_desk_unplugged_before_execution_leaves_nothing_half_written(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", channel="random")
    unplug(play)
    try:
        play.approve(run, "lead", status="failed")
        assert "Nothing was done" in play.until_card(run, "FAILED")
    finally:
        plug_in(play)
    assert play.refunds(order) == []
    again = play.ask(f"refund $4.00 on order {order}, damaged")
    play.approve(again, "lead")
    assert play.refunds(order) == [400]


def test_an_event_is_not_acknowledged_while_another_process_holds_the_store(play: Any) -> None:
    order = play.order()
    holder = sqlite3.connect(play.state / "assent.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    said = play.people.say(f"refund $4.00 on order {order}, damaged", "agent")
    time.sleep(3.0)
    assert play.people.control("status")["events_waiting"] >= 1
    assert play.run_of(said["ts"]) is None
    holder.execute("ROLLBACK")
    holder.close()
    run = play.until(lambda: play.run_of(said["ts"]), "the run, once Slack delivered it again")
    play.until_status(run, "waiting")
    play.until_delivered()
    assert sum(r.request.message == said["ts"] for r in play.runs()) == 1
    assert play.is_ledger_whole()


def unplug(play: Any) -> None:
    """The desk's file is gone, with what SQLite keeps beside it."""
    for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
        if (play.state / name).exists():
            (play.state / name).rename(play.state / f"away-{name}")


def plug_in(play: Any) -> None:
    for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
        if (play.state / f"away-{name}").exists():
            (play.state / f"away-{name}").rename(play.state / name)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB that a test can fill."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    done = (
        mount
        and os.geteuid() == 0
        and subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=24m", "assent-test", str(disk)], check=False
        )
    )
    if not done or done.returncode:
        pytest.skip("no small disk can be mounted here: that needs root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_acknowledges_nothing_that_is_not_stored(
    small_disk: Path, tmp_path: Path
) -> None:
    """The bot's disk is full, the workspace's is not."""
    state, elsewhere = small_disk / "state", tmp_path / "workspace"
    state.mkdir()
    elsewhere.mkdir()
    (state / "workspace").symlink_to(elsewhere)
    play = Play(state, "socket")
    filler = small_disk / "filler"
    try:
        order = play.order()
        fill(filler)
        said = play.people.say(f"refund $4.00 on order {order}, damaged", "agent")
        time.sleep(2.0)
        assert play.people.control("status")["events_waiting"] >= 1
        filler.unlink()
        run = play.until(lambda: play.run_of(said["ts"]), "the run, once there is space again")
        play.until_status(run, "waiting")
        play.until_card(run, "WAITING")
        play.approve(run, "lead")
        assert play.refunds(order) == [400]
        assert play.is_ledger_whole()
    finally:
        filler.unlink(missing_ok=True)
        play.close()


def fill(filler: Path) -> None:
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * 65_536)
                file.flush()
        except OSError:
            return
