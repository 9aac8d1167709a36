"""Whatever listens where a mail server should be: the connector raises of the tree, and says no
secret before it has an answer that makes sense."""

from __future__ import annotations

import socket
import threading

import pytest

from connectors.credentials import Credential
from connectors.errors import ConnectorError, OutcomeUnknown
from connectors.mail.connector import CONNECTOR
from connectors.mail.mail_send import OPERATION, SCOPES, MailParams
from connectors.mail.standin import Post, started

pytestmark = pytest.mark.slow

PARAMS = MailParams(to="ap@acme.example", subject="Hi", text="Hi")
GARBAGE = [
    [],
    [b"\r\n"],
    [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    [b"\xff\xfe\x00\r\n"],
    [b"x" * 70_000 + b"\r\n"],
    [b"220 hi\r\n"],
    [b"220 hi\r\n", b"nonsense\r\n", b"nonsense\r\n"],
    [b"220 hi\r\n", b"250-a\r\n250 AUTH PLAIN\r\n", b"\xff 1\r\n"],
    [b"220 hi\r\n", b"250 AUTH PLAIN\r\n", b"235 in\r\n", b"199 what\r\n"],
    [
        b"220 hi\r\n",
        b"250 AUTH PLAIN\r\n",
        b"235 in\r\n",
        b"250 ok\r\n",
        b"250 ok\r\n",
        b"250 no\r\n",
    ],
    [b"421 busy\r\n"],
    [b"554 go away\r\n"],
    [b"* BYE\r\n"],
    [b"* OK hi\r\n", b"* \xff\r\nX1 OK\r\n"],
    [b"* PREAUTH hi\r\n", b"* CAPABILITY\r\n"],
    [b"* OK hi\r\n", b"* CAPABILITY IMAP4rev1\r\n? OK x\r\n"],
    [b"* OK hi\r\n", b"* 1 FETCH (BODY[] {99999999999999999999}\r\n"],
]


@pytest.fixture(params=range(len(GARBAGE)))
def garbage(request):
    """A server that says these lines, one for each that it is told, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                line.settimeout(0.3)
                try:
                    for said in GARBAGE[request.param]:
                        line.sendall(said)
                        line.recv(4_096)
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


def credential(smtp_port, imap_port):
    address = f"smtp://127.0.0.1:{smtp_port}?from=a@assent.example&to=acme.example"
    address += f"&imap=imap://127.0.0.1:{imap_port}"
    return Credential("a", "sandbox", SCOPES, address, "the s3cret")


def test_a_submission_server_that_is_none(garbage):
    post = started(Post("a", "the s3cret"))
    used = credential(garbage, post.imap_port)
    with CONNECTOR.open(used) as session:
        before = OPERATION.read(session, PARAMS)
        for ask in (CONNECTOR.identify, lambda s: OPERATION.execute(s, PARAMS, before, "k")):
            with pytest.raises(ConnectorError) as caught:
                ask(session)
            assert not isinstance(caught.value, OutcomeUnknown)
            assert "s3cret" not in str(caught.value)
    post.unplug()


def test_a_folder_that_is_none(garbage):
    with CONNECTOR.open(credential(9, garbage)) as session:
        for ask in (
            lambda s: OPERATION.read(s, PARAMS),
            lambda s: OPERATION.lookup(s, PARAMS, "k"),
        ):
            with pytest.raises(ConnectorError) as caught:
                ask(session)
            assert not isinstance(caught.value, OutcomeUnknown)
