"""The orders desk as one connector: what it can do and how a session is opened."""

from __future__ import annotations

from connectors.desk import (
    orders_add_note,
    orders_cancel,
    orders_change_address,
    orders_find,
    payments_refund,
    tickets_update,
)
from connectors.desk.session import identify, open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="desk",
    operations=(
        payments_refund.OPERATION,
        orders_add_note.OPERATION,
        tickets_update.OPERATION,
        orders_cancel.OPERATION,
        orders_change_address.OPERATION,
    ),
    finders=(orders_find.FINDER,),
    open=open_session,
    identify=identify,
)
