"""Verdicts count once a person and digest; a journal is replaced only while nothing is written."""

from __future__ import annotations

from datetime import datetime

import pytest

from store import approvals, identity, people, steps
from store.database import Database
from store.errors import StoreRefusedError
from store.model.approval import Approval
from store.model.execution import StepState, StepStatus
from store.model.person import Account


def verdict(person_id: str, digest: str, given_at: datetime, reason: str = "") -> Approval:
    return Approval(
        run_id="R-1001",
        digest=digest,
        person_id=person_id,
        person_name="Lee",
        roles=("support-lead",),
        verdict="approve",
        reason=reason,
        given_at=given_at,
        account_user=f"U-{person_id}",
    )


def state(index: int, now: datetime, status: StepStatus = StepStatus.PLANNED) -> StepState:
    return StepState(
        run_id="R-1001",
        index=index,
        step_id=f"step{index}",
        status=status,
        key=f"R-1001:step{index}",
        attempts=0,
        before={"refunded": {"minor": 0, "currency": "USD"}},
        result=None,
        observed=None,
        problem="",
        changed_at=now,
    )


def test_first_verdict_of_a_person_on_a_digest_counts(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        assert approvals.add(tx, verdict("P-2", "aa", now, "first"))
        assert not approvals.add(tx, verdict("P-2", "aa", now, "second"))
        assert approvals.add(tx, verdict("P-3", "aa", now))
        assert approvals.add(tx, verdict("P-2", "bb", now))
        given = approvals.for_digest(tx, "R-1001", "aa")
        assert [(a.person_id, a.reason) for a in given] == [("P-2", "first"), ("P-3", "")]
        assert len(approvals.all_for(tx, "R-1001")) == 3
        assert approvals.all_for(tx, "R-1002") == ()


def test_journal_comes_back_in_the_order_of_the_plan(db: Database, now: datetime) -> None:
    planned = [state(index, now) for index in range(11)]
    with db.begin() as tx:
        steps.plan(tx, planned)
        assert steps.all_for(tx, "R-1001") == tuple(planned)
        assert steps.get(tx, "R-1001", 10) == planned[10]
        assert steps.get(tx, "R-1001", 11) is None


def test_saved_step_is_the_one_that_is_read(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        steps.plan(tx, [state(0, now), state(1, now)])
        steps.save(tx, state(1, now, StepStatus.INTENT))
        assert [s.status for s in steps.all_for(tx, "R-1001")] == ["planned", "intent"]
    with pytest.raises(StoreRefusedError, match="step 3 of run R-1001 is not"), db.begin() as tx:
        steps.save(tx, state(2, now))


@pytest.mark.parametrize("status", [s for s in StepStatus if s not in steps.REPLACEABLE])
def test_journal_with_something_written_is_not_replaced(
    db: Database, now: datetime, status: StepStatus
) -> None:
    with db.begin() as tx:
        steps.plan(tx, [state(0, now), state(1, now)])
        steps.plan(tx, [state(0, now)])
        assert len(steps.all_for(tx, "R-1001")) == 1
        steps.save(tx, state(0, now, status))
    refusal = f"step 1 of run R-1001 is {status}"
    with pytest.raises(StoreRefusedError, match=refusal), db.begin() as tx:
        steps.plan(tx, [state(0, now)])


def test_journal_is_of_one_run(db: Database, now: datetime) -> None:
    other = state(1, now).model_copy(update={"run_id": "R-1002"})
    with db.begin() as tx, pytest.raises(ValueError, match="one run"):
        steps.plan(tx, [state(0, now), other])


def test_one_human_gives_one_verdict_by_whatever_id_they_were_known(
    db: Database, now: datetime
) -> None:
    with db.begin() as tx:
        old, kept = (
            people.person_for(tx, Account(surface="slack", team="T1", user=u, display_name=u))
            for u in ("U1", "U2")
        )
        first = verdict(old, "aa", now)
        assert approvals.add(tx, first)
        identity.merge(tx, old, kept)
        again = first.model_copy(update={"person_id": kept, "account_user": "U2"})
        assert not approvals.add(tx, again)
        assert len(approvals.all_for(tx, "R-1001")) == 1
