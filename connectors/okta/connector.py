"""Okta as one connector."""

from __future__ import annotations

from connectors.okta import (
    okta_add_to_group,
    okta_find_groups,
    okta_find_people,
    okta_remove_from_group,
    okta_reset_sessions,
    okta_restore,
    okta_suspend,
)
from connectors.okta.session import identify, open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="okta",
    operations=(
        okta_add_to_group.OPERATION,
        okta_remove_from_group.OPERATION,
        okta_suspend.OPERATION,
        okta_restore.OPERATION,
        okta_reset_sessions.OPERATION,
    ),
    finders=(okta_find_people.FINDER, okta_find_groups.FINDER),
    open=open_session,
    identify=identify,
    extra="okta",
)
