"""A write of a state: somebody is in a group, or is not; an account works, or is suspended.

Systems that keep such states remember no key. Here is what their operations share: the record is
read again immediately before the write; one that is already as the write would leave it counts as
written, whoever wrote it; and taking back means the state that was read, not the one before ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from connectors import scoped
from connectors.errors import Conflict, Rejected
from connectors.operation import Params, Result, Snapshot, Value

P = TypeVar("P", bound=Params)
Fields = Mapping[str, Value]
VERSION_CHARACTERS = 16  # of a SHA-256 in hexadecimal: enough to tell states of one record apart


@dataclass(frozen=True)
class StateWrite(Generic[P]):
    """The I/O of one operation whose write sets a state.

    load(session, params) -> Snapshot       the record, its version left empty
    preview(params, before) -> fields after nothing where the record is so already; raises Rejected
    write(session, params, live, wanted)    the one call that writes the fields `wanted`; false
                                            where somebody else was quicker with the same
    check_back(params, live)                raises Rejected where the state must not be taken back
    take_back(session, params, live, wanted)  the one call that does, likewise
    reference(params) -> text               names the record in the system's own ids; the record's
                                            name for people without it
    stands(live, left) -> bool              whether the fields are as the write left them; without
                                            it, whether they are what the write sets
    turn(session)                           held from the last read before a write to its end

    `guarded` are the values of `about` that must be as they were read: the group's name, the
    person's status. They and the fields make the version.
    """

    read_scopes: frozenset[str]
    scopes: frozenset[str]
    guarded: tuple[str, ...]
    load: Callable[[Any, P], Snapshot]
    preview: Callable[[P, Snapshot], Mapping[str, Value]]
    write: Callable[[Any, P, Snapshot, Fields], bool]
    check_back: Callable[[P, Snapshot], object]
    take_back: Callable[[Any, P, Snapshot, Fields], bool]
    reference: Callable[[P], str] | None = None
    stands: Callable[[Fields, Fields], bool] | None = None
    turn: Callable[[Any], AbstractContextManager[object]] = lambda _session: nullcontext()

    def read(self, session: Any, params: P) -> Snapshot:
        """The record as it stands. Raises of the tree."""
        scoped.require(session.account, session.scopes, self.read_scopes)
        return self._versioned(self.load(session, params))

    def execute(self, session: Any, params: P, before: Snapshot, _key: str) -> Result:
        """Sets the state on the record that was read, unless it is set."""
        scoped.require(session.account, session.scopes, self.scopes)
        with self.turn(session):
            live = self.read(session, params)
            after = self._after(params, live)
            if after is None:
                return self._result(params, live, is_replay=True)
            if live.version != before.version:
                raise changed(live, before)
            is_ours = self.write(session, params, live, after.fields)
            return self._result(params, after, is_replay=not is_ours)

    def lookup(self, session: Any, params: P, _key: str) -> Result | None:
        """The record if it is as the write leaves it."""
        live = self.read(session, params)
        is_done = self._is_done(params, live)
        return self._result(params, live, is_replay=True) if is_done else None

    def compensate(
        self, session: Any, params: P, before: Snapshot, _result: Result, _key: str
    ) -> Result:
        """Brings back the fields that were read, from the state that the write left."""
        scoped.require(session.account, session.scopes, self.scopes)
        with self.turn(session):
            live = self.read(session, params)
            if dict(live.fields) == dict(before.fields):
                return self._result(params, live, is_replay=True)
            if not self._stands(params, live, before):
                raise Rejected(
                    f"The {live.resource} is not as this left it: it was changed again since.",
                    next_step="Nothing was taken back; look at it and decide anew.",
                )
            self.check_back(params, live)
            is_ours = self.take_back(session, params, live, before.fields)
            back = self._versioned(replace(live, fields=before.fields))
            return self._result(params, back, is_replay=not is_ours)

    def _after(self, params: P, live: Snapshot) -> Snapshot | None:
        """The record after the write, None where it is so already. Raises Rejected."""
        changes = self.preview(params, live)
        if not changes:
            return None
        return self._versioned(replace(live, fields={**live.fields, **changes}))

    def _stands(self, params: P, live: Snapshot, before: Snapshot) -> bool:
        if self.stands is None:
            return self._is_done(params, live)
        return self.stands(live.fields, {**before.fields, **self.preview(params, before)})

    def _is_done(self, params: P, live: Snapshot) -> bool:
        try:
            return not self.preview(params, live)
        except Rejected:
            return False

    def _result(self, params: P, record: Snapshot, *, is_replay: bool = False) -> Result:
        named = self.reference(params) if self.reference else record.resource
        return Result(named, record.version, is_replay)

    def _versioned(self, record: Snapshot) -> Snapshot:
        held = {name: record.about[name] for name in self.guarded}
        told = json.dumps([record.resource, record.fields, held], sort_keys=True, default=dict)
        digest = hashlib.sha256(told.encode()).hexdigest()[:VERSION_CHARACTERS]
        return replace(record, version=digest)


def final(
    why: str, next_step: str
) -> tuple[Callable[[P, Snapshot], object], Callable[[Any, P, Snapshot, Fields], bool]]:
    """`check_back` and `take_back` of a write that is never taken back; `why` is a clause."""

    def refuse(_params: P, live: Snapshot) -> None:
        raise Rejected(f"The {live.resource} cannot be taken back: {why}.", next_step=next_step)

    def never(_session: Any, params: P, live: Snapshot, _wanted: Fields) -> bool:
        refuse(params, live)
        return False

    return refuse, never


def unguarded(_params: object, _live: Snapshot) -> None:
    """`check_back` of a state that may always be taken back."""


def changed(live: Snapshot, before: Snapshot) -> Conflict:
    """The refusal of a write on a record that is not as it was read."""
    names = {n for n, value in live.fields.items() if before.fields.get(n) != value}
    said = f": {', '.join(sorted(names))}" if names else ""
    return Conflict(
        f"The {live.resource} changed since it was read{said}.",
        next_step="Nothing was written; read it again and look at the new difference.",
    )
