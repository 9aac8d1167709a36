"""Looking things up in the ledger: its head, one run's entries, or by kind, actor and time."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from store.ledger import leaf
from store.model.entry import Kind
from store.model.values import Frozen, Json

SHOWN_MAX = 1_000  # entries in one answer; a run has some tens, a search pages on by `before`
ERASED = "erased"


class Head(Frozen):
    """How many entries there are, and the Merkle root over them in base64, as in checkpoints."""

    size: int
    root: str


class LedgerEntry(Frozen):
    """One entry as it is shown. `sensitive` has each part's value, "erased" after a redaction."""

    seq: int
    at: datetime
    kind: Kind
    run_id: str
    actor: str
    data: dict[str, Json]
    sensitive: dict[str, Json]


_HEAD = text("SELECT size, root FROM ledger_head WHERE id = 1")
_RANGE = text(
    "SELECT min(seq) AS first, max(seq) AS last FROM ledger_entries "
    "WHERE run_id = :run_id AND run_id <> ''"
)
_RUN = text(
    "SELECT seq, leaf FROM ledger_entries WHERE run_id = :run_id AND run_id <> '' "
    "ORDER BY seq LIMIT :limit"
)
_BODIES = text("SELECT seq, part, body FROM ledger_bodies WHERE seq IN :seqs").bindparams(
    bindparam("seqs", expanding=True)
)


def head(cx: Connection) -> Head:
    """The size and root of the ledger now."""
    row = cx.execute(_HEAD).one()
    return Head(size=row.size, root=base64.b64encode(bytes(row.root)).decode())


def range_of(cx: Connection, run_id: str) -> tuple[int | None, int | None]:
    """The numbers of a run's first and last entry; None, None when it has none."""
    row = cx.execute(_RANGE, {"run_id": run_id}).one()
    return row.first, row.last


def show(cx: Connection, run_id: str) -> tuple[LedgerEntry, ...]:
    """A run's entries in order, at most SHOWN_MAX."""
    rows = cx.execute(_RUN, {"run_id": run_id, "limit": SHOWN_MAX}).all()
    return _entries(cx, ((row.seq, row.leaf) for row in rows))


def find(
    cx: Connection,
    kind: Kind | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[LedgerEntry, ...]:
    """Entries that match everything given, newest first; `before` is the number to page on from.

    `since` is included, `until` is not.
    """
    wanted: dict[str, tuple[str, object]] = {}
    if kind is not None:
        wanted["kind"] = ("kind = :kind", kind.value)
    if actor is not None:
        wanted["actor"] = ("actor = :actor", actor)
    if since is not None:
        wanted["since"] = ("at >= :since", leaf.moment(since))
    if until is not None:
        wanted["until"] = ("at < :until", leaf.moment(until))
    if before is not None:
        wanted["before"] = ("seq < :before", before)
    where = " AND ".join(condition for condition, _ in wanted.values()) or "1 = 1"
    statement = f"SELECT seq, leaf FROM ledger_entries WHERE {where} ORDER BY seq DESC LIMIT :limit"  # noqa: S608 - constants alone
    parameters = {name: value for name, (_, value) in wanted.items()}
    rows = cx.execute(text(statement), parameters | {"limit": min(limit, SHOWN_MAX)}).all()
    return _entries(cx, ((row.seq, row.leaf) for row in rows))


def _entries(cx: Connection, rows: Iterable[tuple[int, str]]) -> tuple[LedgerEntry, ...]:
    leaves = {seq: json.loads(leaf_text) for seq, leaf_text in rows}
    bodies: dict[int, dict[str, Json]] = {seq: {} for seq in leaves}
    if leaves:
        for row in cx.execute(_BODIES, {"seqs": list(leaves)}):
            bodies[row.seq][row.part] = json.loads(row.body)
    return tuple(
        LedgerEntry(
            seq=seq,
            at=leaf.read_moment(found["at"]),
            kind=Kind(found["kind"]),
            run_id=found["run"],
            actor=found["actor"],
            data=found["data"],
            sensitive={part: bodies[seq].get(part, ERASED) for part in found["sensitive"]},
        )
        for seq, found in leaves.items()
    )
