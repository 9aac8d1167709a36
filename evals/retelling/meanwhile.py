"""What the systems and somebody else did during a run, as far as its ledger entries tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.stories.second_opinion import UNDO
from store.ledger.search import LedgerEntry
from store.model.entry import Kind
from store.model.values import Json

FAULTS_MAX_COUNT = 1_000  # of one fault, as case.Fault bounds it
TABLES = {"payment": "payments", "order": "orders", "ticket": "tickets"}
COLUMNS: Mapping[str, frozenset[str]] = {
    "payments": frozenset({"refunded_minor", "status"}),
    "orders": frozenset({"status", "street", "city", "postcode", "country"}),
    "tickets": frozenset({"status"}),
}


def changed_since(
    plan: Mapping[str, Any], read: Mapping[str, Any]
) -> tuple[dict[str, Json] | None, list[str]]:
    """How a record that is read again differs from what was shown, as one of a case's `records`,
    and what cannot be said so."""
    kind, _, id_ = str(read["resource"]).partition(" ")
    table, values, unsaid = TABLES.get(kind, ""), {}, []
    shown = [
        c for one in plan["diff"] if one["resource"] == read["resource"] for c in one["changes"]
    ]
    for change in shown:
        name = change["field"]
        if name not in read["fields"] or read["fields"][name] == change["before"]:
            continue
        column, value = _column(name, read["fields"][name])
        if column in COLUMNS.get(table, frozenset()):
            values[column] = value
        else:
            unsaid.append(f"{name} of {kind}")
    return ({"table": table, "id": id_, "set": values} if values else None), unsaid


def faults_of(entries: Sequence[LedgerEntry], plan: Mapping[str, Any]) -> list[dict[str, Json]]:
    """How the systems misbehaved while the plan was carried out, one fault an operation."""
    operations = {step["id"]: step["operation"] for step in plan.get("steps", ())}
    found = []
    for step, operation in operations.items():
        told = [e for e in entries if e.data.get("step") == step and "index" in e.data]
        calls = [e for e in told if not str(e.data.get("key", "")).endswith(UNDO)]
        if fault := _fault(calls):
            found.append({**fault, "operation": operation})
        if any(e.kind is Kind.COMPENSATION and "stuck" in e.data for e in told):
            found.append({"kind": "refuse", "operation": operation, "call": "compensate"})
    return found


def _fault(told: Sequence[LedgerEntry]) -> dict[str, Json]:
    """What struck one step's calls; nothing where every call was answered."""
    results = [e.data for e in told if e.kind is Kind.RESULT]
    if any("refused" in data for data in results):
        return {"kind": "refuse"}
    again = sum("again_after_ms" in data for data in results)
    again = sum("again_after_ms" in data for data in results)
    if any("unknown" in data for data in results):
        return {"kind": "time_out_before_write", "count": min(again + 1, FAULTS_MAX_COUNT)}
    if not again:
        return {}
    was_sent = any(e.kind is Kind.INTENT for e in told[:2])
    has_landed = any(data.get("is_replay") for data in results) or (
        was_sent and sum(e.kind is Kind.INTENT for e in told) == 1
    )
    if was_sent and has_landed:
        return {"kind": "time_out_after_write"}
    kind = "time_out_before_write" if was_sent else "unavailable"
    call: dict[str, Json] = {} if was_sent else {"call": "read"}
    return {"kind": kind, "count": min(again, FAULTS_MAX_COUNT), **call}


def _column(field: str, value: Json) -> tuple[str, Json]:
    """A field of a snapshot as the desk's column: money in minor units."""
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return f"{field}_minor", value["minor"]
    return field, value
