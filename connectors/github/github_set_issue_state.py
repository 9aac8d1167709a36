"""`github.set_issue_state`: close an issue as done or as not planned, or open it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from connectors.github import issues
from connectors.github.issues import FACT_TYPES, OPEN, READ_SCOPES, SCOPES, WRITE_SCOPE
from connectors.github.session import SYSTEM, Session
from connectors.github.state import LAG_SECONDS, changes, snapshot, state
from connectors.operation import Guard, Irreversible, Operation, Reversible, Snapshot, Value


class StateParams(issues.IssueParams):
    """Which issue, and what becomes of it."""

    state: Literal["open", "completed", "not_planned"]


def load(session: Session, params: StateParams) -> Snapshot:
    """The issue's state: "open", or why it was closed."""
    repo, issue = issues.load(session, params)
    resource = issues.resource_of(repo.name, issue.number)
    return snapshot(resource, {"state": issue.state}, issues.about(repo, issue))


def preview(params: StateParams, before: Snapshot) -> Mapping[str, Value]:
    """The new state. Raises Rejected for a merged pull request and in an archived repository."""
    wanted = params.state
    if before.about["is_pull_request"] and wanted != OPEN:
        wanted = "completed"  # a pull request is closed without a reason
    changed = changes(before, {"state": wanted})
    if changed:
        issues.refuse(before)
    return changed


def facts(_params: StateParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return issues.facts(before)


def undo(_params: StateParams, now: Snapshot) -> Reversible | Irreversible:
    """An issue can be opened and closed again; whoever watches it hears of each."""
    return Reversible(f"{now.resource} goes back to its earlier state")


def apply(
    session: Session, params: StateParams, live: Snapshot, after: Mapping[str, Value]
) -> None:
    """The state in one call."""
    path = f"/repos/{params.repository}/issues/{params.issue}"
    body: dict[str, Value] = {"state": "open"}
    if after["state"] != OPEN:
        body = {"state": "closed", "state_reason": after["state"]}
    if live.about["is_pull_request"]:
        body.pop("state_reason", None)
    session.write("PATCH", path, live.resource, WRITE_SCOPE, body)


_state = state(READ_SCOPES, SCOPES, load, preview, apply)

OPERATION = Operation(
    name="github.set_issue_state",
    title="Close or re-open an issue",
    system=SYSTEM,
    params=StateParams,
    scopes=SCOPES,
    fact_types=FACT_TYPES,
    read=_state.read,
    preview=preview,
    facts=facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=Guard("re-read", "the issue's state"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)
