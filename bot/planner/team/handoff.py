"""What the ledger keeps of a part that was handed to a specialist: to whom, with which words, what
came of it, how long it took and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.joint.names import declared
from bot.planner.model import Used
from bot.planner.planner import Ask, Draft, Gate, Planned, Readable
from bot.planner.spec import METER
from bot.planner.team.division import Overlap
from connectors.operation import Params, Record, Snapshot
from store.model.entry import Kind
from store.model.run import Part
from store.model.values import Json

RULES = "rules"  # to whom a part goes that the rules understood: no model was asked


@dataclass
class Watched:
    """A specialist's gate that counts its turns and its money; everything else is the gate's."""

    gate: Gate
    turns: int = 0
    cost_micro_usd: int = 0

    def reads(self) -> tuple[Readable, ...]:
        return self.gate.reads()

    def may_read(self, name: str) -> bool:
        return self.gate.may_read(name)

    def part(self, specialist: str) -> Gate:
        return self.gate.part(specialist)

    def find(self, finder: str, words: str) -> tuple[Record, ...]:
        return self.gate.find(finder, words)

    def read(self, operation: str, params: Params) -> Snapshot:
        return self.gate.read(operation, params)

    def spend(
        self, used: Used, cost_micro_usd: int, meter: str = METER, estimate_micro_usd: int = 0
    ) -> None:
        self.cost_micro_usd += cost_micro_usd
        self.gate.spend(used, cost_micro_usd, meter, estimate_micro_usd)

    def spent_micro_usd(self, meter: str = METER) -> int:
        return self.gate.spent_micro_usd(meter)

    def require(self, cost_micro_usd: int, meter: str = METER) -> None:
        self.gate.require(cost_micro_usd, meter)

    def seconds(self) -> float:
        return self.gate.seconds()

    def remember(self, kind: Kind, data: dict[str, Json], sensitive: dict[str, Json]) -> None:
        self.turns += kind is Kind.MODEL
        self.gate.remember(kind, data, sensitive)


def handed(gate: Gate, part: Part, plan: Callable[[Watched], Planned]) -> Planned:
    """Plans a part through a gate of its specialist, and remembers the handoff."""
    watched = Watched(gate.part(part.specialist) if part.specialist else gate)
    began_seconds = gate.seconds()
    planned = plan(watched)
    gate.remember(
        Kind.HANDOFF,
        {
            "to": part.specialist if watched.turns else RULES,
            "part": part.name,
            "workflow": declared(part.name),
            "outcome": _outcome(planned),
            "latency_milliseconds": round((gate.seconds() - began_seconds) * 1000),
            "turns": watched.turns,
            "cost_micro_usd": watched.cost_micro_usd,
        },
        {"words": part.words},
    )
    return planned


def remember_overlap(gate: Gate, overlap: Overlap) -> None:
    """Two parts claimed the same words: the requester is asked, and the ledger keeps that."""
    gate.remember(
        Kind.HANDOFF,
        {"outcome": "conflict", "between": list(overlap.workflows)},
        {"words": overlap.words},
    )


def _outcome(planned: Planned) -> str:
    match planned:
        case Draft():
            return "plan"
        case Ask():
            return "question"
    return "refusal"
