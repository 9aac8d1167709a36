"""`github.set_labels`: an issue has these labels and no others."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Rejected
from connectors.github import issues, labels
from connectors.github.issues import FACT_TYPES, READ_SCOPES, SCOPES, WRITE_SCOPE
from connectors.github.names import Labels
from connectors.github.session import SYSTEM, Session
from connectors.github.state import LAG_SECONDS, changes, snapshot, state
from connectors.operation import Guard, Irreversible, Operation, Reversible, Snapshot, Value


class LabelsParams(issues.IssueParams):
    """Which issue, and all the labels that it shall have."""

    labels: Labels


def load(session: Session, params: LabelsParams) -> Snapshot:
    """The issue's labels, and which of the wanted ones the repository does not know: GitHub would
    make those up."""
    repo, issue = issues.load(session, params)
    wanted, unknown = labels.known(session, repo.name, params.labels, issue.labels)
    return snapshot(
        issues.resource_of(repo.name, issue.number),
        {"labels": sorted(issue.labels)},
        {**issues.about(repo, issue), "wanted": wanted, "unknown": unknown},
    )


def preview(_params: LabelsParams, before: Snapshot) -> Mapping[str, Value]:
    """The labels, as the repository writes them. Raises Rejected for one that it does not have."""
    if before.about["unknown"]:
        raise Rejected(
            f"{before.about['repository']} has no label {before.about['unknown'][0]}.",
            next_step="Use one of its labels, or have its owner make that one.",
        )
    changed = changes(before, {"labels": before.about["wanted"]})
    if changed:
        issues.refuse(before)
    return changed


def facts(params: LabelsParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    has = {label.lower() for label in before.fields["labels"]}
    wants = {label.lower() for label in params.labels}
    return {
        **issues.facts(before),
        "labels.added": sorted(wants - has),
        "labels.removed": sorted(has - wants),
    }


def undo(_params: LabelsParams, _now: Snapshot) -> Reversible | Irreversible:
    """The earlier labels can be set again."""
    return Reversible("the earlier labels come back, while nobody else changes them")


def apply(
    session: Session, params: LabelsParams, live: Snapshot, after: Mapping[str, Value]
) -> None:
    """All labels in one call."""
    path = f"/repos/{params.repository}/issues/{params.issue}/labels"
    session.write("PUT", path, live.resource, WRITE_SCOPE, {"labels": list(after["labels"])})


_state = state(READ_SCOPES, SCOPES, load, preview, apply)

OPERATION = Operation(
    name="github.set_labels",
    title="Set the labels of an issue",
    system=SYSTEM,
    params=LabelsParams,
    scopes=SCOPES,
    fact_types={**FACT_TYPES, "labels.added": "list<string>", "labels.removed": "list<string>"},
    read=_state.read,
    preview=preview,
    facts=facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=Guard("re-read", "the issue's labels"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)
