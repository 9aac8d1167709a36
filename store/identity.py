"""Which human an id means today: ids of people whose accounts were found to be one human's resolve
to the one that is kept. What was written before is never rewritten; it is resolved when read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, text

from store.model.run import Run

_INTO = text("SELECT into_id FROM merged_people WHERE person_id = :id")
_INTO_ALL = text("SELECT person_id, into_id FROM merged_people WHERE person_id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_MERGED = text("SELECT person_id FROM merged_people WHERE into_id = :id")
_FLATTEN = text("UPDATE merged_people SET into_id = :into WHERE into_id = :id")
_MERGE = text("INSERT INTO merged_people (person_id, into_id) VALUES (:id, :into)")
_MOVE_ACCOUNTS = text("UPDATE accounts SET person_id = :into WHERE person_id = :id")
_MOVE_DECLARED = text("UPDATE declared_accounts SET person_id = :into WHERE person_id = :id")


def present(cx: Connection, person_id: str) -> str:
    """The id that this human is known by now; the id itself where nothing was merged."""
    return str(cx.execute(_INTO, {"id": person_id}).scalar() or person_id)


def presents(cx: Connection, person_ids: Iterable[str]) -> Mapping[str, str]:
    """`present` of several ids at once, by the id given."""
    ids = sorted(set(person_ids))
    if len(ids) < 2:  # a run's requester, whose plan nobody changed: asked by a simpler statement
        return {person_id: present(cx, person_id) for person_id in ids}
    found = {row.person_id: row.into_id for row in cx.execute(_INTO_ALL, {"ids": ids})}
    return {person_id: found.get(person_id, person_id) for person_id in ids}


def all_ids(cx: Connection, person_id: str) -> tuple[str, ...]:
    """Every id that means the same human, the present one first."""
    now = present(cx, person_id)
    return (now, *cx.execute(_MERGED, {"id": now}).scalars())


def merge(tx: Connection, person_id: str, into_id: str) -> None:
    """From now on the first is the second: with every account, and whatever was merged into it."""
    ids = {"id": person_id, "into": into_id}
    for statement in (_FLATTEN, _MERGE, _MOVE_ACCOUNTS, _MOVE_DECLARED):
        tx.execute(statement, ids)


def present_runs(cx: Connection, runs: Iterable[Run]) -> tuple[Run, ...]:
    """Runs whose requester and editors are named by the ids that they are known by now."""
    runs = tuple(runs)
    ids = {run.request.person_id for run in runs} | {
        editor for run in runs if run.proposal for editor in run.proposal.editors
    }
    known = presents(cx, ids)
    if all(person_id == now for person_id, now in known.items()):
        return runs
    return tuple(_present(run, known) for run in runs)


def _present(run: Run, known: Mapping[str, str]) -> Run:
    request = run.request.model_copy(update={"person_id": known[run.request.person_id]})
    proposal = run.proposal
    if proposal is not None and proposal.editors:
        since = tuple(known[editor] for editor in proposal.editors)
        proposal = proposal.model_copy(update={"editors_since": since})
    return run.model_copy(update={"request": request, "proposal": proposal})
