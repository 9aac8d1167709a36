"""The durable engine's binding, and its only importer. DBOS executes, retries and recovers; our
tables wait and remember.

A workflow is a sequence of calls to the executor, each idempotent by the journal; what a step of it
returns is data, never an exception, because exceptions change their class on recovery.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from dbos._core import execute_dequeued_workflow
from dbos._utils import GlobalParams, generate_uuid
from sqlalchemy import Connection

from bot import executing
from bot.executing import Steps, Verdict
from bot.retry import Tried
from bot.settings import Settings
from store.errors import StoreError

log = logging.getLogger(__name__)

QUEUE = "runs"
APP_VERSION = "assent-1"  # pinned by hand: a hash of the source would strand runs at every upgrade
POLL_SECONDS = (
    1.0  # how long an execution may lie when nobody gives notice (another process enqueued)
)
LISTEN_SECONDS = 1.0  # how often DBOS looks for messages between workflows; we send none
FULL_SECONDS = 0.05  # how soon it is looked again while every place is taken: one becomes free
CONCURRENCY = 8  # executions at once in one process
STOP_SECONDS = 3  # how long steps under way may take to end when we stop; the rest is recovered
STORE_TRIES_MAX = 10  # calls of a step while the store is away: 0.5 s, doubled, in all 4 minutes
STORE_FIRST_SECONDS = 0.5
FORGET_MAX = 500  # ended executions deleted at once
RECOVERIES_MAX = 1_000  # restarts that one execution survives before a person is asked


def durable(settings: Settings) -> Callable[[Steps], DurableEngine]:
    """The engine of a process with these settings, for the steps that it is to carry out."""
    return partial(DurableEngine, settings.database_url, settings.executor)


class DurableEngine:
    """DBOS over the store's own database. One instance a process."""

    def __init__(self, url: str, executor_id: str, steps: Steps) -> None:
        self._url = url
        self._executor_id, self._steps = executor_id, steps
        self._client: DBOSClient | None = None
        self._noticed = threading.Event()
        self._enqueuers: set[int] = set()  # threads whose open transaction holds a new execution
        self._is_closing = False
        self._waker = threading.Thread(
            target=self._wake_by_notice, name="engine-notice", daemon=True
        )

    def launch(self) -> None:
        """Starts executing and recovers what a killed process left. Not on an event loop."""
        config: DBOSConfig = {
            "name": "assent",
            "system_database_url": self._url,
            "application_version": APP_VERSION,
            "executor_id": self._executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "max_executor_threads": CONCURRENCY * 2,
            "notification_listener_polling_interval_sec": LISTEN_SECONDS,
            "use_listen_notify": False,
        }
        DBOS(config=config)
        _register(self._steps)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=CONCURRENCY,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )
        self._client = DBOSClient(
            system_database_url=self._url, serializer=DBOSPortableJSONSerializer(), lazy=True
        )
        self._waker.start()

    def enqueue(self, tx: Connection, run_id: str, digest: str, workflow_id: str) -> None:
        """Enqueues an execution in the caller's transaction: with the approval, or not at all."""
        assert self._client is not None, "the engine is launched before the first verdict"
        self._enqueuers.add(threading.get_ident())
        self._client.enqueue_in_transaction(
            tx,
            {
                "workflow_name": "execute",
                "queue_name": QUEUE,
                "workflow_id": workflow_id,
                "app_version": APP_VERSION,
                "workflow_id_reuse_policy": "reject",
            },
            run_id,
            digest,
        )

    def notice(self) -> None:
        """This thread has committed: where it enqueued, look now instead of at the next poll.

        May be lost. Costs nothing after a commit that enqueued nothing, as most do.
        """
        thread = threading.get_ident()
        if thread in self._enqueuers:
            self._enqueuers.discard(thread)
            self._noticed.set()

    def abandoned(self, workflow_prefix: str) -> bool:
        """Whether every execution of a run has ended, or none is known: nothing will move it."""
        found = DBOS.list_workflows(workflow_id_prefix=workflow_prefix, limit=20, sort_desc=True)
        return all(
            status.status in {"ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS"}
            for status in found
        )

    def take_over(self, executor_id: str) -> int:
        """Resumes what another process had begun and will not finish; how many executions."""
        begun = DBOS.list_workflows(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
        if begun:
            DBOS.resume_workflows([status.workflow_id for status in begun], queue_name=QUEUE)
        return len(begun)

    def forget(self, before: datetime) -> int:
        """Deletes the engine's own records of what ended before; the ledger keeps ours."""
        ended = DBOS.list_workflows(
            completed_before=before.isoformat(),
            limit=FORGET_MAX,
            load_input=False,
            load_output=False,
        )
        DBOS.delete_workflows([status.workflow_id for status in ended])
        return len(ended)

    def close(self) -> None:
        """Lets running steps end within a few seconds and stops. Nothing is lost by not waiting."""
        self._is_closing = True
        self._noticed.set()
        if self._client is not None:
            self._client.destroy()
        DBOS.destroy(workflow_completion_timeout_sec=STOP_SECONDS)

    def _wake_by_notice(self) -> None:
        is_full = False
        while True:
            self._noticed.wait(FULL_SECONDS if is_full else None)
            self._noticed.clear()
            if self._is_closing:
                return
            try:
                is_full = not _dequeue()
            except Exception:  # the poll finds the work; this only makes it sooner
                is_full = False
                log.debug("the queue could not be looked at on notice", exc_info=True)


def _dequeue() -> bool:
    """One look at the queue, as the engine's own polling thread does it (dbos 3.4.0, pinned).

    False when every place is taken, so that more may wait.
    """
    from dbos._dbos import _get_dbos_instance

    dbos = _get_dbos_instance()
    running = dbos._active_workflows_set.count_for_queue(QUEUE)
    if running >= CONCURRENCY:
        return False
    queue = dbos._sys_db.get_queue(QUEUE)
    if queue is None:
        return True
    owner = generate_uuid()
    claimed, _ = dbos._sys_db.start_queued_workflows(
        queue,
        GlobalParams.executor_id,
        GlobalParams.app_version,
        None,
        running,
        owner_xid=owner,
        is_latest_version=True,  # it only matters to executions without a version: ours have one
    )
    for workflow_id in claimed:
        status = dbos._sys_db.get_workflow_status(workflow_id)
        if status is not None:
            execute_dequeued_workflow(dbos, status, owner)
    return running + len(claimed) < CONCURRENCY


def _register(steps: Steps) -> None:
    """Declares the workflow over steps whose calls the engine records."""
    recorded = _Recorded(steps)

    @DBOS.workflow(name="execute", max_recovery_attempts=RECOVERIES_MAX)
    def execute(run_id: str, digest: str) -> str:
        return executing.execute(recorded, run_id, digest, DBOS.sleep)


class _Recorded:
    """Steps that the engine performs once: what has returned is not called again on recovery.

    The names and arguments are in the records of executions under way; they stay as they are.
    """

    def __init__(self, steps: Steps) -> None:
        step = partial(
            DBOS.step,
            retries_allowed=True,
            should_retry=lambda error: isinstance(error, StoreError),
            max_attempts=STORE_TRIES_MAX,
            interval_seconds=STORE_FIRST_SECONDS,
        )

        @step(name="begin")
        def begin(run_id: str, digest: str) -> int:
            return steps.begin(run_id, digest)

        @step(name="perform")
        def perform(run_id: str, index: int, attempt: int, waited_seconds: float) -> Verdict:
            return steps.perform(run_id, index, Tried(attempt, waited_seconds))

        @step(name="take_back")
        def take_back(run_id: str, index: int, attempt: int, waited_seconds: float) -> Verdict:
            return steps.take_back(run_id, index, Tried(attempt, waited_seconds))

        @step(name="settle")
        def settle(run_id: str) -> None:
            steps.settle(run_id)

        self.begin, self.settle = begin, settle
        self._perform, self._take_back = perform, take_back

    def perform(self, run_id: str, index: int, tried: Tried) -> Verdict:
        return self._perform(run_id, index, tried.attempt, tried.waited_seconds)

    def take_back(self, run_id: str, index: int, tried: Tried) -> Verdict:
        return self._take_back(run_id, index, tried.attempt, tried.waited_seconds)
