"""Every call to a system on behalf of one run: scoped, counted, bounded, remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from bot.catalogue import Catalogue
from connectors.operation import Operation, Params, Record, Result, Snapshot
from store.model.entry import Entry, Kind
from store.model.values import Json

T = TypeVar("T")


class BudgetExceededError(Exception):
    """The run used up what its workflow may use; the message says which budget and how much."""


class Calls:
    """The calls of one run. `entries` and `cost_micro_usd` are to be recorded by the caller, in the
    transaction of the state that the calls led to; `count` goes on from `count_before`."""

    def __init__(
        self, catalogue: Catalogue, run_id: str, workflow: str, count_before: int, count_max: int
    ) -> None:
        self._catalogue, self._run_id, self._workflow = catalogue, run_id, workflow
        self._count_max = count_max
        self._count_before = count_before
        self.count = 0
        self.cost_micro_usd = 0
        self.entries: list[Entry] = []

    def booked(self) -> None:
        """The caller has recorded everything so far: what follows counts anew."""
        self._count_before += self.count
        self.count = self.cost_micro_usd = 0
        self.entries = []

    def find(self, finder_name: str, words: str) -> tuple[Record, ...]:
        """Records that a finder finds for a person's words."""
        finder = self._catalogue.finders[finder_name]
        with self._call(finder_name, finder.cost_micro_usd, is_write=False) as session:
            records = finder.find(session, words)[: finder.records_max]
        self._remember(finder_name, {"found": [record.id for record in records]})
        return records

    def read(self, operation: Operation[Any], params: Params) -> Snapshot:
        """The record that an operation is about, as it stands now."""
        with self._call(operation.name, 0, is_write=False) as session:
            snapshot = operation.read(session, params)
        self._remember(
            operation.name,
            {
                "system": snapshot.system,
                "resource": snapshot.resource,
                "version": snapshot.version,
                "fields": dict(snapshot.fields),
            },
        )
        return snapshot

    def execute(
        self, operation: Operation[Any], params: Params, before: Snapshot, key: str
    ) -> Result:
        """Sends the write. Raises the connector's errors."""
        return self._write(operation, lambda s: operation.execute(s, params, before, key))

    def compensate(
        self, operation: Operation[Any], params: Params, before: Snapshot, done: Result, key: str
    ) -> Result:
        """Takes a write back. Raises the connector's errors."""
        return self._write(operation, lambda s: operation.compensate(s, params, before, done, key))

    def lookup(self, operation: Operation[Any], params: Params, key: str) -> Result | None:
        """Whether a write under this key happened."""
        with self._call(operation.name, 0, is_write=False) as session:
            result = operation.lookup(session, params, key)
        self._remember(operation.name, {"key": key, "has_happened": result is not None})
        return result

    def _write(self, operation: Operation[Any], act: Callable[[Any], Result]) -> Result:
        with self._call(operation.name, operation.cost_micro_usd, is_write=True) as session:
            return act(session)

    @contextmanager
    def _call(self, name: str, cost_micro_usd: int, *, is_write: bool) -> Iterator[Any]:
        used = self._count_before + self.count
        if used >= self._count_max:
            raise BudgetExceededError(
                f"used all {self._count_max} calls that this workflow may make in one run"
            )
        self.count += 1
        self.cost_micro_usd += cost_micro_usd
        with self._catalogue.session(self._workflow, name, is_write=is_write) as session:
            yield session

    def _remember(self, name: str, data: dict[str, Json]) -> None:
        self.entries.append(
            Entry(kind=Kind.READ, run_id=self._run_id, actor="assent", data={"call": name, **data})
        )
