"""Mail as one connector. It needs nothing but Python's own library."""

from __future__ import annotations

from connectors.mail import mail_send
from connectors.mail.session import identify, open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="mail",
    operations=(mail_send.OPERATION,),
    finders=(),
    open=open_session,
    identify=identify,
)
