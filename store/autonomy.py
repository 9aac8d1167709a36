"""The level that each workflow has earned in each environment, with the history of how."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, text

from store.clock import from_us, to_us
from store.model.values import Frozen

HISTORY_MAX = 100  # changes of one workflow's level that are looked at; people make a few a year


class Earned(Frozen):
    """One change of a workflow's level: to which, by whom (a person's name, or "assent"), why."""

    workflow: str
    environment: str
    level: int
    actor: str
    because: str
    at: datetime


_ADD = text(
    "INSERT INTO autonomy_levels (workflow, environment, level, actor, because, at_us) "
    "VALUES (:workflow, :environment, :level, :actor, :because, :at_us) RETURNING id"
)
_HISTORY = text(
    "SELECT * FROM autonomy_levels WHERE workflow = :workflow AND environment = :environment "
    "ORDER BY id DESC LIMIT :limit"
)
_EACH = text(
    "SELECT * FROM autonomy_levels WHERE id IN ("
    "SELECT max(id) FROM autonomy_levels WHERE environment = :environment GROUP BY workflow) "
    "ORDER BY workflow"
)


def add(tx: Connection, earned: Earned) -> int:
    """The level that holds from this transaction on; the number of the change."""
    row = earned.model_dump(exclude={"at"}) | {"at_us": to_us(earned.at)}
    return int(tx.execute(_ADD, row).scalar_one())


def present(cx: Connection, workflow: str, environment: str) -> Earned | None:
    """The change that holds, None where a workflow has never earned or lost anything."""
    found = _history(cx, workflow, environment, 1)
    return found[0] if found else None


def history(cx: Connection, workflow: str, environment: str) -> tuple[Earned, ...]:
    """The changes of a workflow's level, newest first, at most HISTORY_MAX."""
    return _history(cx, workflow, environment, HISTORY_MAX)


def present_each(cx: Connection, environment: str) -> tuple[Earned, ...]:
    """The change that holds for each workflow that has one, in the order of their names."""
    return tuple(map(_earned, cx.execute(_EACH, {"environment": environment}).all()))


def _history(cx: Connection, workflow: str, environment: str, limit: int) -> tuple[Earned, ...]:
    wanted = {"workflow": workflow, "environment": environment, "limit": limit}
    return tuple(map(_earned, cx.execute(_HISTORY, wanted).all()))


def _earned(row: Row[tuple[object, ...]]) -> Earned:
    return Earned(
        workflow=row.workflow,
        environment=row.environment,
        level=row.level,
        actor=row.actor,
        because=row.because,
        at=from_us(row.at_us),
    )
