"""When the next message may leave for a conversation: Teams' limits, kept ahead of it. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from bot.surfaces.errors import Busy

# learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit, sending to a conversation: so
# many calls within so many seconds. A conversation is a chat or a channel with all of its threads.
LIMITS = ((7, 1.0), (8, 2.0), (60, 30.0), (1_800, 3_600.0))
TENANT_LIMITS = ((50, 1.0),)  # the same page: of one bot in one tenant, over all conversations
QUEUE_SECONDS_MAX = 5.0  # ours; a message that would wait longer is given back to the caller
CONVERSATIONS_KEPT_MAX = 1_000  # whose pace is remembered; an idle one starts afresh anyway


@dataclass
class _Pace:
    limits: tuple[tuple[int, float], ...]
    not_before: float = float("-inf")
    leaving: deque[float] = field(default_factory=deque)  # past and promised moments, in order

    def next_at(self, now: float) -> float:
        """The first moment at which one more message keeps within every limit."""
        self._forget(now)
        last = self.leaving[-1] if self.leaving else now
        at = max(now, self.not_before, last)
        for count, seconds in self.limits:
            if len(self.leaving) >= count:
                at = max(at, self.leaving[-count] + seconds)
        return at

    def _forget(self, now: float) -> None:
        longest = max(seconds for _, seconds in self.limits)
        while self.leaving and self.leaving[0] <= now - longest:
            self.leaving.popleft()


class _Tenant:
    """All conversations together. Each keeps its own order, so a moment may be promised before one
    that was promised earlier: a busy conversation makes nobody wait who still fits in."""

    def __init__(self) -> None:
        self._leaving: list[float] = []  # past and promised moments, sorted

    def next_at(self, at: float, now: float) -> float:
        """The first moment, not before `at`, that keeps within every limit."""
        longest = max(seconds for _, seconds in TENANT_LIMITS)
        del self._leaving[: bisect_left(self._leaving, now - longest)]
        while (full_until := self._full_until(at)) is not None:
            at = full_until
        return at

    def take(self, at: float) -> None:
        """Promises a moment."""
        insort(self._leaving, at)

    def _full_until(self, at: float) -> float | None:
        """A later moment to look at, where so many leave close to this one that it has no room."""
        for count, seconds in TENANT_LIMITS:
            close = [each for each in self._leaving if each + seconds > at > each - seconds]
            for first, last in zip(close, close[count - 1 :], strict=False):
                if last - first < seconds:
                    return first + seconds
        return None


class Paces:
    """The paces of one bot. Moments are seconds of a monotonic clock."""

    def __init__(self, queue_seconds_max: float = QUEUE_SECONDS_MAX) -> None:
        self._queue_seconds_max = queue_seconds_max
        self._tenant = _Tenant()
        self._paces: OrderedDict[str, _Pace] = OrderedDict()

    def take_turn(self, conversation: str, now: float) -> float:
        """Seconds to wait before a message may leave; its turn is taken, in the order of asking.

        Raises Busy, and takes no turn, where the wait is longer than a queue may be.
        """
        pace = self._pace(conversation)
        at = self._tenant.next_at(pace.next_at(now), now)
        wait_seconds = at - now
        if wait_seconds > self._queue_seconds_max:
            raise Busy(
                f"too many messages wait for {conversation}: {wait_seconds:.0f} s",
                "queue_full",
                wait_seconds - self._queue_seconds_max,
            )
        pace.leaving.append(at)
        self._tenant.take(at)
        return wait_seconds

    def hold(self, conversation: str, until: float) -> None:
        """Lets nothing leave for a conversation before a moment: Teams asked for that."""
        pace = self._pace(conversation)
        pace.not_before = max(pace.not_before, until)

    def _pace(self, conversation: str) -> _Pace:
        pace = self._paces.setdefault(conversation, _Pace(LIMITS))
        self._paces.move_to_end(conversation)
        while len(self._paces) > CONVERSATIONS_KEPT_MAX:
            self._paces.popitem(last=False)
        return pace
