"""`jira.assign`: give an issue to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from connectors.errors import Rejected
from connectors.jira import issues
from connectors.jira.edit import GUARD, Edit, Properties
from connectors.jira.issues import Issue, IssueKey
from connectors.jira.session import SYSTEM, Session, segment
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.saying import safe
from connectors.wire import Call

SCOPES = issues.WRITE_SCOPES | {"people:read"}

# "5b10a2844c20165700ede21g", "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"
AccountId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_-]{0,127}$")]


class AssignParams(Params):
    """Which issue, and whose it shall be: the person's accountId (`jira.find_people` finds it)."""

    issue: IssueKey
    assignee: AccountId


def show(session: Session, params: AssignParams, issue: Issue) -> Snapshot:
    """Whose the issue is, and whether it may be that person's."""
    about = issue.about()
    candidate = _candidate(session, params)
    fields = {"assignee": about["assignee"], "assignee_name": about["assignee_name"]}
    return issue.snapshot(
        fields,
        {
            "candidate": issues.text(candidate.get("accountId")),
            "candidate_name": issues.text(candidate.get("displayName")),
            "candidate_email": issues.text(candidate.get("emailAddress")),
        },
    )


def preview(params: AssignParams, before: Snapshot) -> Mapping[str, Value]:
    """The person; Rejected where the issue cannot be given to them."""
    if before.about["candidate"] != params.assignee:
        raise Rejected(
            f"The {before.resource} cannot be given to {safe(params.assignee)}: Jira does not list "
            "them among those who may have it.",
            next_step="Choose somebody of the project, or let its admin add the person.",
        )
    after = {"assignee": params.assignee, "assignee_name": before.about["candidate_name"]}
    return issues.changes(before, after)


def facts(_params: AssignParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    email = before.about["candidate_email"]
    return {
        **issues.facts(before),
        "candidate.email": email,
        "candidate.is_assignable": bool(before.about["candidate"]),
    }


def undo(_params: AssignParams, now: Snapshot) -> Reversible | Irreversible:
    """Whoever had it can have it again."""
    had = now.fields["assignee_name"] or "nobody"
    return Reversible(f"back to {had}, while nobody else assigns it")


def write(
    session: Session,
    params: AssignParams,
    _live: Snapshot,
    _after: Mapping[str, Value],
    properties: Properties,
) -> None:
    """The new assignee, with the mark."""
    _send(session, params.issue, params.assignee, properties)


def restore(
    session: Session,
    params: AssignParams,
    _live: Snapshot,
    fields: Mapping[str, Value],
    properties: Properties,
) -> None:
    """The assignee that it had, or nobody."""
    _send(session, params.issue, fields["assignee"] or None, properties)


def _send(session: Session, key: str, account_id: str | None, properties: Properties) -> None:
    call = Call(f"issue {key}", is_write=True, scope="issues:write")
    assignee = None if account_id is None else {"accountId": account_id}
    body = {"fields": {"assignee": assignee}, "properties": properties}
    session.send("PUT", f"issue/{segment(key)}", call, body)


def _candidate(session: Session, params: AssignParams) -> Mapping[str, Value]:
    """The person, if they are among those that the issue may be given to; else nothing."""
    session.require(frozenset({"people:read"}))
    call = Call(f"those who may have {params.issue}", is_write=False, scope="people:read")
    asked = {"issueKey": params.issue, "accountId": params.assignee, "maxResults": 2}
    found = session.get("user/assignable/search", call, asked)
    return next((p for p in issues.objects(found) if p.get("accountId") == params.assignee), {})


_edit = Edit(
    "jira.assign",
    SCOPES,
    key=lambda params: params.issue,
    more_fields=lambda _params: (),
    show=show,
    preview=preview,
    write=write,
    restore=restore,
)

OPERATION = Operation(
    name="jira.assign",
    title="Assign an issue",
    system=SYSTEM,
    params=AssignParams,
    scopes=SCOPES,
    fact_types={
        **issues.FACT_TYPES,
        "candidate.email": "string",
        "candidate.is_assignable": "bool",
    },
    read=_edit.read,
    preview=preview,
    facts=facts,
    execute=_edit.execute,
    lookup=_edit.lookup,
    undo=undo,
    compensate=_edit.compensate,
    guard=GUARD,
    remembers="mark",
)
