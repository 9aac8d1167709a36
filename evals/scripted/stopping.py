"""Models that give no answer that could be used, each in its own way, always."""

from __future__ import annotations

from dataclasses import dataclass

from bot.planner.model import (
    Message,
    ModelAwayError,
    ModelBrokenError,
    ModelRefusedError,
    Used,
    Wire,
)
from evals.scripted.honest import Honest
from evals.scripted.saying import asks, says
from evals.scripted.seen import Seen

DEAREST_INPUT_TOKENS = 1_000_000  # the longest window that is sold
SLOW_SHARE = 0.9  # of the time that it is given


@dataclass(frozen=True)
class Truncating:
    """Is cut off at its last token, in the middle of a plan."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del timeout_seconds
        return says(request, '{"kind": "plan", "workflow": "refund", "slots": [{"sl', "max_tokens")


@dataclass(frozen=True)
class Refusing:
    """Declines, with a plan beside it that must not be taken."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        whole = Honest().answer(request, timeout_seconds)
        return Message(whole.content, "refusal", whole.used)


@dataclass(frozen=True)
class Pausing:
    """Pauses its turn for ever."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del timeout_seconds
        return says(request, "One moment…", "pause_turn")


@dataclass(frozen=True)
class Looping:
    """Wants to have the same things read again, and more at once than is allowed."""

    calls: int = 6

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del timeout_seconds
        tools = Seen(request).tools
        if not tools:
            return says(request, "Let me look…", "pause_turn")
        given = {"words": "1043", "payment": "pay_7731", "order": "1043", "ticket": "T-882"}
        one = [({"words": "1043"} if "find" in name else given) for name in tools]
        pairs = list(zip(tools, one, strict=True)) * self.calls
        return asks(request, pairs[: self.calls])


@dataclass(frozen=True)
class Overspending:
    """Takes all that it may, says so, and goes on."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del timeout_seconds
        used = Used(
            model=str(request.get("model", "")),
            input_tokens=DEAREST_INPUT_TOKENS,
            output_tokens=int(request.get("max_tokens", 0)),
        )
        return Message(({"type": "text", "text": "Thinking…"},), "pause_turn", used)


@dataclass(frozen=True)
class Away:
    """Never answers: rate-limited, overloaded and timed out in turn."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        said = (
            "The model's service is rate-limiting (HTTP 429)",
            "The model's service is overloaded (HTTP 529)",
            f"The model did not answer within {timeout_seconds:g} seconds",
        )
        raise ModelAwayError(said[Seen(request).pick(len(said))])


@dataclass(frozen=True)
class Unwilling:
    """Takes neither the request nor the key."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del request, timeout_seconds
        raise ModelRefusedError("The model's service does not take the key (HTTP 401)")


@dataclass(frozen=True)
class Broken:
    """Answers with something that is no message."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del request, timeout_seconds
        raise ModelBrokenError("The model's answer is no message")


@dataclass(frozen=True)
class Slow:
    """Takes nearly all the time that it is given, each time, and then wants more."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        said = Looping(calls=1).answer(request, timeout_seconds)
        latency_milliseconds = int(timeout_seconds * SLOW_SHARE * 1_000)
        return Message(said.content, said.stop_reason, said.used, latency_milliseconds)
