"""Verdicts as they were given: one a person and plan digest."""

from __future__ import annotations

from sqlalchemy import Connection, text

from store.model.approval import Approval

_ADD = text(
    "INSERT INTO approvals (run_id, digest, person_id, body) "
    "VALUES (:run_id, :digest, :person_id, :body) "
    "ON CONFLICT (run_id, digest, person_id) DO NOTHING"
)
_FOR_DIGEST = text(
    "SELECT body FROM approvals WHERE run_id = :run_id AND digest = :digest ORDER BY id"
)
_ALL = text("SELECT body FROM approvals WHERE run_id = :run_id ORDER BY id")


def add(tx: Connection, approval: Approval) -> bool:
    """Record a verdict. False when this person gave one on this digest before: the first counts."""
    result = tx.execute(
        _ADD,
        {
            "run_id": approval.run_id,
            "digest": approval.digest,
            "person_id": approval.person_id,
            "body": approval.model_dump_json(),
        },
    )
    return result.rowcount == 1


def for_digest(cx: Connection, run_id: str, digest: str) -> tuple[Approval, ...]:
    """The verdicts on one plan digest, in the order given."""
    bodies = cx.execute(_FOR_DIGEST, {"run_id": run_id, "digest": digest}).scalars()
    return tuple(Approval.model_validate_json(body) for body in bodies)


def all_for(cx: Connection, run_id: str) -> tuple[Approval, ...]:
    """Every verdict on a run, void ones included, in the order given."""
    bodies = cx.execute(_ALL, {"run_id": run_id}).scalars()
    return tuple(Approval.model_validate_json(body) for body in bodies)
