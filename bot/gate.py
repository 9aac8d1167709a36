"""What one planning with a model may do: its reads allowed by the bundle and the requester's roles,
counted and budgeted as every call is, its money metered over the whole run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.calls import BudgetExceededError, Calls
from bot.catalogue import NotInCatalogueError
from bot.planner.model import Used
from bot.planner.planner import Readable
from bot.planner.pricing import micro_usd
from bot.planner.spec import METER
from bot.ports import Clock
from connectors.operation import Params, Record, Snapshot
from policies.planner_section import PlannerSection
from store.meters import Total
from store.model.entry import Kind
from store.model.values import Json


@dataclass(frozen=True)
class Spent:
    """What models have cost before this planning: this run by meter, and everybody in a day."""

    run: Mapping[str, Total]
    day_micro_usd: int


@dataclass(frozen=True)
class PlanningGate:
    """See bot.planner.planner.Gate. `roles` are the requester's, asked for only when a model may be
    asked at all; it raises what the directory raises. `charge` books money under a meter for good,
    at once, and gives the ask's number: a process that dies while a model answers has paid. `began`
    is when the planning did.
    """

    calls: Calls
    section: PlannerSection
    charge: Callable[[str, int], int]
    roles: Callable[[], frozenset[str]]
    spent: Spent
    clock: Clock
    began: datetime
    specialist: str = ""

    def part(self, specialist: str) -> PlanningGate:
        return replace(self, specialist=specialist)

    def reads(self) -> tuple[Readable, ...]:
        held = self.roles()
        return tuple(
            readable
            for name, allowed in self._listed().items()
            if held & set(allowed) and (readable := self._readable(name)) is not None
        )

    def may_read(self, name: str) -> bool:
        allowed = self._listed().get(name, ())
        return bool(self.roles() & set(allowed)) and self._readable(name) is not None

    def find(self, finder: str, words: str) -> tuple[Record, ...]:
        self._demand(finder)
        return self.calls.find(finder, words)

    def read(self, operation: str, params: Params) -> Snapshot:
        self._demand(operation)
        return self.calls.read(self.calls.catalogue.operation(operation), params)

    def spend(
        self, used: Used, cost_micro_usd: int, meter: str = METER, estimate_micro_usd: int = 0
    ) -> None:
        self.calls.spend(meter, cost_micro_usd, estimate_micro_usd)

    def spent_micro_usd(self, meter: str = METER) -> int:
        before, now = self.spent.run.get(meter), self.calls.asked.get(meter)
        return sum(total.micro_usd for total in (before, now) if total is not None)

    def require(self, cost_micro_usd: int, meter: str = METER) -> None:
        self.calls.require_money(cost_micro_usd)
        now = sum(total.micro_usd for total in self.calls.asked.values())
        limit = self.section.spend_usd_per_day
        if self.spent.day_micro_usd + now + cost_micro_usd > micro_usd(limit):
            raise BudgetExceededError(
                f"would spend more than the ${limit} that models may in a day"
            )
        self.calls.foresee(meter, cost_micro_usd, self.charge(meter, cost_micro_usd))

    def seconds(self) -> float:
        return (self.clock() - self.began).total_seconds()

    def remember(self, kind: Kind, data: dict[str, Json], sensitive: dict[str, Json]) -> None:
        self.calls.remember(kind, data, sensitive)

    def _listed(self) -> Mapping[str, tuple[str, ...]]:
        if not self.specialist:
            return self.section.reads
        own = self.section.specialists[self.specialist].reads
        return self.section.reads if own is None else own

    def _readable(self, name: str) -> Readable | None:
        catalogue = self.calls.catalogue
        if (finder := catalogue.finders.get(name)) is not None:
            return Readable(name, finder.title)
        try:
            operation = catalogue.operation(name)
        except NotInCatalogueError:
            return None
        return Readable(name, operation.title, operation.params)

    def _demand(self, name: str) -> None:
        if not self.may_read(name):
            raise NotInCatalogueError(f"the bundle does not let a model read with {name} here")
