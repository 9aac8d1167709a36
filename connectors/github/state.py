"""Operations that set a record to a state: a membership, a role, labels, a branch's protection.

GitHub keeps no keys, and compares nothing for a write ("Conditional requests for unsafe methods ...
are not supported"), so the record is read again immediately before, and a lost answer is found by
what the record says:
docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Callable, Mapping
from typing import TypeVar

from connectors.github.session import Session
from connectors.operation import Params, Snapshot, Value
from connectors.state_write import Fields, StateWrite, unguarded

LAG_SECONDS = 5.0  # GitHub answers reads from replicas and states no bound; they are seconds behind

P = TypeVar("P", bound=Params)


def state(
    read_scopes: frozenset[str],
    scopes: frozenset[str],
    load: Callable[[Session, P], Snapshot],
    preview: Callable[[P, Snapshot], Mapping[str, Value]],
    write: Callable[[Session, P, Snapshot, Fields], object],
    *,
    take_back: Callable[[Session, P, Snapshot, Fields], object] | None = None,
    check_back: Callable[[P, Snapshot], object] = unguarded,
    stands: Callable[[Fields, Fields], bool] = operator.eq,
) -> StateWrite[P]:
    """The I/O of one operation. `write(session, params, live, after)` is the one call that makes
    `after` of the record, and takes back too where no other call does."""
    back = take_back or write

    def written(session: Session, params: P, live: Snapshot, after: Fields) -> bool:
        write(session, params, live, after)
        return True

    def taken_back(session: Session, params: P, live: Snapshot, before: Fields) -> bool:
        back(session, params, live, before)
        return True

    return StateWrite(
        read_scopes=read_scopes,
        scopes=scopes,
        guarded=(),
        load=load,
        preview=preview,
        write=written,
        check_back=check_back,
        take_back=taken_back,
        stands=stands,
        turn=Session.turn,
    )


def snapshot(resource: str, fields: Mapping[str, Value], about: Mapping[str, Value]) -> Snapshot:
    """A record of GitHub's, which counts no versions."""
    return Snapshot("GitHub", resource, "", fields, about)


def version_of(resource: str, fields: Mapping[str, Value]) -> str:
    """The same for the same record with the same fields."""
    said = json.dumps([resource.lower(), fields], sort_keys=True, default=dict)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def changes(before: Snapshot, wanted: Mapping[str, Value]) -> Mapping[str, Value]:
    """Those of `wanted` that differ from the record."""
    return {name: value for name, value in wanted.items() if before.fields[name] != value}
