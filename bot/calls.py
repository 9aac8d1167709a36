"""Every call to a system on behalf of one run: scoped, counted, bounded, remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bot.catalogue import Catalogue
from bot.joint.names import declared, part_of
from connectors.operation import Operation, Params, Record, Result, Snapshot
from store.meters import Total
from store.model.entry import Entry, Kind
from store.model.values import Json

T = TypeVar("T")
_OF_MODELS = frozenset({Kind.MODEL, Kind.HANDOFF})


class BudgetExceededError(Exception):
    """The run used up what its workflow may use; the message says which budget and how much."""


@dataclass(frozen=True)
class Allowance:
    """What one run may use: calls, and millionths of a US dollar that those calls cost."""

    calls: int
    micro_usd: int


class Calls:
    """The calls of one run. `entries` and `cost_micro_usd` are to be recorded by the caller, in the
    transaction of the state that the calls led to. `used` is what earlier calls of the run used;
    `catalogue` is what all of them, and what is decided on them, hold to: another bundle that comes
    into force meanwhile counts from the next step on."""

    def __init__(
        self, catalogue: Catalogue, run_id: str, workflow: str, used: Total, allowed: Allowance
    ) -> None:
        self.catalogue, self._run_id, self._workflow = catalogue, run_id, workflow
        self._used, self._allowed = used, allowed
        self.count = 0
        self.cost_micro_usd = 0
        self.entries: list[Entry] = []
        self.asked: dict[str, Total] = {}  # by meter: what models cost, how often they were asked
        self.ahead: dict[str, int] = {}  # by meter: what of that was charged before an answer came
        self.ended: list[int] = []  # asks of a model that something came of, even if it was none
        self._foreseen: dict[str, tuple[int, int]] = {}
        self.began: datetime | None = None  # when a model was first thought of, over all tries

    @property
    def workflow(self) -> str:
        """The workflow whose connections the calls use now."""
        return self._workflow

    @property
    def calls_micro_usd(self) -> int:
        """What the calls to systems cost: all but the models."""
        return self.cost_micro_usd - sum(total.micro_usd for total in self.asked.values())

    def booked(self) -> None:
        """The caller has recorded everything so far: what follows counts anew."""
        self._used = Total(
            micro_usd=self._used.micro_usd + self.cost_micro_usd,
            calls=self._used.calls + self.count,
        )
        self.count = self.cost_micro_usd = 0
        self.entries = []
        self.asked, self.ahead, self.ended = {}, {}, []

    def act_for(self, workflow: str, step_id: str) -> None:
        """The calls that follow are for a step of a plan, with the connections of the workflow, or
        of the joint plan's part, that the step belongs to."""
        self._workflow = declared(part_of(workflow, step_id))

    def require(self, cost_micro_usd: int) -> None:
        """Raises BudgetExceededError unless one more call that costs so much is allowed."""
        if self._used.calls + self.count >= self._allowed.calls:
            raise BudgetExceededError(
                f"used all {self._allowed.calls} calls that this workflow may make in one run"
            )
        self.require_money(cost_micro_usd)

    def require_money(self, cost_micro_usd: int) -> None:
        """Raises BudgetExceededError unless so much more may be spent."""
        spent = self._used.micro_usd + self.cost_micro_usd + cost_micro_usd
        if spent > self._allowed.micro_usd:
            raise BudgetExceededError(
                f"would spend more than the ${self._allowed.micro_usd / 1_000_000:.2f}"
                " that this workflow may spend in one run"
            )

    def foresee(self, meter: str, cost_micro_usd: int, ask: int) -> None:
        """A model is about to be asked, and what that may cost at most is charged already; `ask`
        is the number under which it is written down."""
        self._foreseen[meter] = cost_micro_usd, ask

    def spend(self, meter: str, cost_micro_usd: int, estimate_micro_usd: int = 0) -> None:
        """Books what an answer of a model cost, beside the calls to systems, and how much of that
        nobody said."""
        if (foreseen := self._foreseen.pop(meter, None)) is not None:
            charged_micro_usd, ask = foreseen
            self.ahead[meter] = self.ahead.get(meter, 0) + charged_micro_usd
            self.ended.append(ask)
        so_far = self.asked.get(meter, Total(micro_usd=0, calls=0))
        self.asked[meter] = Total(
            micro_usd=so_far.micro_usd + cost_micro_usd,
            calls=so_far.calls + 1,
            estimate_micro_usd=so_far.estimate_micro_usd + estimate_micro_usd,
        )
        self.cost_micro_usd += cost_micro_usd

    def remember(self, kind: Kind, data: dict[str, Json], sensitive: dict[str, Json]) -> None:
        """An entry about how the run was planned."""
        entry = Entry(
            kind=kind, run_id=self._run_id, actor="assent", data=data, sensitive=sensitive
        )
        self.entries.append(entry)

    def again(self, catalogue: Catalogue) -> Calls:
        """Calls for another try, from the start on. What models were asked stays on the books: it
        was paid for, whatever became of it."""
        fresh = Calls(catalogue, self._run_id, self._workflow, self._used, self._allowed)
        fresh.asked, fresh.ahead = dict(self.asked), dict(self.ahead)
        fresh.ended = list(self.ended)
        fresh.began = self.began
        fresh.cost_micro_usd = sum(total.micro_usd for total in self.asked.values())
        fresh.entries = [entry for entry in self.entries if entry.kind in _OF_MODELS]
        return fresh

    def find(self, finder_name: str, words: str) -> tuple[Record, ...]:
        """Records that a finder finds for a person's words."""
        finder = self.catalogue.finders[finder_name]
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
        self.require(cost_micro_usd)
        self.count += 1
        self.cost_micro_usd += cost_micro_usd
        with self.catalogue.session(self._workflow, name, is_write=is_write) as session:
            yield session

    def _remember(self, name: str, data: dict[str, Json]) -> None:
        self.entries.append(
            Entry(kind=Kind.READ, run_id=self._run_id, actor="assent", data={"call": name, **data})
        )
