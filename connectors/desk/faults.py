"""Misbehaviour on demand: armed in the desk's database, so that it holds across processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from connectors.desk.engines import check_is_there, service_engine
from connectors.desk.tables import faults
from connectors.errors import OutcomeUnknown, Rejected, Unavailable

Kind = Literal[
    "slow",
    "time_out_before_write",
    "time_out_after_write",
    "refuse",
    "rate_limit",
    "unavailable",
    "lose_permission",
]
Call = Literal["read", "execute", "lookup", "compensate", "find", "any"]

SECONDS_MAX = 60.0  # a fault never holds a worker thread longer
COUNT_MAX = 1_000_000
FAULTS_MAX = 20  # armed at the same time

ANY = "any"

_MATCHING = (
    select(faults)
    .where(or_(faults.c.operation == bindparam("called"), faults.c.operation == ANY))
    .where(or_(faults.c.call == bindparam("by"), faults.c.call == "any"))
    .order_by(faults.c.id)
)
_FIRST = _MATCHING.limit(1)


@dataclass(frozen=True)
class Fault:
    """One armed fault: after `calls_before` more matching calls it strikes `calls_left` times."""

    id: int
    kind: Kind
    operation: str
    call: Call
    calls_before: int
    calls_left: int
    seconds: float


def set_fault(
    address: str,
    kind: Kind,
    *,
    operation: str = ANY,
    call: Call = "execute",
    count: int = 1,
    nth: int = 1,
    seconds: float = 1.0,
) -> None:
    """Arm a fault: from the `nth` matching call on it strikes `count` times.

    `seconds` is how long "slow" waits, and what "rate_limit" asks the caller to wait.
    """
    if kind not in get_args(Kind) or call not in get_args(Call):
        raise ValueError(f"no fault {kind!r} on {call!r}; kinds are {', '.join(get_args(Kind))}")
    if not (1 <= count <= COUNT_MAX and 1 <= nth <= COUNT_MAX and 0 <= seconds <= SECONDS_MAX):
        raise ValueError(f"count and nth are 1 to {COUNT_MAX}, seconds 0 to {SECONDS_MAX}")
    if len(list_faults(address)) >= FAULTS_MAX:
        raise ValueError(f"{FAULTS_MAX} faults are armed already; clear them first")
    row = {
        "kind": kind,
        "operation": operation,
        "call": call,
        "calls_before": nth - 1,
        "calls_left": count,
        "milliseconds": round(seconds * 1000),
    }
    with service_engine(address).begin() as connection:
        connection.execute(insert(faults).values(row))


def clear_faults(address: str) -> None:
    """Disarm everything."""
    with service_engine(address).begin() as connection:
        connection.execute(delete(faults))


def list_faults(address: str) -> tuple[Fault, ...]:
    """What is armed now, oldest first."""
    check_is_there(address)
    with service_engine(address).connect() as connection:
        return tuple(_fault(row) for row in connection.execute(select(faults).order_by("id")))


def strike(connection: Connection, address: str, operation: str, call: Call) -> Fault | None:
    """Count this call; the fault that strikes it, if any. `connection` only looks."""
    matching = {"called": operation, "by": call}
    with connection.begin():
        if connection.execute(_FIRST, matching).first() is None:
            return None
    writer = service_engine(address).execution_options(is_writing=True)
    with writer.begin() as service:
        armed = [_fault(row) for row in service.execute(_MATCHING, matching)]
        return _count(service, armed)


def suffer(
    fault: Fault | None,
    operation: str,
    call: Call,
    account: str,
    sleep: Callable[[float], None],
) -> None:
    """Do what the fault says before the call does anything; raises of the tree."""
    if fault is None:
        return
    is_write = call in ("execute", "compensate")
    match fault.kind:
        case "slow":
            sleep(fault.seconds)
        case "time_out_before_write" | "time_out_after_write" if not is_write:
            raise Unavailable(
                f"The orders desk did not answer {operation} in time.",
                next_step="Nothing was written; ask again later.",
            )
        case "time_out_before_write":
            raise unknown(operation)
        case "time_out_after_write":
            return  # the caller writes first, then raises unknown()
        case "refuse":
            raise Rejected(
                f"The orders desk refused {operation}.",
                next_step="Ask the desk's owner why; nothing was written.",
            )
        case "rate_limit":
            raise Unavailable(
                f"The orders desk is rate-limiting {operation}.",
                next_step=f"Ask again after {fault.seconds:g} s; nothing was written.",
                retry_after_seconds=fault.seconds,
            )
        case "unavailable":
            raise Unavailable(
                f"The orders desk does not take {operation} at the moment.",
                next_step="Nothing was written; ask again later.",
            )
        case "lose_permission":
            raise Rejected(
                f"The orders desk withdrew the right to {operation} from account {account}.",
                next_step="Ask the desk's owner to grant it again; nothing was written.",
            )


def unknown(operation: str) -> OutcomeUnknown:
    """No answer came after the write was sent."""
    return OutcomeUnknown(
        f"The orders desk did not answer in time after {operation} was sent.",
        next_step="It may or may not have happened; it is looked up before anything else is done.",
    )


def _count(service: Connection, armed: list[Fault]) -> Fault | None:
    struck: Fault | None = None
    for fault in armed:
        row = faults.c.id == fault.id
        if fault.calls_before > 0:
            service.execute(update(faults).where(row).values(calls_before=fault.calls_before - 1))
        elif struck is None:
            struck = fault
            left = fault.calls_left - 1
            service.execute(
                update(faults).where(row).values(calls_left=left)
                if left
                else delete(faults).where(row)
            )
    return struck


def _fault(row: Row[Any]) -> Fault:
    return Fault(
        row.id,
        row.kind,
        row.operation,
        row.call,
        row.calls_before,
        row.calls_left,
        row.milliseconds / 1000,
    )
