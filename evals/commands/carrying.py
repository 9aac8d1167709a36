"""The seam between the gate, which asks for cases, and the workers, which carry them out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals import runner
from evals.arms import Artefact, Ran, Runner
from evals.case import Case
from evals.suite import Suite


def by_workers(suite: Suite, workers: int, case_seconds: int) -> Runner:
    """Carries out cases in so many processes; a case that takes longer is unverifiable."""

    def carry_out(
        artefact: Artefact, cases: Sequence[Case], epochs: Sequence[int]
    ) -> Iterator[Ran]:
        arm = runner.Arm(
            tree=artefact.tree,
            bundle=artefact.bundle,
            planner=artefact.planner,
            model=artefact.model,
        )
        for carried in runner.carry_out(
            arm, suite.file, cases, epochs, workers=workers, case_seconds=case_seconds
        ):
            yield Ran(carried.trace, carried.milliseconds)

    return carry_out
