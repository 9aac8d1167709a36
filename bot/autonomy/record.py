"""How a workflow has done: its runs as people took them, what promotion lacks, what speaks against
the level it has. Pure; bot/autonomy/ladder.py gathers and acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from policies.workflow import Promotion
from store.model.decision import Effect
from store.model.run import NEEDS_A_PERSON, WRITTEN, Run, Status
from store.reviews import Review

LEVEL_DELEGATED = 4  # autonomy L4: what ran by itself awaits a review
WROTE = frozenset({*WRITTEN, Status.COMPENSATED})  # settled, and something was written


@dataclass(frozen=True)
class Past:
    """One run of a workflow with what people made of it.

    `level` is what the workflow had earned when it started, `rejection` the reason of whoever
    rejected it, `drifts` how often it was shown again because the systems had changed,
    `first_shadow` what policy would have said at L3 to the plan as it was first shown.
    """

    run: Run
    level: int = 2
    review: Review | None = None
    rejection: str = ""
    drifts: int = 0
    first_shadow: Effect | None = None

    @property
    def is_by_itself(self) -> bool:
        return ran_by_itself(self.run)

    @property
    def is_changed(self) -> bool:
        """Whether a person put in other values or left steps out."""
        proposal = self.run.proposal
        return proposal is not None and bool(proposal.editors or proposal.skipped)

    @property
    def is_lost(self) -> bool:
        """Whether it ever was unknown or stuck, though a person may have settled it since."""
        return self.run.status in NEEDS_A_PERSON or self.run.resumes > 0

    @property
    def is_undone(self) -> bool:
        """Taken back, whoever wanted it so, or lost."""
        return self.run.status is Status.COMPENSATED or self.is_lost

    @property
    def is_unchanged(self) -> bool:
        """Whether people approved what they were shown, and it was applied."""
        is_approved = self.run.approved_at is not None and not self.is_by_itself
        is_applied = self.run.status is Status.APPLIED and not self.is_lost
        return is_approved and is_applied and not self.is_changed

    @property
    def is_agreed(self) -> bool:
        """Whether a person found it right, before or after it ran."""
        is_right = self.review is not None and self.review.is_right
        return self.is_unchanged or (self.is_by_itself and is_right and not self.is_undone)

    @property
    def is_objected(self) -> bool:
        is_wrong = self.review is not None and not self.review.is_right
        return is_wrong or self.run.status is Status.REJECTED

    @property
    def is_judged(self) -> bool:
        """Whether it says something of the workflow: a person judged it, or it went wrong. What is
        under way says nothing yet."""
        if self.run.settled_at is None and not self.is_lost:
            return False
        is_approved = self.run.approved_at is not None and not self.is_by_itself
        return (
            is_approved or self.is_changed or self.is_objected or self.is_agreed or self.is_undone
        )

    @property
    def is_reversible(self) -> bool:
        proposal = self.run.proposal
        return proposal is not None and all(seen.is_reversible for seen in proposal.seen)

    @property
    def is_reviewable(self) -> bool:
        return is_reviewable(self.run) and self.review is None

    @property
    def is_awaited(self) -> bool:
        """Whether its review is owed: at L4 each, at L3 none."""
        return self.is_reviewable and self.level >= LEVEL_DELEGATED

    def is_overdue(self, promotion: Promotion, now: datetime) -> bool:
        late = now - timedelta(days=promotion.review_days)
        return self.is_awaited and self.run.settled_at is not None and self.run.settled_at < late


@dataclass(frozen=True)
class Record:
    """The runs of one workflow in one environment, newest first."""

    pasts: tuple[Past, ...]

    def count(self, is_so: Callable[[Past], bool]) -> int:
        return sum(map(is_so, self.pasts))

    def where(self, is_so: Callable[[Past], bool]) -> Record:
        return Record(tuple(filter(is_so, self.pasts)))

    def ended(self, status: Status) -> int:
        return self.count(lambda past: past.run.status is status)

    @property
    def judged(self) -> tuple[Past, ...]:
        return tuple(past for past in self.pasts if past.is_judged)

    @property
    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Why people objected, the most frequent first."""
        said = [past.rejection for past in self.pasts if past.rejection]
        said += [p.review.reason for p in self.pasts if p.review and not p.review.is_right]
        return tuple(Counter(said).most_common())

    @property
    def editors(self) -> tuple[tuple[str, int], ...]:
        """Who changed plans, and how many."""
        names = [name for p in self.pasts if p.run.proposal for name in p.run.proposal.edited_by]
        return tuple(Counter(names).most_common())


def ran_by_itself(run: Run) -> bool:
    """Whether nobody was asked: policy let it run."""
    proposal = run.proposal
    is_free = proposal is not None and proposal.decision.effect is Effect.MAY_RUN
    return is_free and run.approved_at is not None


def is_reviewable(run: Run) -> bool:
    """Whether there is something to look at afterwards: it ran by itself and wrote."""
    return ran_by_itself(run) and run.status in WROTE


def is_undone(run: Run) -> bool:
    """Whether it has just been taken back, or become unknown or stuck."""
    return run.status is Status.COMPENSATED or run.status in NEEDS_A_PERSON


def lacks(record: Record, promotion: Promotion, now: datetime) -> tuple[str, ...]:
    """What stands between this record and the next level, a sentence each; empty: nothing.

    `record` begins where the level last changed: what was done at another level is no evidence.
    """
    looked = record.judged[: promotion.runs_looked_at]
    return tuple(_lacks(looked, promotion, now))


def _lacks(looked: tuple[Past, ...], promotion: Promotion, now: datetime) -> Iterator[str]:
    agreed = sum(past.is_agreed for past in looked)
    if agreed < promotion.approved_unchanged:
        yield (
            f"{agreed} of the last {len(looked)} judged runs were found right as they were;"
            f" {promotion.approved_unchanged} of {promotion.runs_looked_at} are needed."
        )
    age_days = (now - looked[-1].run.created_at).days if looked else 0
    if age_days < promotion.days:
        yield f"The first of them is {age_days} days old; {promotion.days} days are needed."
    for what, is_so, limit in (
        ("rejected or reviewed as wrong", _objected, promotion.rejected_max),
        ("changed by a person", _changed, promotion.edited_max),
        ("taken back, unknown or stuck", _undone, promotion.undone_max),
    ):
        found = [past.run.id for past in looked if is_so(past)]
        if len(found) > limit:
            yield f"{len(found)} of them were {what} ({_some(found)}); at most {limit} may be."
    if looked and not any(past.is_reversible for past in looked):
        yield "None of them could be taken back whole, and what cannot be taken back stays at L2."


def turned_bad(record: Record, promotion: Promotion, now: datetime) -> str | None:
    """Why the level cannot stand, in one sentence; None where it can.

    `record` begins where the workflow rose above L2.
    """
    by_itself = [past for past in record.pasts if past.is_by_itself]
    undone = [p.run.id for p in by_itself if p.is_undone]
    if len(undone) >= promotion.demoted_at_undone:
        what = _joined({p.run.status.value for p in by_itself if p.is_undone})
        return f"{_some(undone)} ran without being asked about and ended {what}."
    wrong = [p.run.id for p in by_itself if p.review is not None and not p.review.is_right]
    if len(wrong) >= promotion.demoted_at_wrong:
        return f"{_some(wrong)} ran without being asked about and was reviewed as wrong."
    overdue = [p.run.id for p in by_itself if p.is_overdue(promotion, now)]
    if len(overdue) > promotion.unreviewed_max:
        return (
            f"{len(overdue)} runs ({_some(overdue)}) have waited for their review for more than"
            f" {promotion.review_days} days."
        )
    return None


RUNS_NAMED_MAX = 3  # runs named in one sentence; the list is in `assent autonomy`


def _some(run_ids: list[str]) -> str:
    more = len(run_ids) - RUNS_NAMED_MAX
    return ", ".join(run_ids[:RUNS_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _joined(words: set[str]) -> str:
    return " or ".join(sorted(words))


def _objected(past: Past) -> bool:
    return past.is_objected


def _changed(past: Past) -> bool:
    return past.is_changed


def _undone(past: Past) -> bool:
    return past.is_undone
