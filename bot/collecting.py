"""The search for garbage in a process of ours. A start makes a million objects and throws none of
them away; looking through them again and again would be a third of what a start costs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_MAX = 50_000  # objects that may be made before it is looked through them; Python's own: 700


@contextmanager
def seldom() -> Iterator[None]:
    """A process's whole work. Its end does not look through what ends with it."""
    gc.set_threshold(YOUNG_MAX, *gc.get_threshold()[1:])
    try:
        yield
    finally:
        gc.freeze()


def keep_what_is_there() -> None:
    """The process has started: what there is now stays, so it is never looked through again."""
    gc.freeze()
