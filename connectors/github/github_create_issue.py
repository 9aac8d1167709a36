"""`github.create_issue`: open an issue, unless one of that title is open already.

GitHub keeps no keys: the key is left in the issue's own text (marks.py), and looked for in the
newest issues. An issue cannot be deleted by an account: taking back closes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.errors import Conflict, Rejected
from connectors.github import issues, labels, repositories
from connectors.github.issues import READ_SCOPE, READ_SCOPES, SCOPES, WRITE_SCOPE, Issue
from connectors.github.marks import Mark, bare, check_unmarked, mark, marks
from connectors.github.names import Labels, Repository, Title
from connectors.github.session import SYSTEM, Session
from connectors.github.state import LAG_SECONDS, changes, version_of
from connectors.operation import (
    Guard,
    Irreversible,
    Operation,
    Params,
    Result,
    Reversible,
    Snapshot,
    Value,
)
from connectors.text import Text

PAGES_MAX = 3  # of issues, the newest first, in which a double and a key are looked for

_MENTION = re.compile(r"(?<![\w`/])@([A-Za-z0-9][A-Za-z0-9/-]{0,80})")
_REFERENCE = re.compile(r"^([^#]+)#([0-9]{1,10})$")


class CreateParams(Params):
    """Where to open which issue. Labels are those that the repository has."""

    repository: Repository
    title: Title
    body: Annotated[Text, AfterValidator(check_unmarked)]
    labels: Labels = Field(default_factory=list)


def load(session: Session, params: CreateParams) -> Snapshot:
    """The issues of exactly that title: how many are open, and what the newest of those says."""
    return _loaded(session, params)[0]


def _loaded(session: Session, params: CreateParams) -> tuple[Snapshot, list[Issue]]:
    """The same, with the repository's newest issues, open and closed."""
    repo = repositories.load(session, params.repository, READ_SCOPE)
    path, subject = f"/repos/{repo.name}/issues", f"issues of {repo.name}"
    query = {"state": "all", "sort": "created", "direction": "desc"}
    listed = [
        issues.parsed(session, entry, subject)
        for entry in session.pages(path, subject, READ_SCOPE, query, PAGES_MAX, is_cut=True)
    ]
    same = [issue for issue in listed if issue.title.strip() == params.title]
    found = [issue for issue in same if issue.state == issues.OPEN]
    wanted, unknown = labels.known(session, repo.name, params.labels)
    about = {
        **repo.about,
        "open_already": [issue.number for issue in found],
        "closed": [i.number for i in same if i.state != issues.OPEN and not _is_taken_back(i)],
        "labels": wanted,
        "unknown_labels": unknown,
    }
    fields = _fields(found)
    resource = f"new issue in {repo.name}"
    return Snapshot(SYSTEM, resource, _version(resource, fields, about), fields, about), listed


def preview(params: CreateParams, before: Snapshot) -> Mapping[str, Value]:
    """One open issue of that title more. Raises Rejected where there is one, and for a label that
    the repository does not have."""
    repositories.refuse_archived(before.resource, before.about)
    repository = before.about["repository"]
    if before.about["open_already"]:
        raise Rejected(
            f"{repository} has an open issue of that title: #{before.about['open_already'][0]}.",
            next_step="Work in that one, or choose a title that tells them apart.",
        )
    if before.about["unknown_labels"]:
        raise Rejected(
            f"{repository} has no label {before.about['unknown_labels'][0]}.",
            next_step="Use one of its labels, or have its owner make that one.",
        )
    wanted = {"title": params.title, "body": params.body, "labels": before.about["labels"]}
    return changes(before, {"open_issues": 1, **wanted})


def facts(params: CreateParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on. `issue.mentions` are those whom the text would notify."""
    mentioned = _MENTION.findall(f"{params.title} {params.body}")
    return {
        "issue.labels": before.about["labels"],
        "issue.mentions": sorted({name.lower() for name in mentioned}),
        "repository.name": before.about["repository"],
        "repository.is_private": before.about["repository_is_private"],
        "repository.is_archived": before.about["repository_is_archived"],
    }


def undo(_params: CreateParams, _now: Snapshot) -> Reversible | Irreversible:
    """It is closed; who was notified stays so."""
    return Reversible("the issue is closed as not planned; its notifications have gone out")


def read(session: Session, params: CreateParams) -> Snapshot:
    """The record as it stands."""
    session.require(READ_SCOPES)
    return load(session, params)


def execute(session: Session, params: CreateParams, before: Snapshot, key: str) -> Result:
    """At most one issue under a key, looked for before. Conflict when there is one of that title
    since it was read."""
    session.require(SCOPES)
    with session.turn():
        live, listed = _loaded(session, params)
        kept = mark("write", key, params)
        if (earlier := _marked(params, listed, kept)) is not None:
            return Result(_reference(params, earlier), live.version, is_replay=True)
        if live.version != before.version:
            raise Conflict(
                f"{live.resource} is not as it was read: an issue of that title was opened"
                " or closed.",
                next_step="Nothing was written; read it again and look at the new difference.",
            )
        after = {**live.fields, **preview(params, live)}
        body = {"title": params.title, "body": params.body + kept.text, "labels": after["labels"]}
        path = f"/repos/{params.repository}/issues"
        answer = session.write("POST", path, live.resource, WRITE_SCOPE, body)
        made = issues.parsed(session, answer.body, live.resource)
        return Result(_reference(params, made), _version(live.resource, after, live.about))


def lookup(session: Session, params: CreateParams, key: str) -> Result | None:
    """Whether an issue was opened, or closed again, under the key."""
    session.require(READ_SCOPES)
    live, listed = _loaded(session, params)
    for kind in ("write", "undo"):
        found = _marked(params, listed, mark(kind, key, params))
        if found is not None:
            return Result(_reference(params, found), live.version, is_replay=True)
    return None


def compensate(
    session: Session, params: CreateParams, before: Snapshot, result: Result, key: str
) -> Result:
    """The issue is closed, once, while nobody changed what it says."""
    session.require(SCOPES)
    with session.turn():
        live, listed = _loaded(session, params)
        kept = mark("undo", key, params)
        if (earlier := _marked(params, listed, kept)) is not None:
            return Result(_reference(params, earlier), live.version, is_replay=True)
        issue = _written(session, params, result.reference, kept.key)
        _check_stands(params, issue)
        path = f"/repos/{params.repository}/issues/{issue.number}"
        closed = {"state": "closed", "state_reason": "not_planned", "body": issue.body + kept.text}
        resource = issues.resource_of(params.repository, issue.number)
        session.write("PATCH", path, resource, WRITE_SCOPE, closed)
        version = _version(live.resource, before.fields, live.about)
        return Result(_reference(params, issue), version)


def _version(resource: str, fields: Mapping[str, Value], about: Mapping[str, Value]) -> str:
    """Issues of that title which were closed count too: somebody may have been at it meanwhile."""
    return version_of(resource, {**fields, "closed": about["closed"]})


def _is_taken_back(issue: Issue) -> bool:
    return any(each.kind == "undo" for each in marks(issue.body))


def _fields(found: list[Issue]) -> dict[str, Value]:
    newest = found[0] if found else None
    return {
        "open_issues": len(found),
        "title": newest.title.strip() if newest else None,
        "body": bare(newest.body) if newest else None,
        "labels": sorted(newest.labels) if newest else [],
    }


def _marked(params: CreateParams, listed: list[Issue], wanted: Mark) -> Issue | None:
    """The issue with that key: the oldest, as nobody can copy a mark before it is made. Raises
    Rejected where the key is another call's."""
    for issue in reversed(listed):
        for found in marks(issue.body):
            if found == wanted:
                return issue
            if found.key == wanted.key and found.params != wanted.params:
                raise _used(params, issue)
    return None


def _written(session: Session, params: CreateParams, reference: str, key: str) -> Issue:
    """The issue that a write of these parameters opened. Raises Rejected for any other."""
    named = _REFERENCE.match(reference)
    if named is not None and named[1].lower() == params.repository.lower():
        number = int(named[2])
        path = f"/repos/{params.repository}/issues/{number}"
        subject = issues.resource_of(params.repository, number)
        issue = issues.parsed(session, session.get(path, subject, READ_SCOPE).body, subject)
        own = session.account.rpartition("/")[2].lower() == issue.author.lower()
        left = [m for m in marks(issue.body) if m.kind == "write"]
        if any(m.key == key for m in left):
            raise _used(params, issue)
        if own and [m.params for m in left] == [mark("write", "", params).params]:
            return issue
    raise Rejected(
        f"{SYSTEM} knows no issue that was opened by this write.",
        next_step="Nothing was changed; somebody may have replaced its text: look there.",
    )


def _check_stands(params: CreateParams, issue: Issue) -> None:
    is_as_left = issue.title.strip() == params.title and bare(issue.body) == params.body
    if issue.state == issues.OPEN and is_as_left:
        return
    why = "somebody changed what it says" if issue.state == issues.OPEN else "it is closed already"
    resource = issues.resource_of(params.repository, issue.number)
    raise Rejected(
        f"{resource} can no longer be taken back: {why}.",
        next_step="Nothing was changed; put it right by hand.",
    )


def _used(params: CreateParams, issue: Issue) -> Rejected:
    return Rejected(
        f"This key was used for another call ({_reference(params, issue)}).",
        next_step="Nothing was written; a new intent needs a new key.",
    )


def _reference(params: CreateParams, issue: Issue) -> str:
    return f"{params.repository}#{issue.number}"


OPERATION = Operation(
    name="github.create_issue",
    title="Open an issue",
    system=SYSTEM,
    params=CreateParams,
    scopes=SCOPES,
    fact_types={
        "issue.labels": "list<string>",
        "issue.mentions": "list<string>",
        "repository.name": "string",
        "repository.is_private": "bool",
        "repository.is_archived": "bool",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "whether an issue of that title is open"),
    remembers="mark",
    lag_seconds=LAG_SECONDS,
)
