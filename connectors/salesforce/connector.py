"""One field of an opportunity, an account or a case in Salesforce, and how these are found.

The address is the org's own domain with the consumer key of an app that has the OAuth client
credentials flow: `https://MYDOMAIN.my.salesforce.com?client_id=CONSUMER_KEY`; the secret is its
consumer secret. Fields are typed by the org's description of them for the app's user; references,
addresses and formulas are not set from here, and none is emptied.

Active flows, validation rules and triggers that a change of the record sets off are listed where
the user has "View Setup and Configuration", else it is said that they are not.
"""

from __future__ import annotations

from connectors.operation import Connector
from connectors.salesforce import (
    salesforce_find_accounts,
    salesforce_find_cases,
    salesforce_find_opportunities,
    salesforce_find_records,
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
        salesforce_find_records.FINDER,
    ),
    open=open_session,
    identify=identify,
    extra="salesforce",
)
