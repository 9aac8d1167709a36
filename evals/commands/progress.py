"""How far a run is, on standard error, for people who watch; a pipe and a log see nothing of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import click

from evals.cases.case import Case
from evals.running.arms import Artefact, Ran, Runner


def watched(runner: Runner) -> Runner:
    """The same runner, with a bar for each arm while somebody looks at a terminal."""
    if not sys.stderr.isatty():
        return runner

    def carry_out(
        artefact: Artefact, cases: Sequence[Case], epochs: Sequence[int]
    ) -> Iterator[Ran]:
        with click.progressbar(
            runner(artefact, cases, epochs),
            length=len(cases) * len(epochs),
            label=artefact.label,
            file=sys.stderr,
        ) as every:
            yield from every

    return carry_out
