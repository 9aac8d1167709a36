"""A message to another channel of a Slack workspace, among those that the connection lists.

The address lists the channels by their ids: `https://slack.com?channel=C0123ABCD`. The secret is
the token of a bot that was invited there, with `chat:write`, `channels:read` and
`channels:history` (for private channels `groups:read` and `groups:history`).
"""

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
