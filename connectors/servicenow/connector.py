"""ServiceNow as one connector: what it can do and how a session is opened."""

from __future__ import annotations

from connectors.operation import Connector
from connectors.servicenow import (
    servicenow_add_note,
    servicenow_create_incident,
    servicenow_find_incidents,
    servicenow_resolve_incident,
    servicenow_update_incident,
)
from connectors.servicenow.session import identify, open_session

CONNECTOR = Connector(
    name="servicenow",
    operations=(
        servicenow_add_note.OPERATION,
        servicenow_create_incident.OPERATION,
        servicenow_update_incident.OPERATION,
        servicenow_resolve_incident.OPERATION,
    ),
    finders=(servicenow_find_incidents.FINDER,),
    open=open_session,
    identify=identify,
    extra="servicenow",
)
