"""One operator at a time moves bundles: a lock of the operating system, which a process that ends
in whatever way gives back."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import CommandError

PATIENCE_SECONDS = 10.0  # a move takes less than one: what takes longer is asked about
LOOK_SECONDS = 0.05  # between two tries
LOCK = ".lock"


@contextmanager
def alone(folder: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Nobody else is in here over the same folder meanwhile, in this process or another.

    Raises CommandError where somebody else is for longer than the patience."""
    path = folder / LOCK
    try:
        for each in (folder.parent, folder):  # the mode is that of the last one only
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise CommandError(
            f"{path} cannot be opened ({error.strerror}), and without it two people could move"
            " bundles at once; run this as the account that owns the state folder"
        ) from None
    try:
        _acquire(lock, path, patience_seconds)
        yield
    finally:
        os.close(lock)  # which unlocks it


def _acquire(lock: int, path: Path, patience_seconds: float) -> None:
    until = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise CommandError(
                    f"somebody else has been moving bundles for {patience_seconds:g} s and nothing"
                    " was done here; wait until they are through, look with assent bundle show,"
                    f" and run this again if it is still wanted (fuser {path} names the process)"
                ) from None
        except OSError as error:
            raise CommandError(
                f"{path} cannot be locked ({error.strerror}); the state folder must be on a disk"
                " that knows locks"
            ) from None
        time.sleep(LOOK_SECONDS)
