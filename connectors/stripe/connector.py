"""Stripe as one connector, through Stripe's own SDK.

The connection's account is the id of the Stripe account ("acct_1PqX..."), its secret a restricted
key (rk_...) that may read the account and its balance besides what its operations need.
"""

from __future__ import annotations

from connectors.operation import Connector
from connectors.stripe import (
    stripe_cancel_payment,
    stripe_find_charges,
    stripe_refund,
    stripe_set_metadata,
)
from connectors.stripe.session import identify, open_session

CONNECTOR = Connector(
    name="stripe",
    operations=(
        stripe_refund.OPERATION,
        stripe_cancel_payment.OPERATION,
        stripe_set_metadata.OPERATION,
    ),
    finders=(stripe_find_charges.FINDER,),
    open=open_session,
    identify=identify,
    extra="stripe",
)
