"""A conversation with a model: turn by turn, bounded in turns, tokens, seconds, repairs and money,
until a claim holds or there is none to be had. Whoever judges claims does it in `judge`.

Every answer is booked before it is looked at, and remembered for the ledger, whatever it says.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from bot.calls import BudgetExceededError
from bot.planner.model import (
    Message,
    Model,
    ModelAwayError,
    ModelBrokenError,
    ModelError,
    ModelRefusedError,
    Used,
)
from bot.planner.planner import Gate
from bot.planner.pricing import ceiling_micro_usd, cost_micro_usd
from bot.planner.prompting import Opening, first_request, json_text
from bot.planner.schema import ClaimMalformedError, json_of
from bot.planner.spec import Spec
from bot.planner.tools import Read, Toolbox
from store.model.entry import Kind
from store.model.values import Json

log = logging.getLogger(__name__)

FAULTS_MAX = 10  # that a model is told at once
ANSWER_CHARACTERS_MAX = 20_000  # of an answer that the ledger keeps; longer is cut
NAME_CHARACTERS_MAX = 100  # of a model or a stop reason
T = TypeVar("T")

Why = Literal["away", "refused", "bounds", "broken", "declined", "not recorded"]


@dataclass(frozen=True)
class Faults:
    """What is wrong with a claim, in words for the model."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Stopped:
    """No claim came that holds. `text` says why in a sentence for the person."""

    why: Why
    text: str


# (JSON of a claim, what was read, whether it cannot be repaired any more) -> what comes of it
Judge = Callable[[Json, tuple[Read, ...], bool], T | Faults]

AWAY = "The language model could not be asked just now, so I read this by my own rules alone."
REFUSED = "The language model is not set up rightly, so I read this by my own rules alone."
DECLINED = "The language model declined to read this."
BROKEN = "The language model gave no answer that I could check, so I did not use it."
_BOUNDS = "The language model used up {what} for one request, so I stopped asking it."


def converse(model: Model, gate: Gate, spec: Spec, opened: Opening, judge: Judge[T]) -> T | Stopped:
    """What comes of asking. Raises what reads raise, but for a budget that is used up."""
    return _Conversation(model, gate, spec, opened, judge).hold()


@dataclass
class _Conversation(Generic[T]):
    model: Model
    gate: Gate
    spec: Spec
    opened: Opening
    judge: Judge[T]
    reads: list[Read] = field(default_factory=list)
    repairs: int = 0
    turns: int = 0
    tool_uses: int = 0

    def hold(self) -> T | Stopped:
        tools = Toolbox(self.opened.readable, self.gate)
        request = first_request(self.spec, self.opened, tools.definitions)
        while self.turns < self.spec.limits.turns:
            self.turns += 1
            answer = self._ask(request)
            if isinstance(answer, Stopped):
                return answer
            try:
                came = self._hear(answer, tools)
            except BudgetExceededError as used_up:
                return Stopped(
                    "bounds", _BOUNDS.format(what="what it may have read") + f" It {used_up}."
                )
            if not isinstance(came, _GoOn):
                return came
            request = {**request, "messages": _joined(request["messages"], came.messages)}
        return _bounds(f"its {self.spec.limits.turns} turns")

    def _ask(self, request: dict[str, Json]) -> Message | Stopped:
        """One answer, booked and remembered; or why there is none."""
        seconds_left = self.spec.limits.seconds - self.gate.seconds()
        ceiling = ceiling_micro_usd(request, self.spec.prices)
        spent = self.gate.spent_micro_usd(self.spec.meter)
        if seconds_left <= 0:
            return _bounds(f"its {self.spec.limits.seconds} seconds")
        if spent + ceiling > self.spec.spend_micro_usd:
            return _bounds(f"the ${self.spec.limits.spend_usd} that it may cost")
        try:
            self.gate.require(ceiling, self.spec.meter)
        except BudgetExceededError:
            return _bounds("what may be spent")
        try:
            answer = self.model.answer(request, seconds_left)
        except ModelError as error:
            return self._none(request, error, ceiling)
        lost = answer.lost * ceiling
        self._book(request, answer, cost_micro_usd(answer.used, self.spec.prices) + lost, lost)
        return answer

    def _none(self, request: dict[str, Json], error: ModelError, ceiling: int) -> Stopped:
        """No answer. What was broken or lost may have been billed: it is booked at its worst."""
        cost = ceiling * (error.lost + isinstance(error, ModelBrokenError))
        outcome = {ModelAwayError: "away", ModelRefusedError: "refused", ModelBrokenError: "broken"}
        why = next((w for kind, w in outcome.items() if isinstance(error, kind)), "not recorded")
        none = Message((), why, Used(model=self.spec.model), lost=error.lost)
        self._book(request, none, cost, cost)
        log.warning("the model %s gave no answer: %s", self.spec.model, error)
        match error:
            case ModelAwayError():
                return Stopped("away", AWAY)
            case ModelRefusedError():
                return Stopped("refused", REFUSED)
            case ModelBrokenError():
                return Stopped("broken", BROKEN)
        return Stopped("not recorded", f"{AWAY} {error}")

    def _hear(self, answer: Message, tools: Toolbox) -> T | Stopped | _GoOn:
        content = [dict(block) for block in answer.content]
        asked = tuple(b for b in content if b.get("type") == "tool_use")
        match answer.stop_reason:
            case "refusal":
                return Stopped("declined", DECLINED)
            case "pause_turn" if content:
                return _GoOn([_assistant(content)])
            case "tool_use" if asked:
                results, reads = tools.use(asked, self.tool_uses)
                self.tool_uses += len(asked)
                self.reads += reads
                return _GoOn([_assistant(content), _user(results)])
            case "end_turn" | "stop_sequence" if not asked:
                return self._judged(content)
            case "max_tokens" | "model_context_window_exceeded":
                return self._repaired([], Faults(("your answer was cut off; answer briefly",)))
        return self._repaired([], Faults(("your answer ended in no way that can be used",)))

    def _judged(self, content: list[dict[str, Json]]) -> T | Stopped | _GoOn:
        text = "".join(str(b.get("text", "")) for b in content if b.get("type") == "text")
        is_last = self._is_last()
        try:
            came = self.judge(json_of(text), tuple(self.reads), is_last)
        except ClaimMalformedError as error:
            came = Faults((str(error),))
        return self._repaired(content, came) if isinstance(came, Faults) else came

    def _is_last(self) -> bool:
        """Whether nothing that is wrong can be mended any more."""
        limits = self.spec.limits
        return self.repairs >= limits.repairs or self.turns >= limits.turns

    def _repaired(self, content: list[dict[str, Json]], faults: Faults) -> Stopped | _GoOn:
        if self._is_last():
            return Stopped("broken", BROKEN)
        self.repairs += 1
        told = {"not accepted": list(faults.texts[:FAULTS_MAX]), "now": "answer again"}
        said = [_assistant(content)] if content else []
        return _GoOn([*said, _user([{"type": "text", "text": json_text(told)}])])

    def _book(self, request: dict[str, Json], answer: Message, cost: int, estimate: int) -> None:
        """Booked and remembered; `estimate` of the cost is the most that it can be."""
        used = answer.used
        self.gate.spend(used, cost, self.spec.meter, estimate)
        data: dict[str, Json] = {
            "meter": self.spec.meter,
            "model": _storable(used.model),
            "prompt": _digest(self.spec.prompt),
            "turn": self.turns,
            "repairs": self.repairs,
            "input_tokens": used.input_tokens,
            "output_tokens": used.output_tokens,
            "cache_write_tokens": used.cache_write_tokens,
            "cache_read_tokens": used.cache_read_tokens,
            "cost_micro_usd": cost,
            "estimate_micro_usd": estimate,
            "lost": answer.lost,
            "stop_reason": _storable(answer.stop_reason),
            "latency_milliseconds": answer.latency_milliseconds,
        }
        text = json_text([dict(block) for block in answer.content])[:ANSWER_CHARACTERS_MAX]
        self.gate.remember(Kind.MODEL, data, {"answer": text})


@dataclass(frozen=True)
class _GoOn:
    """The messages that the next turn adds."""

    messages: list[Json]


def _bounds(what: str) -> Stopped:
    return Stopped("bounds", _BOUNDS.format(what=what))


def _joined(messages: list[Json], more: list[Json]) -> list[Json]:
    """The messages with more behind them; of one role in a row they are one message."""
    joined = list(messages)
    for message in more:
        is_next = not joined or joined[-1]["role"] != message["role"]
        before = [] if is_next else joined.pop()["content"]
        joined.append({**message, "content": [*before, *message["content"]]})
    return joined


def _assistant(content: list[dict[str, Json]]) -> Json:
    return {"role": "assistant", "content": content}


def _user(content: list[Json]) -> Json:
    return {"role": "user", "content": content}


def _storable(name: str) -> str:
    """A name that a service gave, whatever it is made of."""
    return name[:NAME_CHARACTERS_MAX].encode(errors="replace").decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
