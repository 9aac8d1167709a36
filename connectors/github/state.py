"""Operations that set a record to a state: a membership, a role, labels, a branch's protection.

GitHub keeps no keys, and compares nothing for a write ("Conditional requests for unsafe methods ...
are not supported"), so the record is read again immediately before, and a lost answer is found by
what the record says:
docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.errors import Conflict, Rejected
from connectors.github.session import Session
from connectors.operation import Params, Result, Snapshot, Value

LAG_SECONDS = 5.0  # GitHub answers reads from replicas and states no bound; they are seconds behind

P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class State(Generic[P]):
    """The I/O of one operation, made of what is particular to it.

    load(session, params) -> Snapshot            Rejected where the record does not exist
    preview(params, before) -> fields after      empty where the record is so already
    apply(session, params, live, after)          the one write that makes `after` of the record
    restore(session, params, live, before)       the one write that makes `before` of it again
    stands(live, left) -> bool                   whether the record is as the write left it
    """

    read_scopes: frozenset[str]
    scopes: frozenset[str]
    load: Callable[[Session, P], Snapshot]
    preview: Callable[[P, Snapshot], Mapping[str, Value]]
    apply: Callable[[Session, P, Snapshot, Mapping[str, Value]], None]
    restore: Callable[[Session, P, Snapshot, Snapshot], None]
    stands: Callable[[Mapping[str, Value], Mapping[str, Value]], bool] = lambda live, left: (
        live == left
    )

    def read(self, session: Session, params: P) -> Snapshot:
        """The record as it stands."""
        session.require(self.read_scopes)
        return self.load(session, params)

    def execute(self, session: Session, params: P, before: Snapshot, key: str) -> Result:
        """The write, unless the record is so already. Conflict when it is not as it was read."""
        del key  # nowhere to leave it: the state is what remembers
        session.require(self.scopes)
        with session.turn():
            live = self.load(session, params)
            changed = self.preview(params, live)
            if not changed:
                return _result(live, live.fields, is_replay=True)
            _check_unchanged(live, before)
            after = {**live.fields, **changed}
            self.apply(session, params, live, after)
            return _result(live, after)

    def lookup(self, session: Session, params: P, key: str) -> Result | None:
        """Whether the record is as the write would leave it, whoever wrote it."""
        del key
        session.require(self.read_scopes)
        live = self.load(session, params)
        try:
            changed = self.preview(params, live)
        except Rejected:
            return None
        return None if changed else _result(live, live.fields, is_replay=True)

    def compensate(
        self, session: Session, params: P, before: Snapshot, result: Result, key: str
    ) -> Result:
        """What was before, while the record stands as the write left it."""
        del result, key
        session.require(self.scopes)
        with session.turn():
            live = self.load(session, params)
            if live.fields == before.fields:
                return _result(live, live.fields, is_replay=True)
            left = {**before.fields, **self.preview(params, before)}
            if not self.stands(live.fields, left):
                raise Rejected(
                    f"{live.resource} can no longer be taken back: somebody changed it since.",
                    next_step="Nothing was changed; put it right by hand.",
                )
            self.restore(session, params, live, before)
            return _result(live, before.fields)


def snapshot(resource: str, fields: Mapping[str, Value], about: Mapping[str, Value]) -> Snapshot:
    """A record of GitHub's: its version is what its fields say, as GitHub itself counts none."""
    return Snapshot("GitHub", resource, version_of(resource, fields), fields, about)


def version_of(resource: str, fields: Mapping[str, Value]) -> str:
    """The same for the same record with the same fields."""
    said = json.dumps([resource.lower(), fields], sort_keys=True, default=dict)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def changes(before: Snapshot, wanted: Mapping[str, Value]) -> Mapping[str, Value]:
    """Those of `wanted` that differ from the record."""
    return {name: value for name, value in wanted.items() if before.fields[name] != value}


def _check_unchanged(live: Snapshot, before: Snapshot) -> None:
    if live.version != before.version:
        changed = sorted(
            k for k in live.fields.keys() | before.fields.keys()
            if live.fields.get(k) != before.fields.get(k)
        )  # fmt: skip
        raise Conflict(
            f"{live.resource} is not as it was read: {', '.join(changed) or 'it'} changed.",
            next_step="Nothing was written; read it again and look at the new difference.",
        )


def _result(live: Snapshot, fields: Mapping[str, Value], *, is_replay: bool = False) -> Result:
    return Result(live.resource, version_of(live.resource, fields), is_replay)
