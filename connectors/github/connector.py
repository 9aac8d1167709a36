"""GitHub as one connector: what it can do and how a session is opened."""

from __future__ import annotations

from connectors.github import (
    github_add_team_member,
    github_create_issue,
    github_find_issues,
    github_find_people,
    github_protect_branch,
    github_remove_team_member,
    github_set_issue_state,
    github_set_labels,
    github_set_repository_role,
)
from connectors.github.identity import identify
from connectors.github.session import open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="github",
    operations=(
        github_add_team_member.OPERATION,
        github_remove_team_member.OPERATION,
        github_set_repository_role.OPERATION,
        github_create_issue.OPERATION,
        github_set_labels.OPERATION,
        github_set_issue_state.OPERATION,
        github_protect_branch.OPERATION,
    ),
    finders=(github_find_issues.FINDER, github_find_people.FINDER),
    open=open_session,
    identify=identify,
    extra="github",
)
