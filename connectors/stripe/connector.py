"""Stripe as one connector, through Stripe's own SDK.

Its secret is a restricted key (rk_...) that may read the account and its balance besides what its
operations need. Stripe keeps the key of a call for 24 hours; a refund carries a mark for longer.
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
