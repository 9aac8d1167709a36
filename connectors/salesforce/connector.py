"""Salesforce as one connector: what it can do and how a session is opened."""

from __future__ import annotations

from connectors.operation import Connector
from connectors.salesforce import (
    salesforce_find_accounts,
    salesforce_find_cases,
    salesforce_find_opportunities,
    salesforce_set_field,
)
from connectors.salesforce.session import identify, open_session

CONNECTOR = Connector(
    name="salesforce",
    operations=(salesforce_set_field.OPERATION,),
    finders=(
        salesforce_find_opportunities.FINDER,
        salesforce_find_accounts.FINDER,
        salesforce_find_cases.FINDER,
    ),
    open=open_session,
    identify=identify,
    extra="salesforce",
)
