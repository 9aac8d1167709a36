"""The seam between the gate, which asks for cases, and the workers, which carry them out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from evals.cases.case import Case
from evals.cases.suite import Suite
from evals.errors import RunError
from evals.models.service import Service
from evals.reports.shown import micro_usd_text
from evals.running import runner
from evals.running.arms import Artefact, Ran, Runner

CASES_A_WORKER = 50  # they take as long as a worker of their own takes to begin


def by_workers(
    suite: Suite,
    workers: int | None,
    case_seconds: int,
    service: Service | None = None,
    spend_max_micro_usd: int = 0,
) -> Runner:
    """Carries out cases in so many processes; a case that takes longer is unverifiable.

    Where `workers` does not say how many, it is one a core, and fewer for few cases.

    With a service a live model may be asked, of which all arms together cost about
    `spend_max_micro_usd` at most: what is being asked when it is reached is paid as well.
    """
    spent_micro_usd = 0

    def carry_out(
        artefact: Artefact, cases: Sequence[Case], epochs: Sequence[int]
    ) -> Iterator[Ran]:
        arm = runner.Arm(
            tree=artefact.tree,
            bundle=artefact.bundle,
            planner=artefact.planner,
            model=artefact.model,
            service=service if artefact.has_noise else None,
        )
        count = workers or _enough(artefact, len(cases) * len(epochs))
        try:
            for carried in runner.carry_out(
                arm, suite.file, cases, epochs, workers=count, case_seconds=case_seconds
            ):
                spend(artefact, carried.trace.cost_micro_usd)
                yield Ran(carried.trace, carried.milliseconds)
        except RunError as error:
            raise RunError(f"{artefact.label}: {error}") from error

    def spend(artefact: Artefact, micro_usd: int) -> None:
        nonlocal spent_micro_usd
        spent_micro_usd += micro_usd if artefact.has_noise else 0
        if artefact.has_noise and spent_micro_usd > spend_max_micro_usd:
            raise RunError(
                f"the model has cost {micro_usd_text(spent_micro_usd)}, more than "
                f"{micro_usd_text(spend_max_micro_usd)}; raise --spend-usd, or run fewer cases"
            )

    return carry_out


def _enough(artefact: Artefact, stories: int) -> int:
    """How many workers are done soonest, with the least work."""
    cores = min(os.cpu_count() or 1, runner.WORKERS_MAX)
    if artefact.has_noise:  # a live model is waited for, much longer than for a worker
        return cores
    return min(cores, max(1, stories // CASES_A_WORKER))
