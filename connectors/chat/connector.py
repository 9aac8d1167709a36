"""Chat as one connector. Slack's SDK is part of every installation: no extra is needed."""

from __future__ import annotations

from connectors.chat import chat_post_message
from connectors.chat.session import identify, open_session
from connectors.operation import Connector

CONNECTOR = Connector(
    name="chat",
    operations=(chat_post_message.OPERATION,),
    finders=(),
    open=open_session,
    identify=identify,
)
