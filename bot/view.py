"""Everything that a card shows of a run, gathered in one read; renderers are pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store.model.approval import Approval, Missing
from store.model.execution import StepState
from store.model.plan import Change
from store.model.run import Run


@dataclass(frozen=True)
class RunView:
    """One run as a card shows it at `now`.

    `approvals` are those of the present digest only; `missing` says what each requirement lacks;
    `eligible` names who holds a role now, without the requester (None: the directory did not
    answer); `titles` maps an operation's name to its words; `drift` is what changed since the card
    was last signed; `observed_changes` pairs with the plan's steps after execution.
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
