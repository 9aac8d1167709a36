"""`jira.create_issue`: open an issue, unless one like it appeared meanwhile.

Jira keeps no key of a creation, so the issue carries Assent's as an entity property. Properties
cannot be searched for, and the search runs behind: an issue is found again among the newest that
the account created, and among the keys that come after the newest which the search knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors import wire
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.jira import adf, issues, projects, searching, transitions
from connectors.jira.edit import cannot_take_back, check_unchanged, is_changed, never_was
from connectors.jira.issues import Issue, ProjectKey
from connectors.jira.jql import quoted, words
from connectors.jira.marks import Mark, check_same, digest, mark_name
from connectors.jira.session import SYSTEM, Session, segment
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
from connectors.saying import safe
from connectors.text import Line, Text
from connectors.wire import Call

OWN_ISSUES_MAX = 200  # newest of the account's in the project, among which a mark is looked for
KEYS_AHEAD = 20  # after the newest that the search knows
_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,8}")


class CreateParams(Params):
    """Where, of which type, and what. `withdraw_to` names the closed status that takes it back;
    where its workflow has none of that name, nothing does."""

    project: ProjectKey
    type: Line
    summary: Line
    description: Text
    withdraw_to: Line
    priority: Line = ""


def read(session: Session, params: CreateParams) -> Snapshot:
    """The project's open issues of the same summary, and the newest of them."""
    session.require(issues.READ_SCOPES)
    kind = projects.issue_type(session, params.project, params.type)
    return _show(session, params, kind.as_value() if kind else None)


def preview(params: CreateParams, before: Snapshot) -> Mapping[str, Value]:
    """One such issue more; Rejected where the project does not take it so."""
    kind = before.about["type"]
    if kind is None:
        raise _refused(params, f"it has no type {safe(params.type)} for this account")
    if kind["needs"]:
        raise _refused(params, f"{safe(params.type)} wants {safe(', '.join(kind['needs']))} too")
    if not kind["has_description"]:
        raise _refused(params, f"{safe(params.type)} has no description")
    if params.priority and params.priority not in (kind["priorities"] or ()):
        offered = safe(", ".join(kind["priorities"] or ())) or "none"
        raise _refused(params, f"its priorities are {offered}, not {safe(params.priority)}")
    after = {**_values(params), "open_issues": before.fields["open_issues"] + 1}
    return issues.changes(before, after)


def facts(params: CreateParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {
        "issue.project": params.project,
        "issue.type": params.type,
        "issue.priority": params.priority,
        "issue.open_alike": before.fields["open_issues"],
    }


def undo(params: CreateParams, now: Snapshot) -> Reversible | Irreversible:
    """It can be closed again while nobody began it; Jira's own deletion would leave no trace."""
    if params.withdraw_to not in (now.about["type"] or {"done": ()})["done"]:
        return Irreversible(f"its workflow has no closed status {params.withdraw_to}")
    return Reversible(f"it is closed as {params.withdraw_to}, while nobody has begun it")


def execute(session: Session, params: CreateParams, before: Snapshot, key: str) -> Result:
    """One issue under `key`. Conflict where another of its summary appeared since."""
    session.require(issues.WRITE_SCOPES)
    if (earlier := _find(session, params, key)) is not None:
        return earlier
    live = read(session, params)
    if is_changed(live, before) and (earlier := _find(session, params, key)) is not None:
        return earlier  # the same call, at the same moment
    check_unchanged(live, before)
    after = {**live.fields, **preview(params, live)}
    mark = Mark("jira.create_issue", digest(params), {}, after)
    fields: dict[str, Value] = {
        "project": {"key": params.project},
        "issuetype": {"id": live.about["type"]["id"]},
        "summary": params.summary.strip(),
        "description": adf.document(params.description),
    }
    if params.priority:
        fields["priority"] = {"name": params.priority}
    call = Call(f"an issue in {params.project}", is_write=True, scope="issues:write")
    body = {"fields": fields, "properties": [mark.as_property(mark_name(key))]}
    said = session.send("POST", "issue", call, body)
    if not isinstance(said, Mapping) or not _KEY.fullmatch(str(said.get("key"))):
        raise wire.unreadable(session.peer, call, "no issue's key")
    return Result(said["key"], _version_after(session, params, said["key"]))


def lookup(session: Session, params: CreateParams, key: str) -> Result | None:
    """The issue under `key`, or its having been taken back under it."""
    session.require(issues.READ_SCOPES)
    return _find(session, params, key)


def compensate(
    session: Session, params: CreateParams, before: Snapshot, result: Result, key: str
) -> Result:
    """Close the issue, once, where nobody began it."""
    del before
    session.require(issues.WRITE_SCOPES)
    name, reference = mark_name(key), result.reference
    if not _KEY.fullmatch(reference):
        raise never_was(reference)
    issue = issues.load(session, reference, ("description",), ("*all",))
    if (earlier := issue.marks.get(name)) is not None:
        check_same(earlier, "jira.create_issue", params, takes_back=reference)
        return Result(name, _show(session, params, None).version, is_replay=True)
    made_by, made = _creation(issue, params)
    _check_withdrawable(issue, params, made)
    ways = transitions.load(session, reference)
    way = transitions.to_status(ways, params.withdraw_to, "")
    back = Mark("jira.create_issue", digest(params), {}, {}, takes_back=reference)
    body = {
        "transition": {"id": way.id},
        "properties": [back.as_property(name), made.by(name).as_property(made_by)],
    }
    call = Call(f"issue {reference}", is_write=True, scope="issues:write")
    session.send("POST", f"issue/{segment(reference)}/transitions", call, body)
    return Result(name, _version_after(session, params, reference))


def _values(params: CreateParams) -> Mapping[str, Value]:
    given = {
        "type": params.type,
        "summary": params.summary.strip(),
        "description": params.description,
    }
    return {**given, "priority": params.priority} if params.priority else given


def _show(session: Session, params: CreateParams, kind: Value) -> Snapshot:
    alike = _open_alike(session, params)
    newest = alike[0] if alike else None
    fields: dict[str, Value] = dict.fromkeys(_values(params), "")
    if newest is not None:
        shown = {
            "type": issues.name_of(newest.fields.get("issuetype")),
            "summary": issues.text(newest.fields.get("summary")),
            "description": adf.plain(newest.fields.get("description")),
            "priority": issues.name_of(newest.fields.get("priority")),
        }
        fields = {name: shown[name] for name in fields}
    version = f"{len(alike)}:{newest.key}@{newest.version}" if newest else "none"
    return Snapshot(
        SYSTEM,
        f"project {params.project}",
        version,
        {"open_issues": len(alike), **fields},
        {"type": kind, "alike": [issue.key for issue in alike]},
    )


def _open_alike(session: Session, params: CreateParams) -> list[Issue]:
    """Open issues of the same summary as they stand now, the newest first."""
    keys = _ahead(session, params.project)
    if said := words(params.summary):
        found = searching.search(
            session,
            f"project = {quoted(params.project)} AND statusCategory != Done"
            f" AND summary ~ {quoted(said)} ORDER BY created DESC",
        )
        keys = [*keys, *(issue.key for issue in found)]
    fresh = searching.by_key(session, keys, more=("description",))
    alike = [issue for issue in fresh if _is_open_alike(issue, params)]
    return sorted(alike, key=lambda i: int(i.key.rpartition("-")[2]), reverse=True)


def _is_open_alike(issue: Issue, params: CreateParams) -> bool:
    about = issue.about()
    is_same = about["summary"] == params.summary.strip() and about["project"] == params.project
    return bool(is_same and about["status_category"] != "done")


def _ahead(session: Session, project: str) -> list[str]:
    """The keys that come after the newest issue which the search knows."""
    query = f"project = {quoted(project)} ORDER BY key DESC"
    newest = searching.search(session, query, issues_max=1)
    number = int(newest[0].key.rpartition("-")[2]) if newest else 0
    return [f"{project}-{number + ahead}" for ahead in range(1, KEYS_AHEAD + 1)]


def _find(session: Session, params: CreateParams, key: str) -> Result | None:
    name = mark_name(key)
    fresh = searching.by_key(session, _ahead(session, params.project), marks=(name,))
    query = f"project = {quoted(params.project)} AND creator = currentUser() ORDER BY created DESC"
    known = searching.search(session, query, marks=(name,), issues_max=OWN_ISSUES_MAX)
    for issue in (*fresh, *known):
        if (mark := issue.marks.get(name)) is not None:
            check_same(mark, "jira.create_issue", params, takes_back=None)
            version = _show(session, params, None).version
            return Result(name if mark.takes_back else issue.key, version, is_replay=True)
    return None


def _creation(issue: Issue, params: CreateParams) -> tuple[str, Mark]:
    """The mark of the creation. Rejected where Assent did not create it so."""
    marks = issue.marks.items()
    made = [(n, m) for n, m in marks if m.operation == "jira.create_issue" and not m.takes_back]
    if not made or made[0][1].params_sha256 != digest(params):
        raise never_was(issue.key)
    return made[0]


def _check_withdrawable(issue: Issue, params: CreateParams, made: Mark) -> None:
    resource = f"issue {issue.key}"
    about = issue.about()
    if made.taken_back_by:
        raise Rejected(f"The {resource} was taken back already.", next_step="Nothing was changed.")
    if about["status_category"] != "new":
        raise cannot_take_back(resource, f"it is {about['status']} by now")
    shown = {
        "summary": about["summary"],
        "description": adf.plain(issue.fields.get("description")),
    }
    for name, value in shown.items():
        if value != _values(params)[name]:
            raise cannot_take_back(resource, f"its {name} was changed since")


def _version_after(session: Session, params: CreateParams, key: str) -> str:
    try:
        return _show(session, params, None).version
    except ConnectorError as error:
        raise OutcomeUnknown(
            f"The issue {key} was written, and could not be read after that: {error.message}",
            next_step="Look at the issue before doing anything else.",
        ) from None


def _refused(params: CreateParams, why: str) -> Rejected:
    return Rejected(
        f"No such issue can be created in project {params.project}: {why}.",
        next_step="Nothing was written; choose other values.",
    )


OPERATION = Operation(
    name="jira.create_issue",
    title="Create an issue",
    system=SYSTEM,
    params=CreateParams,
    scopes=issues.WRITE_SCOPES,
    fact_types={
        "issue.project": "string",
        "issue.type": "string",
        "issue.priority": "string",
        "issue.open_alike": "int",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "that no open issue of this summary has appeared or changed"),
    remembers="mark",
    lag_seconds=searching.INDEX_LAG_SECONDS,
)
