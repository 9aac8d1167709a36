"""GitHub as one connector, through PyGithub; github.com, or a server at https://HOST/api/v3.

Its secret is a token of the account (a fine-grained one holds the permissions that the scopes are
named after, and may read the organization's members besides: GitHub tells nobody else who is one),
or JSON with the app_id, installation_id and private_key of a GitHub App. It writes one thing at a
time for each account, as GitHub asks.
"""

from __future__ import annotations

from connectors.github import (
    github_add_team_member,
    github_create_issue,
    github_find_issues,
    github_find_people,
    github_protect_branch,
    github_remove_from_organization,
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
        github_remove_from_organization.OPERATION,
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
