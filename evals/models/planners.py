"""The planner of an arm, by its name: the rules alone, or behind them a model by a script, by a
recording or live. A model is made anew for each case, so that none hears what another one said."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from bot.planner.anthropic_model import AnthropicModel
from bot.planner.model import Message, Model, NotRecordedError, Wire
from bot.planner.planner import Planner
from bot.planning import planner_for, planner_with
from bot.settings import from_environment
from evals.errors import ArtefactError
from evals.models.cassettes import Replay
from evals.models.service import Service

RULES, CLAUDE = "rules", "claude"
SCRIPTED, CASSETTE, LIVE = "scripted", "cassette", "live"  # who answers, before the colon


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


def planner(
    name: str, model: str, service: Service | None = None
) -> tuple[Planner, Answers | None]:
    """A planner by its name ("rules", or "claude" over a model), and what answers in it. `model` is
    "scripted:NAME", "cassette:FOLDER" or, with a service, "live:NAME". Raises EvalError."""
    if name == RULES:
        return planner_for(from_environment({})), None  # as it is where nobody gives a key
    if name != CLAUDE:
        raise ArtefactError(f"there is no planner {name!r}; there are {RULES} and {CLAUDE}")
    answers = Answers(_model(model, service))
    return planner_with(answers), answers


def _model(model: str, service: Service | None) -> Callable[[int], Model]:
    """What makes the model of an epoch."""
    kind, _, which = model.partition(":")
    if kind == SCRIPTED:
        from evals.scripted import scripted

        return lambda _epoch: scripted(which)
    if kind == CASSETTE:
        return partial(Replay, Path(which))
    if kind == LIVE and service is not None:
        live = AnthropicModel(service.api_key, service.api_base)
        return lambda _epoch: live
    raise ArtefactError(f"no model {model!r} answers here; write {SCRIPTED}:NAME or {CASSETTE}:...")
