"""`python -m evals.work`: carries out cases, one after the other."""

from __future__ import annotations

import argparse
import sys

from bot.settings import BUNDLE_SHIPPED
from evals.case import Case
from evals.desk import StoryError
from evals.observed import observe
from evals.planners import planner
from evals.story import Story
from evals.suite import Suite, load, named
from evals.trace import Trace
from evals.world import World, world


def carry_out(made: World, suite: Suite, case: Case, epoch: int) -> Trace:
    """One case in a fresh world."""
    made.begin()
    try:
        return observe(Story(made, suite.file, case), epoch)
    except StoryError as lacking:
        return Trace(case=case.case, epoch=epoch, status=None, unverifiable=str(lacking))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evals.work", description=__doc__)
    parser.add_argument("--try", dest="tried", metavar="SUITE", required=True)
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    suite = load(named(arguments.tried))
    cases = [c for c in suite.cases if not arguments.case or c.case in arguments.case]
    with world(suite.file, BUNDLE_SHIPPED, planner("rules")) as made:
        for case in cases:
            _print(carry_out(made, suite, case, 0), is_whole=bool(arguments.case))
    return 0


def _print(trace: Trace, *, is_whole: bool) -> None:
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
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
