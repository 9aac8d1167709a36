"""Bending the embedded desk from the terminal: faults, and changes behind Assent's back."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

from bot.cards.phrases import counted
from bot.errors import CommandError
from connectors.desk import faults, outside


def address(state: Path) -> str:
    """The desk's database file in a state folder. Raises CommandError where there is none."""
    path = state / "desk.db"
    if not path.exists():
        raise CommandError(f"there is no desk in {state}; start it once with `make play`")
    return str(path)


def arm(
    state: Path,
    kind: str,
    operation: str,
    times: int,
    after: int,
    seconds: float,
    call: faults.Call | None = None,
) -> str:
    """Arms a fault on writes where it is about writing, else on every call."""
    kinds = ", ".join(get_args(faults.Kind))
    if kind not in get_args(faults.Kind):
        raise CommandError(f"there is no fault {kind!r}; there are: {kinds}")
    call = call or ("execute" if "write" in kind else "any")
    try:
        faults.set_fault(
            address(state),
            cast("faults.Kind", kind),
            operation=operation,
            call=call,
            count=times,
            nth=after + 1,
            seconds=seconds,
        )
    except ValueError as wrong:
        raise CommandError(str(wrong)) from None
    where = "any operation" if operation == "any" else operation
    return f"The desk is armed: {kind.replace('_', ' ')}, {where}, {counted(times, 'time')}."


def clear(state: Path) -> str:
    faults.clear_faults(address(state))
    return "The desk behaves again."


def refund(state: Path, payment: str, amount_minor: int) -> str:
    outside.refund_payment(address(state), payment, amount_minor)
    return f"ops-batch refunded {amount_minor} minor units of {payment}."
