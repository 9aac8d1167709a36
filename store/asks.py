"""Asks of a model under way: written down before each, struck out in the transaction that records
what came of it. What is still there when its process is gone was asked, and nobody knows more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from store.clock import from_us, to_us
from store.model.values import Frozen


class ModelAsk(Frozen):
    """One ask: `micro_usd` are charged for it already, the most that it can cost, under `meter`.
    `owner` is the process that asked."""

    run_id: str
    owner: str
    meter: str
    model: str
    micro_usd: int
    asked_at: datetime


_INSERT = text(
    "INSERT INTO model_asks (run_id, owner, meter, model, micro_usd, at_us) "
    "VALUES (:run_id, :owner, :meter, :model, :micro_usd, :at_us) RETURNING id"
)
_DELETE = text("DELETE FROM model_asks WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_RETURNED = "RETURNING id, run_id, owner, meter, model, micro_usd, at_us"
_TAKE_OF_OWNER = text(f"DELETE FROM model_asks WHERE owner = :owner {_RETURNED}")  # noqa: S608
_TAKE_OF_RUN = text(f"DELETE FROM model_asks WHERE run_id = :run_id {_RETURNED}")  # noqa: S608
_IS_ANY = text("SELECT EXISTS (SELECT 1 FROM model_asks WHERE run_id = :run_id)")


def begin(tx: Connection, ask: ModelAsk) -> int:
    """The ask is about to be made; the number to end it by."""
    row = ask.model_dump(exclude={"asked_at"}) | {"at_us": to_us(ask.asked_at)}
    return int(tx.execute(_INSERT, row).scalar_one())


def end(tx: Connection, ids: Collection[int]) -> None:
    """What came of these asks is recorded in this transaction."""
    if ids:
        tx.execute(_DELETE, {"ids": list(ids)})


def is_any(cx: Connection, run_id: str) -> bool:
    """Whether a model is being asked for a run, or was when its process went away."""
    return bool(cx.execute(_IS_ANY, {"run_id": run_id}).scalar())


def take_of_owner(tx: Connection, owner: str) -> tuple[ModelAsk, ...]:
    """The asks of a process that is gone, struck out, the oldest first."""
    return _taken(tx, {"owner": owner})


def take_of_run(tx: Connection, run_id: str) -> tuple[ModelAsk, ...]:
    """The asks of a run whose planning is gone, struck out, the oldest first."""
    return _taken(tx, {"run_id": run_id})


def _taken(tx: Connection, by: dict[str, str]) -> tuple[ModelAsk, ...]:
    rows = tx.execute(_TAKE_OF_OWNER if "owner" in by else _TAKE_OF_RUN, by).all()
    return tuple(
        ModelAsk(
            run_id=row.run_id,
            owner=row.owner,
            meter=row.meter,
            model=row.model,
            micro_usd=int(row.micro_usd),
            asked_at=from_us(row.at_us),
        )
        for row in sorted(rows, key=lambda row: int(row.id))
    )
