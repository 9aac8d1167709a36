"""Verdicts as they were given: one a person and plan digest.

They are read with the ids that people are known by now, and one human counts once: of two accounts
that were found to be one human's since, the first verdict stands. A verdict stays with the human
who gave it, whomever the account belongs to later; and one account has one verdict on a digest,
whomever it belonged to.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, text

from store.identity import all_ids, presents
from store.model.approval import Approval

_ADD = text(
    "INSERT INTO approvals (run_id, digest, person_id, body) "
    "VALUES (:run_id, :digest, :person_id, :body) "
    "ON CONFLICT (run_id, digest, person_id) DO NOTHING"
)
_GIVEN = text(
    "SELECT 1 FROM approvals "
    "WHERE run_id = :run_id AND digest = :digest AND person_id IN :person_ids"
).bindparams(bindparam("person_ids", expanding=True))
_FOR_DIGEST = text(
    "SELECT body FROM approvals WHERE run_id = :run_id AND digest = :digest ORDER BY id"
)
_WITHDRAW = text(
    "DELETE FROM approvals WHERE run_id = :run_id AND digest = :digest AND person_id IN :person_ids"
).bindparams(bindparam("person_ids", expanding=True))
_ALL = text("SELECT body FROM approvals WHERE run_id = :run_id ORDER BY id")


def add(tx: Connection, approval: Approval) -> bool:
    """Record a verdict. False when this person gave one on this digest before, by whatever id they
    were known then: the first counts."""
    known_by = {"person_ids": all_ids(tx, approval.person_id)}
    key = {"run_id": approval.run_id, "digest": approval.digest} | known_by
    if tx.execute(_GIVEN, key).first() is not None:
        return False
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


def withdraw(tx: Connection, run_id: str, digest: str, person_id: str) -> bool:
    """Take a person's verdict on one plan digest away. False when there is none."""
    key = {"run_id": run_id, "digest": digest, "person_ids": all_ids(tx, person_id)}
    return tx.execute(_WITHDRAW, key).rowcount > 0


def for_digest(cx: Connection, run_id: str, digest: str) -> tuple[Approval, ...]:
    """The verdicts on one plan digest, in the order given, one of each human."""
    bodies = cx.execute(_FOR_DIGEST, {"run_id": run_id, "digest": digest}).scalars()
    given = _present(cx, tuple(Approval.model_validate_json(body) for body in bodies))
    humans: dict[str, Approval] = {}
    accounts: dict[tuple[str, str, str], Approval] = {}
    for approval in given:
        account = (approval.surface, approval.team, approval.account_user)
        if approval.person_id not in humans and account not in accounts:
            humans[approval.person_id] = accounts[account] = approval
    return tuple(humans.values())


def all_for(cx: Connection, run_id: str) -> tuple[Approval, ...]:
    """Every verdict on a run, void ones included, in the order given."""
    bodies = cx.execute(_ALL, {"run_id": run_id}).scalars()
    return _present(cx, tuple(Approval.model_validate_json(body) for body in bodies))


def _present(cx: Connection, approvals: tuple[Approval, ...]) -> tuple[Approval, ...]:
    """The approvals under the ids that their people are known by now."""
    ids = {a.person_id for a in approvals}
    ids |= {stand_in.person_id for a in approvals for stand_in in a.stands_in}
    known = presents(cx, ids)
    return tuple(
        approval.model_copy(
            update={
                "person_id": known[approval.person_id],
                "stands_in": tuple(
                    s.model_copy(update={"person_id": known[s.person_id]})
                    for s in approval.stands_in
                ),
            }
        )
        for approval in approvals
    )
