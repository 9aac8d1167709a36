"""Figures as the benches print them: a name, a number, and the bar beside it where there is one."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

NAME_WIDTH = 46


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all are not above."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def line(name: str, shown: str) -> None:
    """One figure without a bar."""
    print(f"  {name:<{NAME_WIDTH}} {shown}", flush=True)


def under(name: str, value: float, bar: float, unit: str, digits: int = 0) -> None:
    """One figure that is to stay under its bar."""
    verdict = "OK" if value < bar else "OVER"
    line(name, f"{value:,.{digits}f} {unit:<7} bar {bar:,g} {unit}  {verdict}")


def latencies(name: str, seconds: Sequence[float]) -> None:
    """The median and the tail, in milliseconds."""
    p50, p99, most = (quantile(seconds, share) * 1_000 for share in (0.5, 0.99, 1.0))
    line(name, f"p50 {p50:,.1f} ms, p99 {p99:,.1f} ms, max {most:,.1f} ms, n {len(seconds):,}")


def title(text: str) -> None:
    """The heading of one bench, with the machine that it ran on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"\n{text}  ({cores} cores, Python {platform.python_version()})", flush=True)


@contextmanager
def others() -> Iterator[None]:
    """Says how busy the machine was meanwhile, ourselves included: a full one makes all slower."""
    psutil.cpu_percent()
    yield
    load = psutil.getloadavg()[0]
    line("the machine meanwhile", f"{psutil.cpu_percent():.0f}% of all cores, load {load:.1f}")
