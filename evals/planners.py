"""The planner of an arm, by its name: the rules alone, or behind them a model by a script or a
recording. A model is made anew for each case, so that no case hears what another one said."""

from __future__ import annotations

from collections.abc import Callable

from bot.planner.model import Message, Model, NotRecordedError, Wire
from bot.planner.planner import Planner
from bot.planning import planner_for, planner_with
from bot.settings import from_environment
from evals.errors import ArtefactError

RULES, CLAUDE, SCRIPTED = "rules", "claude", "scripted"


class Answers:
    """Whatever answers for the model in the present case: implements bot.planner.model.Model.

    `missing` says what a recording had no answer to; then what came of the case says nothing.
    """

    def __init__(self, make: Callable[[int], Model]) -> None:
        self._make, self._model = make, make(0)
        self.missing = ""

    def begin(self, epoch: int) -> None:
        """A new case, in this epoch."""
        self._model, self.missing = self._make(epoch), ""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        try:
            return self._model.answer(request, timeout_seconds)
        except NotRecordedError as lost:
            self.missing = str(lost)
            raise


def planner(name: str, model: str) -> tuple[Planner, Answers | None]:
    """A planner by its name ("rules", or "claude" over a model), and what answers in it. `model` is
    "scripted:NAME". Raises ArtefactError."""
    if name == RULES:
        return planner_for(from_environment({})), None  # as it is where nobody gives a key
    if name != CLAUDE:
        raise ArtefactError(f"there is no planner {name!r}; there are {RULES} and {CLAUDE}")
    answers = Answers(_model(model))
    return planner_with(answers), answers


def _model(model: str) -> Callable[[int], Model]:
    """What makes the model of an epoch."""
    kind, _, which = model.partition(":")
    if kind == SCRIPTED:
        from evals.scripted import scripted

        return lambda _epoch: scripted(which)
    raise ArtefactError(f"no model {model!r} answers here; write {SCRIPTED}:NAME")
