"""How incidents are written: read again, compared, set. ServiceNow keeps no key of such a call, so
an incident that is as the write leaves it counts as written, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.errors import Rejected
from connectors.operation import Params, Result, Snapshot, Value
from connectors.servicenow import incidents
from connectors.servicenow.incidents import Incident
from connectors.servicenow.session import Session

P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class StateOfIncident(Generic[P]):
    """The I/O of one operation on an incident, made of what is particular to it.

    number(params) -> the incident's number
    show(session, params, incident) -> Snapshot  `about["raw"]` holds what `fields` are stored as
    preview(params, before) -> fields after      nothing where it is so already; raises Rejected
    values(params, live) -> stored values        what the one request sets
    check_back(live)                             raises Rejected where it can no longer be put back
    """

    scopes: frozenset[str]
    number: Callable[[P], str]
    show: Callable[[Session, P, Incident], Snapshot]
    preview: Callable[[P, Snapshot], Mapping[str, Value]]
    values: Callable[[P, Snapshot], Mapping[str, Value]]
    check_back: Callable[[Snapshot], None]

    def read(self, session: Session, params: P) -> Snapshot:
        """The incident as it stands."""
        session.require(incidents.READ_SCOPES)
        return self.show(session, params, incidents.load(session, self.number(params)))

    def execute(self, session: Session, params: P, before: Snapshot, _key: str) -> Result:
        """Sets it on the incident that was read, unless it is set."""
        session.require(self.scopes)
        live = self.read(session, params)
        if self._is_done(params, live):
            return self._result(params, live.version, is_replay=True)
        incidents.check_unchanged(live, before)
        self.preview(params, live)
        after = incidents.patch(session, live, self.values(params, live))
        return self._result(params, after.version)

    def lookup(self, session: Session, params: P, _key: str) -> Result | None:
        """The incident if it is as the write leaves it."""
        live = self.read(session, params)
        is_done = self._is_done(params, live)
        return self._result(params, live.version, is_replay=True) if is_done else None

    def compensate(
        self, session: Session, params: P, before: Snapshot, _result: Result, _key: str
    ) -> Result:
        """Puts back what was read, where the incident is as the write left it."""
        session.require(self.scopes)
        live = self.read(session, params)
        if dict(live.fields) == dict(before.fields):
            return self._result(params, live.version, is_replay=True)
        if not self._is_done(params, live):
            raise Rejected(
                f"The {live.resource} is not as this left it: it was changed again since.",
                next_step="Nothing was taken back; look at it and decide anew.",
            )
        self.check_back(live)
        after = incidents.patch(session, live, before.about["raw"])
        return self._result(params, after.version)

    def _is_done(self, params: P, live: Snapshot) -> bool:
        try:
            return not self.preview(params, live)
        except Rejected:
            return False

    def _result(self, params: P, version: str, *, is_replay: bool = False) -> Result:
        return Result(self.number(params), version, is_replay)


def differing(before: Snapshot, after: Mapping[str, Value]) -> Mapping[str, Value]:
    """Of `after` what differs."""
    return {name: value for name, value in after.items() if before.fields[name] != value}
