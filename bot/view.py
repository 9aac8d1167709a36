"""Everything that a card shows of a run, gathered in one read; renderers are pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from store.model.approval import Approval, Missing
from store.model.execution import StepState
from store.model.plan import Change
from store.model.request import Place
from store.model.run import Run


class Stance(StrEnum):
    """What one person is to a run at this moment, for a view made for them. It grants nothing."""

    REQUESTER = "requester"
    MAY_APPROVE = "may approve"
    HAS_APPROVED = "has approved"
    ONLOOKER = "onlooker"


@dataclass(frozen=True)
class FormField:
    """One slot as the edit form shows it: `value` is what stands in the field, `choices` are
    (value, label) where one of a few is to be taken."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RunView:
    """One run as a card shows it at `now`.

    `approvals` are those of the present digest only; `missing` says what each requirement lacks;
    `eligible` names who holds a role now, without the requester (None: the directory did not
    answer); `titles` maps an operation's name to its words; `drift` is what changed since the card
    was last signed; `fields` are what an edit may change, `skippable` the (step id, words) of steps
    that an approver may leave out; both empty where the run does not wait. `is_policy_changed`: it
    waits, and another bundle is in force than the one that it was shown under. `channel` is the
    bundle's name for where it was asked, "" where it lists none. `reread` maps an operation whose
    system compares nothing itself to what is read again and compared before the write. `beside` are
    the threads that its cards begin in linked channels, where a page asked for them.
    """

    run: Run
    workflow_title: str
    approvals: tuple[Approval, ...]
    missing: tuple[Missing, ...]
    eligible: Mapping[str, tuple[str, ...] | None]
    steps: tuple[StepState, ...]
    titles: Mapping[str, str]
    drift: tuple[Change, ...]
    ledger_first: int | None
    ledger_last: int | None
    reject_reasons: tuple[str, ...]
    now: datetime
    fields: tuple[FormField, ...] = ()
    skippable: tuple[tuple[str, str], ...] = ()
    is_policy_changed: bool = False
    channel: str = ""
    reread: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[Place, ...] = ()

    @property
    def threads(self) -> tuple[Place, ...]:
        """Where the run can be opened: where it was asked first, then what is linked to that."""
        return (self.run.request.place, *self.beside)
