"""The same tests over both databases: SQLite on a file, and a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.database import Database
from store.model.decision import Decision, Effect
from store.model.plan import Plan, Proposal, Step
from store.model.request import Place, Request
from store.model.run import Run, Status

NOW = datetime(2026, 11, 21, 12, 41, 7, 123456, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'assent.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """A migrated database."""
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """Runs as intake stores them, with changes."""
    place = Place(surface="slack", team="T1", channel="C1", thread="1.000001")
    request = Request(
        person_id="P-1001",
        account_user="U1",
        place=place,
        message="1.000001",
        text="refund $40 on order 1043, arrived damaged",
        event_keys=("e1",),
        received_at=NOW,
    )
    first = Run(
        id="R-1001",
        version=1,
        status=Status.RECEIVED,
        request=request,
        requester_name="Dana Okafor",
        workflow="",
        answers=(),
        slots=(),
        question=None,
        proposal=None,
        drift=(),
        note="",
        cost_micro_usd=0,
        created_at=NOW,
        changed_at=NOW,
        proposed_at=None,
        approved_at=None,
        settled_at=None,
        is_cancel_requested=False,
    )
    return lambda run_id="R-1001", **changes: first.model_copy(update={"id": run_id, **changes})


@pytest.fixture
def make_proposal() -> Callable[..., Proposal]:
    """Proposals of one step for a run, that expire when asked."""
    step = Step(id="refund", operation="payments.refund", params={"payment": "pay_1"})
    decision = Decision(
        effect=Effect.NEEDS_APPROVAL, reason="a lead approves", steps=(), requirements=()
    )
    return lambda run_id, expires_at: Proposal(
        run_id=run_id,
        round=1,
        plan=Plan(workflow="refund", slots=(), steps=(step,)),
        seen=(),
        decision=decision,
        bundle_version="refunds@1",
        bundle_digest="0" * 64,
        read_at=NOW,
        expires_at=expires_at,
    )
