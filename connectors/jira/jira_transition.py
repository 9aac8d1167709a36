"""`jira.transition`: move an issue to another status, by a way that its workflow allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors import wire
from connectors.jira import issues, transitions
from connectors.jira.edit import GUARD, Edit, Properties, cannot_take_back
from connectors.jira.issues import Issue, IssueKey
from connectors.jira.session import SYSTEM, Session, segment
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.text import Line
from connectors.wire import Call

HISTORY_MAX = 100  # newest changes of an issue that are looked at


class TransitionParams(Params):
    """Which issue, the name of its new status, and the resolution if the transition wants one."""

    issue: IssueKey
    status: Line
    resolution: Line = ""


def show(session: Session, params: TransitionParams, issue: Issue) -> Snapshot:
    """The issue's status, with the ways out of it and where it came from."""
    fields = {"status": issue.status}
    if params.resolution:
        fields["resolution"] = issues.name_of(issue.fields.get("resolution"))
    ways = transitions.load(session, issue.key)
    came_from = _came_from(session, issue)
    return issue.snapshot(
        fields, {"transitions": [t.as_value() for t in ways], "came_from": came_from}
    )


def preview(params: TransitionParams, before: Snapshot) -> Mapping[str, Value]:
    """The new status; Rejected where the workflow has no such way or wants more for it."""
    ways = transitions.of_values(before.about["transitions"])
    way = transitions.to_status(ways, params.status, params.resolution)
    after = {"status": way.to}
    if params.resolution:
        after["resolution"] = params.resolution
    return issues.changes(before, after)


def facts(params: TransitionParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    ways = transitions.of_values(before.about["transitions"])
    way = next((t for t in ways if t.to.casefold() == params.status.casefold()), None)
    return {
        **issues.facts(before),
        "transition.is_allowed": way is not None,
        "transition.to": way.to if way else params.status,
        "transition.to_category": way.category if way else "",
    }


def undo(params: TransitionParams, now: Snapshot) -> Reversible | Irreversible:
    """Before the write: only a transition from everywhere is sure to lead back. After it: whatever
    leads from here to where the issue came from."""
    ways = transitions.of_values(now.about["transitions"])
    is_written = now.fields["status"].casefold() == params.status.casefold()
    back = now.about["came_from"] if is_written else now.fields["status"]
    if not is_written:
        ways = tuple(t for t in ways if t.is_global)
    if back and transitions.leads_to(ways, back):
        return Reversible(f"back to {back}, while nobody else moves it")
    return Irreversible(f"its workflow shows no way back to {back or 'where it was'}")


def write(
    session: Session, params: TransitionParams, live: Snapshot, _after: Any, properties: Properties
) -> None:
    """The transition, with the mark."""
    ways = transitions.of_values(live.about["transitions"])
    way = transitions.to_status(ways, params.status, params.resolution)
    body: dict[str, Value] = {"transition": {"id": way.id}, "properties": properties}
    if params.resolution:
        body["fields"] = {"resolution": {"name": params.resolution}}
    _send(session, params.issue, body)


def restore(
    session: Session,
    params: TransitionParams,
    live: Snapshot,
    fields: Mapping[str, Value],
    properties: Properties,
) -> None:
    """The transition back. Rejected where the workflow has none."""
    ways = transitions.of_values(live.about["transitions"])
    back = next((t for t in ways if t.to == fields["status"] and not t.needs), None)
    if back is None or not transitions.leads_to((back,), fields["status"]):
        why = f"its workflow has no way from {live.fields['status']} back to {fields['status']}"
        raise cannot_take_back(live.resource, why)
    _send(session, params.issue, {"transition": {"id": back.id}, "properties": properties})


def _send(session: Session, key: str, body: Mapping[str, Value]) -> None:
    call = Call(f"issue {key}", is_write=True, scope="issues:write")
    session.send("POST", f"issue/{segment(key)}/transitions", call, body)


def _came_from(session: Session, issue: Issue) -> str:
    """The status that the issue had before the present one; "" where its history does not say."""
    call = Call(f"issue {issue.key}", is_write=False, scope="issues:read")
    asked = {"fields": "status", "expand": "changelog"}
    body = session.get(f"issue/{segment(issue.key)}", call, asked)
    if not isinstance(body, Mapping):
        raise wire.unreadable(session.peer, call, "no history")
    histories = issues.objects(issues.part(body, "changelog").get("histories"))
    for history in histories[:HISTORY_MAX]:
        for item in issues.objects(history.get("items")):
            if item.get("field") == "status" and item.get("toString") == issue.status:
                return issues.text(item.get("fromString"))
    return ""


_edit = Edit(
    "jira.transition",
    issues.WRITE_SCOPES,
    key=lambda params: params.issue,
    more_fields=lambda _params: (),
    show=show,
    preview=preview,
    write=write,
    restore=restore,
)

OPERATION = Operation(
    name="jira.transition",
    title="Move an issue to a status",
    system=SYSTEM,
    params=TransitionParams,
    scopes=issues.WRITE_SCOPES,
    fact_types={
        **issues.FACT_TYPES,
        "transition.is_allowed": "bool",
        "transition.to": "string",
        "transition.to_category": "string",
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
