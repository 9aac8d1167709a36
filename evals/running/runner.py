"""Cases are carried out by worker processes, each with the tree of the arm and a world of its own.

The cases are dealt like cards, in turn, so that who gets which is always the same; what comes out
stands in the order of the cases, whoever was done first. A worker that dies or hangs over a case
leaves an unverifiable trace of it, and another one takes its remaining cases.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from pydantic import ValidationError

from evals.cases.case import Case, SuiteFile
from evals.errors import RunError
from evals.models.service import Service
from evals.running.jobs import READY, Assignment, Done, Job, Problem
from evals.stories.trace import Trace
from evals.worlds.workplace import workplace

CASE_SECONDS = 60.0  # of one case; it takes some 50 ms on an idle machine
START_SECONDS = 120.0  # until a worker has made its world; about 3 s on an idle machine
LOG_BYTES_SHOWN = 2_000  # of what a dead worker printed last
WORKERS_MAX = 64
ANSWER_CHARACTERS_MAX = 16 * 1024 * 1024  # of one line; a long trace has some hundred thousand
DEATHS_MAX = 10  # of the workers of one hand: then it is no single case that kills them

Key = tuple[int, int]  # position of the epoch and of the case


@dataclass(frozen=True)
class Arm:
    """What carries cases out: the tree whose code the workers import, the bundle's folder, and the
    planner with its model as in evals/models/planners.py."""

    tree: Path
    bundle: Path
    planner: str
    model: str = ""
    service: Service | None = None  # of a live model; it goes to the workers by their pipe alone


@dataclass(frozen=True)
class _Home:
    """Where a worker lives: the tree that it imports, and a folder for its world."""

    tree: Path
    folder: Path


@dataclass(frozen=True)
class Carried:
    """What came of one case in one epoch; how long it took is this machine's affair."""

    trace: Trace
    milliseconds: int


def carry_out(
    arm: Arm,
    suite: SuiteFile,
    cases: Sequence[Case],
    epochs: Sequence[int] = (0,),
    *,
    workers: int,
    case_seconds: float = CASE_SECONDS,
) -> Iterator[Carried]:
    """Every case in every epoch, in that order. Raises RunError where no worker can begin.

    Whoever stops listening, by an interrupt too, ends the workers.
    """
    jobs = [
        ((at, position), Job(case=case, epoch=epoch))
        for at, epoch in enumerate(epochs)
        for position, case in enumerate(cases)
    ]
    assignment = Assignment(
        suite=suite,
        bundle=arm.bundle,
        planner=arm.planner,
        model=arm.model,
        service=arm.service,
    )
    count = max(1, min(workers, WORKERS_MAX, len(jobs)))
    told: _Told = SimpleQueue()
    with workplace() as folder:  # ours, because a worker that is ended clears nothing
        crew = [
            _Hand(assignment, _Home(arm.tree, folder), jobs[first::count], told, case_seconds)
            for first in range(count)
        ]
        for hand in crew:
            hand.start()
        try:
            yield from _in_order([key for key, _ in jobs], told)
        finally:
            for hand in crew:
                hand.stop()


_Told = SimpleQueue["tuple[Key, Carried] | RunError"]


def _in_order(keys: Sequence[Key], told: _Told) -> Iterator[Carried]:
    early: dict[Key, Carried] = {}
    for key in keys:
        while key not in early:
            news = told.get()
            if isinstance(news, RunError):
                raise news
            early[news[0]] = news[1]
        yield early.pop(key)


class _Hand(threading.Thread):
    """One thread that leads one worker at a time through its cases."""

    def __init__(
        self,
        assignment: Assignment,
        home: _Home,
        jobs: Sequence[tuple[Key, Job]],
        told: _Told,
        case_seconds: float,
    ) -> None:
        super().__init__(name="eval-worker", daemon=True)
        self._assignment, self._home = assignment, home
        self._jobs, self._told, self._case_seconds = jobs, told, case_seconds
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._is_stopped = False
        self._deaths = 0

    def run(self) -> None:
        try:
            for key, job in self._jobs:
                if self._is_stopped:
                    break
                self._told.put((key, self._done(job)))
        except RunError as error:
            self._told.put(error)
        except Exception as defect:  # noqa: BLE001 - whoever waits for the results must hear of it
            self._told.put(RunError(f"the runner failed: {type(defect).__name__}: {defect}"))
        finally:
            self.stop()

    def stop(self) -> None:
        """Ends the worker, whatever it does; callable from another thread."""
        with self._lock:
            self._is_stopped = True
            child, self._child = self._child, None
        if child is not None:
            child.end()

    def _done(self, job: Job) -> Carried:
        child = self._child or self._begin()
        said = child.ask(job.text, self._case_seconds)
        with suppress(ValidationError):
            done = Done.model_validate_json(said)
            if (done.trace.case, done.trace.epoch) == (job.case.case, job.epoch):
                return Carried(done.trace, done.milliseconds)
        with self._lock:
            self._child = None
        why = child.death(self._case_seconds)
        self._deaths += 1
        if self._deaths > DEATHS_MAX:
            raise RunError(
                f"worker after worker was lost, the last one over {job.case.case}: {why}"
            )
        trace = Trace(case=job.case.case, epoch=job.epoch, status=None, unverifiable=why)
        return Carried(trace, 0)

    def _begin(self) -> _Child:
        """A worker that has made its world. Raises RunError."""
        child = _Child.begin(self._home)
        with self._lock:
            if self._is_stopped:
                child.end()
                raise RunError("the run was stopped")
            self._child = child
        said = child.ask(self._assignment.text, START_SECONDS)
        if said.strip() == READY:
            return child
        with suppress(ValidationError):
            raise RunError(Problem.model_validate_json(said).problem)
        raise RunError(f"no case was begun: {child.death(START_SECONDS)}")


@dataclass
class _Child:
    """One worker process."""

    process: subprocess.Popen[str]
    log: IO[bytes]
    is_late: bool = field(default=False)
    is_flood: bool = field(default=False)

    @classmethod
    def begin(cls, home: _Home) -> _Child:
        log = tempfile.TemporaryFile()  # noqa: SIM115 - it is read after the worker's end
        process = subprocess.Popen(
            [sys.executable, "-m", "evals.work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=home.tree,
            env=_environment(home),
            text=True,
            encoding="utf-8",
            start_new_session=True,  # an interrupt is ours: we end it
        )
        return cls(process, log)

    def ask(self, line: str, seconds: float) -> str:
        """The answer to a line; empty from a worker that died or took too long, which is dead
        then."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        watch = threading.Timer(seconds, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
            said = self.process.stdout.readline(ANSWER_CHARACTERS_MAX)
            self.is_flood = len(said) == ANSWER_CHARACTERS_MAX
            return "" if self.is_flood else said
        except (BrokenPipeError, ValueError, OSError):
            return ""
        finally:
            watch.cancel()

    def death(self, seconds: float) -> str:
        """Ends the worker; why it has no answer, in one sentence."""
        self.end()
        if self.is_late:
            return f"the worker was not done after {seconds:g} s and was ended"
        if self.is_flood:
            return f"the worker said more than {ANSWER_CHARACTERS_MAX:,} characters and was ended"
        last = self._last_words()
        return f"the worker died ({self.process.returncode}){': ' * bool(last)}{last}"

    def end(self) -> None:
        self._kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError, OSError, ValueError):
                    pipe.close()

    def _give_up(self) -> None:
        self.is_late = True
        self._kill()

    def _kill(self) -> None:
        """The worker and whatever it began: a child of it could keep its answers open for ever."""
        if self.process.returncode is None:  # else its number may be another's by now
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _last_words(self) -> str:
        size = self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, size - LOG_BYTES_SHOWN))
        lines = self.log.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _environment(home: _Home) -> Mapping[str, str]:
    """Nothing of ours: no key, no setting, no folder of somebody's."""
    return {
        "PYTHONPATH": str(home.tree),
        "TMPDIR": str(home.folder),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PATH": os.defpath,
    }
