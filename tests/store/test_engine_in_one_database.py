"""The durable engine lives in the same database: its enqueueing joins our unit of work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import text

from store import runs
from store.database import Database
from store.ledger import append
from store.ledger.verify import verify
from store.model.entry import Entry, Kind

pytestmark = pytest.mark.slow

executed: list[str] = []
is_executed = threading.Event()


@pytest.fixture
def client(url: str, db: Database) -> Iterator[DBOSClient]:
    """A launched engine with one workflow, and a client of it, on the store's own database."""
    executed.clear()
    is_executed.clear()
    DBOS.destroy(destroy_registry=True)
    config: DBOSConfig = {
        "name": "store-test",
        "system_database_url": url,
        "application_version": "1",
        "run_admin_server": False,
        "serializer": DBOSPortableJSONSerializer(),
    }
    DBOS(config=config)

    @DBOS.workflow(name="execute")
    def execute(run_id: str) -> str:
        executed.append(run_id)
        is_executed.set()
        return run_id

    DBOS.launch()
    DBOS.register_queue("execution", polling_interval_sec=0.05)
    client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSONSerializer())
    yield client
    client.destroy()
    DBOS.destroy(destroy_registry=True)


def enqueue(client: DBOSClient, db: Database, now: datetime, *, fails: bool) -> str:
    with db.begin() as tx:
        run_id = runs.next_id(tx)
        append(tx, Entry(kind=Kind.APPROVAL, run_id=run_id, actor="P-1", data={}), now)
        client.enqueue_in_transaction(
            tx,
            {
                "workflow_name": "execute",
                "queue_name": "execution",
                "workflow_id": f"execute:{run_id}",
                "app_version": "1",
            },
            run_id,
        )
        append(tx, Entry(kind=Kind.INTENT, run_id=run_id, actor="assent", data={}), now)
        if fails:
            raise ZeroDivisionError
    return run_id


def test_enqueued_execution_commits_and_rolls_back_with_the_approval(
    client: DBOSClient, db: Database, now: datetime
) -> None:
    with pytest.raises(ZeroDivisionError):
        enqueue(client, db, now, fails=True)
    with db.read() as cx:
        assert verify(cx).entries == 0
    assert client.list_workflows() == []
    run_id = enqueue(client, db, now, fails=False)
    assert run_id == "R-1001"
    assert is_executed.wait(20)
    assert executed == ["R-1001"]
    with db.read() as cx:
        report = verify(cx)
    assert report.is_whole, str(report)
    assert report.entries == 2


def test_engine_and_store_write_at_once_without_losing_anything(
    client: DBOSClient, db: Database, now: datetime
) -> None:
    def work() -> None:
        for _ in range(5):
            enqueue(client, db, now, fails=False)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for number in range(1001, 1021):
        handle = client.retrieve_workflow(f"execute:R-{number}")
        assert handle.get_result() == f"R-{number}"
    assert sorted(executed) == [f"R-{number}" for number in range(1001, 1021)]
    with db.begin() as tx:
        assert tx.execute(text("SELECT size FROM ledger_head")).scalar() == 40
    db.migrate()
