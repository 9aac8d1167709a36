"""How Jira's issues are written: read again, compared, written with a mark in the same request.

execute     marked under this key? that was it -> as read? -> preview allows? -> write + mark
lookup      is the issue marked under this key?
compensate  the same, with a key of its own, for a write that stands as it was left
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from connectors.errors import Conflict, ConnectorError, OutcomeUnknown, Rejected
from connectors.jira import issues
from connectors.jira.issues import Issue
from connectors.jira.marks import Mark, check_same, digest, is_mark_name, mark_name
from connectors.jira.session import Session
from connectors.operation import Guard, Params, Result, Snapshot, Value

GUARD = Guard("re-read", "the issue's values and the time of its last change")

P = TypeVar("P", bound=Params)
Properties = list[Mapping[str, Value]]


@dataclass(frozen=True)
class Edit(Generic[P]):
    """The I/O of one operation on an issue, made of what is particular to it.

    key(params) -> the issue's key            more_fields(params) -> fields that it needs besides
    show(session, params, issue) -> Snapshot  the issue as the operation shows it; may ask for more
    preview(params, before) -> fields after   judged again on the issue inside the write
    write(session, params, live, after, properties)     the one request that writes
    restore(session, params, live, fields, properties)  the one request that takes back
    """

    operation: str
    scopes: frozenset[str]
    key: Callable[[P], str]
    more_fields: Callable[[P], tuple[str, ...]]
    show: Callable[[Session, P, Issue], Snapshot]
    preview: Callable[[P, Snapshot], Mapping[str, Value]]
    write: Callable[[Session, P, Snapshot, Mapping[str, Value], Properties], None]
    restore: Callable[[Session, P, Snapshot, Mapping[str, Value], Properties], None]

    def read(self, session: Session, params: P) -> Snapshot:
        """The issue as it stands."""
        session.require(issues.READ_SCOPES)
        return self.show(session, params, self._load(session, params, ()))

    def execute(self, session: Session, params: P, before: Snapshot, key: str) -> Result:
        """One write under `key`. Conflict where the issue is not as `before` has it."""
        session.require(self.scopes)
        name = mark_name(key)
        issue = self._load(session, params, (name,))
        if (earlier := issue.marks.get(name)) is not None:
            check_same(earlier, self.operation, params, takes_back="")
            return Result(name, issue.version, is_replay=True)
        live = self.show(session, params, issue)
        check_unchanged(live, before)
        after = {**live.fields, **self.preview(params, live)}
        mark = Mark(self.operation, digest(params), dict(live.fields), after)
        self.write(session, params, live, after, [mark.as_property(name)])
        return Result(name, self._version_after(session, params))

    def lookup(self, session: Session, params: P, key: str) -> Result | None:
        """Whether the issue is marked under `key`, by a write or by its taking back."""
        session.require(issues.READ_SCOPES)
        name = mark_name(key)
        issue = self._load(session, params, (name,))
        if (earlier := issue.marks.get(name)) is None:
            return None
        check_same(earlier, self.operation, params, takes_back=None)
        return Result(name, issue.version, is_replay=True)

    def compensate(
        self, session: Session, params: P, before: Snapshot, result: Result, key: str
    ) -> Result:
        """Take the write back, once; what is restored is what its mark says."""
        del before  # the mark was set with the write itself
        session.require(self.scopes)
        if not is_mark_name(result.reference):
            raise never_was(result.reference)
        name = mark_name(key)
        issue = self._load(session, params, (name, result.reference))
        if (earlier := issue.marks.get(name)) is not None:
            check_same(earlier, self.operation, params, takes_back=result.reference)
            return Result(name, issue.version, is_replay=True)
        written = self._written(issue, params, result.reference)
        live = self.show(session, params, issue)
        check_stands(live, written)
        back = replace(
            written, before=written.after, after=written.before, takes_back=result.reference
        )
        properties = [
            back.as_property(name),
            written.by(name).as_property(result.reference),
        ]
        self.restore(session, params, live, written.before, properties)
        return Result(name, self._version_after(session, params))

    def _load(self, session: Session, params: P, marks: tuple[str, ...]) -> Issue:
        return issues.load(session, self.key(params), self.more_fields(params), marks)

    def _version_after(self, session: Session, params: P) -> str:
        """The version that the write left. It was written, so nothing less than that is said."""
        return version_after(session, self.key(params))

    def _written(self, issue: Issue, params: P, reference: str) -> Mark:
        written = issue.marks.get(reference)
        if written is None or written.takes_back:
            raise never_was(reference)
        check_same(written, self.operation, params, takes_back="")
        if written.taken_back_by:
            raise Rejected(
                f"What was written to issue {issue.key} was taken back already.",
                next_step="Nothing was changed; there is nothing left to take back.",
            )
        return written


def version_after(session: Session, key: str) -> str:
    """The version of an issue that was just written. OutcomeUnknown where it cannot be read."""
    try:
        return issues.load(session, key).version
    except ConnectorError as error:
        raise OutcomeUnknown(
            f"The issue {key} was written, and could not be read after that: {error.message}",
            next_step="Look at the issue before doing anything else.",
        ) from None


def is_changed(live: Snapshot, before: Snapshot) -> bool:
    """Whether the record is another than the one that was read."""
    return live.version != before.version or dict(live.fields) != dict(before.fields)


def check_unchanged(live: Snapshot, before: Snapshot) -> None:
    """Raises Conflict where the record is not the one that was read."""
    if not is_changed(live, before):
        return
    raise Conflict(
        f"The {live.resource} was changed since it was read: last at {live.version}, it was read "
        f"as of {before.version}.",
        next_step="Nothing was written; read it again and look at the new difference.",
    )


def check_stands(live: Snapshot, written: Mark) -> None:
    """Raises Rejected where somebody changed since what the write had left."""
    for name, value in written.after.items():
        if live.fields.get(name) != value:
            raise cannot_take_back(live.resource, f"its {name} was changed again since")


def cannot_take_back(resource: str, why: str) -> Rejected:
    """The write stays: `why` is a clause."""
    return Rejected(
        f"The {resource} can no longer be taken back: {why}.",
        next_step="Nothing was changed; put it right by hand.",
    )


def never_was(reference: str) -> Rejected:
    """There is no such write."""
    del reference  # it is hostile, or somebody's; it helps nobody
    return Rejected(
        "Jira knows no such write on this issue.",
        next_step="Nothing was changed; look at the issue itself.",
    )
