"""`python -m evals.work`: carries out cases, one after the other, as a child of the runner.

The first line of standard input is an Assignment, each further one a Job; each line of standard
output answers one: READY or a problem, then a Done. All as JSON. What else is printed goes to the
standard error. With --try it plays cases of a suite and shows what happened, for whoever writes
them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TextIO

import click

from bot import collecting
from bot.catalogue import NotInCatalogueError
from bot.settings import BUNDLE_SHIPPED
from evals.cases.case import Case
from evals.errors import EvalError
from evals.models.planners import CLAUDE, RULES, Answers, planner
from evals.running.jobs import READY, Assignment, Done, Job, Problem
from evals.stories.observed import observe
from evals.stories.story import Story
from evals.stories.trace import Trace
from evals.worlds.world import World, world
from policies.findings import BundleError


class Worker:
    """One world that plays cases, whichever come, in whatever order."""

    def __init__(self, made: World, assignment: Assignment, answers: Answers | None) -> None:
        self.world, self._suite, self._answers = made, assignment.suite, answers

    def carry_out(self, case: Case, epoch: int) -> Trace:
        """One case in a fresh world."""
        if self._answers is not None:
            self._answers.begin(epoch)
        self.world.begin()
        try:
            trace = observe(Story(self.world, self._suite, case), epoch)
        except EvalError as lacking:
            return Trace(case=case.case, epoch=epoch, status=None, unverifiable=str(lacking))
        if self._answers is not None and self._answers.missing:
            return trace.model_copy(update={"unverifiable": self._answers.missing})
        return trace


def work(lines: TextIO, out: TextIO) -> int:
    """Answers every line until there is none."""
    assignment = Assignment.model_validate_json(lines.readline())
    try:
        made_by, answers = planner(assignment.planner, assignment.model, assignment.service)
        root = Path(tempfile.gettempdir())  # whoever ends us clears it
        with world(assignment.suite, assignment.bundle, made_by, root) as made:
            worker = Worker(made, assignment, answers)
            collecting.keep_what_is_there()
            print(READY, file=out, flush=True)
            for line in lines:
                job = Job.model_validate_json(line)
                began = time.perf_counter()
                trace = worker.carry_out(job.case, job.epoch)
                milliseconds = round((time.perf_counter() - began) * 1000)
                print(Done(trace=trace, milliseconds=milliseconds).text, file=out, flush=True)
    except (BundleError, EvalError, NotInCatalogueError) as broken:
        print(Problem(problem=str(broken)).text, file=out, flush=True)
        return 1
    return 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals.work", description=__doc__)
    parser.add_argument("--try", dest="tried", metavar="SUITE")
    parser.add_argument("--model", default="", help="scripted:NAME behind the rules")
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    if arguments.tried:
        return _try(arguments.tried, arguments.model, frozenset(arguments.case))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints prints to the log, not into our answers
    return work(sys.stdin, out)


def _try(name: str, model: str, wanted: frozenset[str]) -> int:
    from evals.cases.suite import load, named

    suite = load(named(name))
    bundle = BUNDLE_SHIPPED.parent / suite.file.bundle
    name = CLAUDE if model else RULES
    assignment = Assignment(suite=suite.file, bundle=bundle, planner=name, model=model)
    made_by, answers = planner(name, model)
    with world(suite.file, bundle, made_by) as made:
        worker = Worker(made, assignment, answers)
        for case in suite.cases:
            if not wanted or case.case in wanted:
                _show(worker.carry_out(case, 0), is_whole=bool(wanted))
    return 0


def _show(trace: Trace, *, is_whole: bool) -> None:
    """What somebody who writes cases wants to see."""
    lines = [f"{trace.case}: {trace.status}"]
    shown = ("unverifiable", "asked", "slots", "approvals", "rules", "wrongly_counted")
    values = ((name, getattr(trace, name)) for name in (*shown, "wrongly_refused", "breaches"))
    lines += [f"  {name}: {value}" for name, value in values if value]
    lines += [
        f"  wrote {wrote.operation} {wrote.values}{' undone' * wrote.is_undone}"
        for wrote in trace.writes
    ]
    if is_whole:
        lines += [f"  [{event.kind}] {event.who}: {event.text}" for event in trace.events]
    elif trace.said:
        lines.append(f"  said: {trace.said[-1].strip()}")
    click.echo("\n".join(lines))


if __name__ == "__main__":
    with collecting.seldom():
        code = main()
    sys.exit(code)
