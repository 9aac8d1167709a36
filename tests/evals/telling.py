"""A run as the ledger tells it, entry by entry, for tests that tell it wrongly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from store.ledger.search import LedgerEntry
from store.model.entry import Kind

RUN = "R-20001"
BEGAN_AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
PAYMENT = "payment pay_7731"
ORDER = "order 1043"
LEAD = {"kind": "approve", "roles": ["support-leads"], "count": 1, "stage": 1}


class Told:
    """Entries in the order in which they are told; every method tells one and returns self."""

    def __init__(self) -> None:
        self.entries: list[LedgerEntry] = []
        self.minutes = 0

    def tell(self, kind: Kind, actor: str = "assent", **data: Any) -> Told:
        seq = len(self.entries) + 1
        at = BEGAN_AT + timedelta(minutes=self.minutes)
        entry = LedgerEntry(
            seq=seq, at=at, kind=kind, run_id=RUN, actor=actor, data=data, sensitive={}
        )
        self.entries.append(entry)
        return self

    def later(self, minutes: int) -> Told:
        self.minutes += minutes
        return self

    def request(self) -> Told:
        return self.tell(Kind.REQUEST, "dana")

    def read(self, refunded: int = 0, notes: int = 2) -> Told:
        """Both records, as they stand."""
        self.tell(
            Kind.READ, call="payments.refund", resource=PAYMENT, fields={"refunded": refunded}
        )
        return self.tell(Kind.READ, call="orders.add_note", resource=ORDER, fields={"notes": notes})

    def plan(self, digest: str = "a1", refunded: int = 0) -> Told:
        changes = [{"field": "refunded", "before": refunded, "after": refunded + 4000}]
        notes = [{"field": "notes", "before": 2, "after": 3}]
        return self.tell(
            Kind.PLAN,
            digest=digest,
            steps=[
                {"id": "refund", "operation": "payments.refund", "params": {}},
                {"id": "note", "operation": "orders.add_note", "params": {}},
            ],
            diff=[
                {"resource": PAYMENT, "changes": changes},
                {"resource": ORDER, "changes": notes},
            ],
        )

    def decide(self, effect: str = "needs approval", *requirements: dict[str, Any]) -> Told:
        wanted = requirements or ((LEAD,) if effect == "needs approval" else ())
        steps = [{"step": "refund", "effect": effect}, {"step": "note", "effect": effect}]
        return self.tell(
            Kind.DECISION,
            effect=effect,
            steps=steps,
            requirements=[*wanted],
            bundle_digest="b",
        )

    def approve(self, who: str, *roles: str, digest: str = "a1", **more: Any) -> Told:
        return self.tell(
            Kind.APPROVAL, who, verdict="approve", digest=digest, roles=[*roles], **more
        )

    def edit(self, who: str, digest: str, *slots: str) -> Told:
        return self.tell(Kind.EDIT, who, of="shown", to=digest, slots=[*slots], skipped=[])

    def intend(self, step: str = "refund", index: int = 0, key: str = "") -> Told:
        return self.tell(Kind.INTENT, step=step, index=index, key=key or f"{RUN}:1:{step}")

    def write(self, step: str = "refund", index: int = 0, *, is_replay: bool = False) -> Told:
        return self.tell(
            Kind.RESULT,
            step=step,
            index=index,
            key=f"{RUN}:1:{step}",
            result={"reference": "re_1", "version": "2"},
            is_replay=is_replay,
        )

    def both(self) -> Told:
        """Both steps, read again before each."""
        return self.read().intend().write().intend("note", 1).write("note", 1)

    def end(self, outcome: str = "applied") -> Told:
        return self.tell(Kind.OUTCOME, outcome=outcome)


def shown() -> Told:
    """A plan that waits for a support lead."""
    return Told().request().read().plan().decide()
