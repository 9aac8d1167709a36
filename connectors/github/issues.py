"""An issue as its operations read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.errors import Rejected
from connectors.github import repositories
from connectors.github.names import IssueNumber, Repository
from connectors.github.repositories import Repo
from connectors.github.session import Session
from connectors.operation import FactType, Params, Snapshot, Value

READ_SCOPE = "issues:read"
WRITE_SCOPE = "issues:write"
READ_SCOPES = frozenset({READ_SCOPE})
SCOPES = READ_SCOPES | {WRITE_SCOPE}
OPEN = "open"

FACT_TYPES: dict[str, FactType] = {
    "issue.state": "string",
    "issue.author": "string",
    "issue.is_pull_request": "bool",
    "issue.is_locked": "bool",
    "issue.labels": "list<string>",
    "repository.name": "string",
    "repository.is_private": "bool",
    "repository.is_archived": "bool",
}


class IssueParams(Params):
    """Which issue of which repository."""

    repository: Repository
    issue: IssueNumber


@dataclass(frozen=True)
class Issue:
    """An issue or a pull request. `state` is "open", or why it was closed: "completed",
    "not_planned", "duplicate"."""

    number: int
    title: str
    body: str
    state: str
    labels: tuple[str, ...]
    author: str
    comments: int
    is_pull_request: bool
    is_merged: bool
    is_locked: bool
    url: str


def load(session: Session, params: IssueParams) -> tuple[Repo, Issue]:
    """The repository and the issue. Raises Rejected where it was deleted or transferred."""
    repo = repositories.load(session, params.repository, READ_SCOPE)
    subject = resource_of(repo.name, params.issue)
    answer = session.get(f"/repos/{repo.name}/issues/{params.issue}", subject, READ_SCOPE)
    return repo, parsed(session, answer.body, subject)


def parsed(session: Session, body: object, subject: str) -> Issue:
    """An issue of GitHub's. Raises of the tree for anything else."""
    with session.understood(subject):
        return _parsed(body)


def resource_of(repository: str, number: int) -> str:
    """As people name it."""
    return f"issue {repository}#{number}"


def about(repo: Repo, issue: Issue) -> dict[str, Value]:
    """What a card or a policy may want to know."""
    return {
        **repo.about,
        "title": issue.title,
        "url": issue.url,
        "author": issue.author,
        "comments": issue.comments,
        "state_now": issue.state,
        "labels_now": sorted(issue.labels),
        "is_pull_request": issue.is_pull_request,
        "is_merged": issue.is_merged,
        "is_locked": issue.is_locked,
    }


def facts(before: Snapshot) -> dict[str, Value]:
    """What policy judges every write to an issue on."""
    return {
        "issue.state": before.about["state_now"],
        "issue.author": before.about["author"],
        "issue.is_pull_request": before.about["is_pull_request"],
        "issue.is_locked": before.about["is_locked"],
        "issue.labels": list(before.about["labels_now"]),
        "repository.name": before.about["repository"],
        "repository.is_private": before.about["repository_is_private"],
        "repository.is_archived": before.about["repository_is_archived"],
    }


def refuse(before: Snapshot) -> None:
    """Raises Rejected for an issue that nothing can be written to."""
    repositories.refuse_archived(before.resource, before.about)
    if before.about["is_merged"]:
        raise Rejected(
            f"{before.resource} is a pull request that was merged; that is final.",
            next_step="Open a new issue or pull request.",
        )


def _parsed(body: Any) -> Issue:
    pull = body.get("pull_request")
    is_closed = body["state"] == "closed"
    return Issue(
        number=int(body["number"]),
        title=str(body["title"]),
        body=str(body.get("body") or ""),
        state=str(body.get("state_reason") or "completed") if is_closed else OPEN,
        labels=tuple(
            str(entry["name"]) if isinstance(entry, dict) else str(entry)
            for entry in body["labels"]
        ),
        author=str((body.get("user") or {}).get("login") or "ghost"),
        comments=int(body.get("comments") or 0),
        is_pull_request=pull is not None,
        is_merged=bool((pull or {}).get("merged_at")),
        is_locked=bool(body.get("locked")),
        url=str(body.get("html_url") or ""),
    )
