"""A model that keeps what a live one answers, within a sum of money."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.planner.model import (
    Message,
    Model,
    ModelAwayError,
    ModelError,
    ModelRefusedError,
    NotRecordedError,
    Wire,
)
from bot.planner.pricing import PriceTable, ceiling_micro_usd, cost_micro_usd
from evals.models.cassettes import Answer, Counting, Key
from evals.reports.shown import micro_usd_text

AWAY_MAX = 3  # times in a row that the service does not answer, until it is left alone


@dataclass
class Recording:
    """Implements bot.planner.model.Model: what is recorded as it is, the rest from `live`, kept.

    Without `live` it only counts what is missing. Once `stopped` says why, nothing is asked.
    """

    known: dict[Key, Answer]
    spend_max_micro_usd: int
    prices: PriceTable = field(default_factory=lambda: PriceTable({}))
    live: Model | None = None
    stopped: str = ""
    spent_micro_usd: int = 0
    asked: int = 0
    failed: int = 0
    missing: list[Wire] = field(default_factory=list)
    new: list[Answer] = field(default_factory=list)
    _counting: Counting = field(default_factory=lambda: Counting(0))
    _away: int = 0

    def begin(self, epoch: int) -> None:
        """A new case, in this epoch."""
        self._counting, self.missing, self.new = Counting(epoch), [], []

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        """Raises NotRecordedError where nothing is asked (any more), and what `live` raises."""
        place = self._counting.place(request)
        if found := self.known.get(place):
            return found.message
        if self.live is None or self.stopped or not self._is_affordable(request):
            self.missing.append(request)
            raise NotRecordedError(self.stopped or "it is only counted what is missing")
        message = self._ask(self.live, request, timeout_seconds)
        answer = Answer.of(place, request, message)
        self.known[place] = answer
        self.new.append(answer)
        return message

    def _is_affordable(self, request: Wire) -> bool:
        at_most = self.spent_micro_usd + ceiling_micro_usd(request, self.prices)
        if at_most <= self.spend_max_micro_usd:
            return True
        limit = micro_usd_text(self.spend_max_micro_usd)
        self.stopped = f"the next answer may cost more than is left of {limit}; raise --spend-usd"
        return False

    def _ask(self, live: Model, request: Wire, timeout_seconds: float) -> Message:
        self.asked += 1
        try:
            message = live.answer(request, timeout_seconds)
        except ModelError as error:
            self._note(error, request)
            raise
        self._away = 0
        self.spent_micro_usd += cost_micro_usd(message.used, self.prices)
        self.spent_micro_usd += message.lost * ceiling_micro_usd(request, self.prices)
        return message

    def _note(self, error: ModelError, request: Wire) -> None:
        """What gave no answer; whether the next one is worth a try."""
        self.failed += 1
        self.missing.append(request)
        billed = error.lost  # tries that may have been
        if isinstance(error, ModelAwayError):
            self._away += 1
        else:
            billed += 1
        self.spent_micro_usd += billed * ceiling_micro_usd(request, self.prices)
        if isinstance(error, ModelRefusedError) or self._away >= AWAY_MAX:
            self.stopped = str(error)
