"""Jira Cloud as one connector: what it can do and how a session is opened."""

from __future__ import annotations

from connectors.jira import (
    jira_assign,
    jira_comment,
    jira_create_issue,
    jira_find_issues,
    jira_find_people,
    jira_set_field,
    jira_transition,
)
from connectors.jira.session import identify, open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="jira",
    operations=(
        jira_create_issue.OPERATION,
        jira_transition.OPERATION,
        jira_comment.OPERATION,
        jira_assign.OPERATION,
        jira_set_field.OPERATION,
    ),
    finders=(jira_find_issues.FINDER, jira_find_people.FINDER),
    open=open_session,
    identify=identify,
    extra="jira",
)
