"""What Assent itself knows of the thread that a request stands in: what it was asked there before,
and what was said to it since. It reads no channel."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from bot.planner.planner import Said
from store import runs
from store.model.run import Run

RUNS_MAX = 5  # earlier requests of a thread
SAID_MAX = 20  # things said, the latest
CHARACTERS_MAX = 6_000  # of all of them, about 1,500 tokens
TEXT_CHARACTERS_MAX = 1_000  # of each


def thread(cx: Connection, run: Run) -> tuple[Said, ...]:
    """What was said in the run's thread, oldest first, cut to the bounds. Who is the requester is
    told by the person, never by a name."""
    before = runs.earlier_in_thread(cx, run, RUNS_MAX)
    said = [one for earlier in before for one in _said(earlier, run.request.person_id)]
    said += _remarks(run, run.request.person_id)
    kept: list[Said] = []
    left = CHARACTERS_MAX
    for one in reversed(said[-SAID_MAX:]):
        left -= len(one.text)
        if left < 0:
            break
        kept.append(one)
    return tuple(reversed(kept))


def _said(run: Run, person_id: str) -> Iterator[Said]:
    is_own = run.request.person_id == person_id
    for text in (run.request.text, *(answer.text for answer in run.answers)):
        yield Said(run.requester_name, text[:TEXT_CHARACTERS_MAX], is_own)
    yield from _remarks(run, person_id)


def _remarks(run: Run, person_id: str) -> Iterator[Said]:
    for remark in run.remarks:
        text = remark.text[:TEXT_CHARACTERS_MAX]
        yield Said(remark.name, text, remark.person_id == person_id)
