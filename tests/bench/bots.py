"""The real processes as the benches start them, measured from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bot.play import Playground, bot_environment
from bot.settings import READY

START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 10.0


@contextmanager
def playground(state: Path) -> Iterator[tuple[Playground, Mapping[str, Any]]]:
    """The workspace and the bot over one folder, in Socket Mode."""
    both = Playground(state)
    try:
        yield both, both.start()
    finally:
        both.stop()


@contextmanager
def bot(state: Path, workspace: Mapping[str, Any], **settings: str) -> Iterator[psutil.Process]:
    """The bot alone, against a workspace that runs already."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("ASSENT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        env={**inherited, **bot_environment(state, workspace), **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    is_ready, out = threading.Event(), process.stdout
    listener = threading.Thread(
        target=lambda: [is_ready.set() for said in out if said.strip() == READY], daemon=True
    )
    listener.start()
    try:
        assert is_ready.wait(START_SECONDS_MAX), "the bot did not start"
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def core_share(process: psutil.Process, seconds: float) -> float:
    """Per cent of one core that a process uses over a while."""
    before, start = process.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    after, spent = process.cpu_times(), time.perf_counter() - start
    return 100 * (after.user + after.system - before.user - before.system) / spent


def until(is_so: Callable[[], bool], seconds: float, step_seconds: float = 0.02) -> bool:
    """Whether something became so in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(step_seconds)
    return True
