"""Mail of plain text to people whom the connection lists, through a submission server.

The address names the server, the one sender, and who may be written to, as domains or mailboxes:
`smtps://smtp.example.com?from=desk@example.com&to=example.com&to=ap@acme.example`. `smtp://` speaks
STARTTLS; a server that is not on this machine and offers no encryption is refused.

Microsoft 365 takes tokens instead of passwords: with
`&token=https://login.microsoftonline.com/TENANT/oauth2/v2.0/token&client=CLIENT_ID` the secret is
that of an app with SMTP.SendAsApp (and IMAP.AccessAsApp for the folder).

SMTP cannot be asked what was sent. Where the provider itself keeps what it accepted, as Gmail and
Microsoft 365 do, name its folder, `&imap=imaps://imap.example.com/Sent`: then a mail whose answer
was lost is found there. Without it such a mail stays unknown until a person has looked.
"""

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
