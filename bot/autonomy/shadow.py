"""What policy would have done at L3 beside what people did: where the two differ, and in which
direction. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.autonomy.record import Past, Record
from store.model.decision import Effect
from store.model.run import Status


@dataclass(frozen=True)
class Difference:
    """One run that people and policy at L3 saw differently. `did` is what people did, with names
    and reasons as they gave them."""

    run_id: str
    did: str


@dataclass(frozen=True)
class Comparison:
    """The decisions of people that policy was asked about as well.

    `unwanted`: it would have run by itself, and people would not have had it so.
    `unneeded`: it would have asked or refused, and people approved what they were shown.
    """

    count: int
    unwanted: tuple[Difference, ...]
    unneeded: tuple[Difference, ...]

    @property
    def agreed(self) -> int:
        return self.count - len(self.unwanted) - len(self.unneeded)


def compare(record: Record) -> Comparison:
    """Every run of the record that was shown while the workflow was shadowed and that people have
    decided about."""
    decided = [p for p in record.pasts if p.first_shadow and (_is_refused(p) or _is_approved(p))]
    unwanted = [p for p in decided if p.first_shadow is Effect.MAY_RUN and _is_refused(p)]
    unneeded = [p for p in decided if p.first_shadow is not Effect.MAY_RUN and not _is_refused(p)]
    return Comparison(
        count=len(decided),
        unwanted=tuple(Difference(past.run.id, _did(past)) for past in unwanted),
        unneeded=tuple(
            Difference(p.run.id, f"would have been {_would(p)}, people approved it")
            for p in unneeded
        ),
    )


def _is_refused(past: Past) -> bool:
    """Whether people wanted something else than what was first shown."""
    return past.is_changed or past.run.status is Status.REJECTED


def _is_approved(past: Past) -> bool:
    return past.run.approved_at is not None and not past.is_by_itself


def _did(past: Past) -> str:
    said = []
    if past.run.status is Status.REJECTED:
        said.append(f"rejected: {past.rejection}")
    proposal = past.run.proposal
    if proposal and proposal.edited_by:
        said.append(f"changed by {', '.join(proposal.edited_by)}")
    if proposal and proposal.skipped:
        said.append(f"left out: {', '.join(proposal.skipped)}")
    return "; ".join(said)


def _would(past: Past) -> str:
    return "denied" if past.first_shadow is Effect.DENIED else "asked about"
