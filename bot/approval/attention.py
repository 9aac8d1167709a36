"""When people are reminded of a plan that waits for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from store.model.decision import Requirement
from store.model.plan import Proposal

REMIND_AFTER = (0.5, 0.9)  # of the time that a plan may wait


@dataclass(frozen=True)
class Moment:
    """A reminder, or the moment at which `escalated` is passed on to a second group."""

    at: datetime
    escalated: Requirement | None = None


def moments(proposal: Proposal) -> tuple[Moment, ...]:
    """Every moment at which the thread hears of a waiting plan, in order, all before it expires."""
    shown_at, whole = proposal.read_at, proposal.expires_at - proposal.read_at
    found = [Moment(shown_at + whole * part) for part in REMIND_AFTER]
    found += [
        Moment(shown_at + timedelta(minutes=r.escalates_after_minutes), r)
        for r in proposal.decision.requirements
        if r.kind == "approve" and r.escalates_to and r.escalates_after_minutes > 0
    ]
    soon = [moment for moment in found if moment.at < proposal.expires_at]
    return tuple(sorted(soon, key=lambda moment: moment.at))


def next_at(proposal: Proposal, now: datetime) -> datetime | None:
    """The first moment after now, None when no more comes."""
    return next((moment.at for moment in moments(proposal) if moment.at > now), None)
