"""Google Workspace as one connector."""

from __future__ import annotations

from connectors.google_workspace import (
    google_workspace_add_to_group,
    google_workspace_find_groups,
    google_workspace_find_people,
    google_workspace_remove_from_group,
    google_workspace_reset_sessions,
    google_workspace_restore,
    google_workspace_suspend,
)
from connectors.google_workspace.session import identify, open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="google_workspace",
    operations=(
        google_workspace_add_to_group.OPERATION,
        google_workspace_remove_from_group.OPERATION,
        google_workspace_suspend.OPERATION,
        google_workspace_restore.OPERATION,
        google_workspace_reset_sessions.OPERATION,
    ),
    finders=(google_workspace_find_people.FINDER, google_workspace_find_groups.FINDER),
    open=open_session,
    identify=identify,
    extra="google",
)
