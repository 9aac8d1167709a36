"""A process that has imported everything and read the shipped bundle already, and forks one child
for each request: the children are processes of their own, to be killed, and begin within a moment
instead of a second.

A request is a line of JSON on standard input: {"script", "arguments", "stdout", "stderr"}. It is
answered by two lines: the child's process id, and how it ended.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
SECONDS_MAX = 90  # of one child, on a busy machine
LOOK_SECONDS = 0.002


@dataclass(frozen=True)
class Ended:
    """How a child ended; `returncode` is minus the signal for one that was killed."""

    returncode: int
    stdout: str
    stderr: str


class Child:
    """A process that runs `main` of approver.py, asker.py or editor.py."""

    def __init__(self, nursery: Nursery, pid: int, stdout: Path, stderr: Path) -> None:
        self._nursery, self.pid = nursery, pid
        self._stdout, self._stderr = stdout, stderr

    def until_it_says(self, line: str) -> None:
        deadline = time.monotonic() + SECONDS_MAX
        while line not in self._stdout.read_text().splitlines():
            assert time.monotonic() < deadline, self._stderr.read_text()
            time.sleep(LOOK_SECONDS)

    def wait(self) -> Ended:
        code = int(self._nursery.line())
        return Ended(code, self._stdout.read_text(), self._stderr.read_text())


class Nursery:
    """The process, from outside. One child at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, script: str, *arguments: object) -> Child:
        self._number += 1
        stdout = self._folder / f"{self._number}.out"
        stderr = self._folder / f"{self._number}.err"
        request = {
            "script": script,
            "arguments": [str(argument) for argument in arguments],
            "stdout": str(stdout),
            "stderr": str(stderr),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Child(self, int(self.line()), stdout, stderr)

    def run(self, script: str, *arguments: object) -> Ended:
        return self.start(script, *arguments).wait()

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(SECONDS_MAX)


def serve() -> None:
    """In the process: until standard input ends."""
    sys.path.insert(0, str(FOLDER))
    import approver
    import asker
    import dbos._sys_db_sqlite
    import editor

    import bot.planner.rules
    from bot.catalogue import loaded
    from bot.settings import BUNDLE_SHIPPED

    approver._conftest()
    assert bot.planner.rules
    assert dbos._sys_db_sqlite  # else imported by every child
    loaded(BUNDLE_SHIPPED)  # whose files, read and compiled, are kept
    gc.collect()
    gc.freeze()  # what the children share is not looked through, and so not copied, in each
    mains = {"approver": approver.main, "asker": asker.main, "editor": editor.main}
    for line in sys.stdin:
        request = json.loads(line)
        for name in ("stdout", "stderr"):
            Path(request[name]).touch()
        pid = os.fork()
        if not pid:
            _child(mains[request["script"]], request)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _child(main, request) -> None:
    for name, number in (("stdout", 1), ("stderr", 2)):
        file = os.open(request[name], os.O_WRONLY | os.O_APPEND)
        os.dup2(file, number)
    os.close(0)
    what, folder, *left = request["arguments"]
    code = 1
    try:
        main(what, Path(folder), int(left[0]) if left else 0)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
