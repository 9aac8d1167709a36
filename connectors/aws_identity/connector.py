"""AWS IAM Identity Center as one connector."""

from __future__ import annotations

from connectors.aws_identity import (
    aws_identity_add_to_group,
    aws_identity_find_groups,
    aws_identity_find_people,
    aws_identity_remove_from_group,
)
from connectors.aws_identity.session import identify, open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="aws_identity",
    operations=(aws_identity_add_to_group.OPERATION, aws_identity_remove_from_group.OPERATION),
    finders=(aws_identity_find_people.FINDER, aws_identity_find_groups.FINDER),
    open=open_session,
    identify=identify,
    extra="aws",
)
