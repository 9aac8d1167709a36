"""What the runner and its workers say to each other, one line of JSON each."""

from __future__ import annotations

from pathlib import Path

from evals.cases.case import Case, SuiteFile
from evals.models.service import Service
from evals.stories.trace import Trace
from store.model.values import Frozen

READY = '{"ready":true}'


class Line(Frozen):
    """One line. What was not said is not repeated: an empty name, for one, cannot be written."""

    @property
    def text(self) -> str:
        return self.model_dump_json(by_alias=True, exclude_unset=True)


class Assignment(Line):
    """What a worker carries its cases out with. `planner` and `model` are as in
    evals/models/planners.py."""

    suite: SuiteFile
    bundle: Path
    planner: str
    model: str = ""
    service: Service | None = None


class Job(Line):
    """One case in one epoch."""

    case: Case
    epoch: int


class Done(Line):
    """What came of a job."""

    trace: Trace
    milliseconds: int


class Problem(Line):
    """Why a worker cannot begin at all."""

    problem: str
