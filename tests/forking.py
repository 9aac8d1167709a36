"""Processes that are there to be killed: forked from one that has imported everything, so that
each starts at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

# For each line of arguments a child that says who it is and works, until it ends or is killed.
_FORKS = """
import os, sys
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
        work(*line.split())
        sys.stdout.flush()
        os._exit(0)
    print("\\nended", os.waitpid(child, 0)[1], flush=True)  # it may have died within a line
"""


@dataclass(frozen=True)
class Forks:
    """Children of one process, one at a time."""

    process: subprocess.Popen[str]

    def start(self, *arguments: str) -> int:
        """The process id of a new child, which works on these arguments."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(arguments) + "\n")
        self.process.stdin.flush()
        return int(self.line())

    def line(self) -> str:
        """The next line that the child says."""
        assert self.process.stdout is not None
        line = "\n"
        while line == "\n":
            line = self.process.stdout.readline()
        assert line, "the process that forks has ended"
        return line

    def kill(self, child: int) -> list[str]:
        """Kills the child, as nobody can prevent; what it said until then."""
        os.kill(child, signal.SIGKILL)
        said = []
        while not (line := self.line()).startswith("ended "):
            said.append(line)
        assert line == f"ended {signal.SIGKILL.value}\n"
        return said


@contextmanager
def forks(source: str) -> Iterator[Forks]:
    """Forks of a process with this source, which defines `work(*arguments)` and opens nothing."""
    with subprocess.Popen(
        [sys.executable, "-c", source + _FORKS],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield Forks(process)
