"""Whatever a host answers that is no Salesforce and no Slack is of the tree, and bounded."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from connectors.chat import chat_post_message
from connectors.chat.connector import CONNECTOR as CHAT
from connectors.credentials import Credential
from connectors.errors import ConnectorError, OutcomeUnknown, Unavailable
from connectors.operation import Snapshot
from connectors.salesforce import records, salesforce_set_field
from connectors.salesforce import session as salesforce
from connectors.salesforce.connector import CONNECTOR as SALESFORCE
from connectors.salesforce.ids import full
from connectors.salesforce.values import described
from connectors.wire import ANSWER_BYTES_MAX

pytestmark = pytest.mark.slow

JSON = "application/json"
HOSTILE = {
    "empty": (200, JSON, b""),
    "html": (200, "text/html", b"<html><body>token=xoxb-abc</body></html>"),
    "array": (200, JSON, b"[]"),
    "null": (200, JSON, b"null"),
    "text": (200, JSON, b'"hello"'),
    "other": (200, JSON, b'{"ok": true, "records": 7, "messages": {"a": 1}, "channel": [1]}'),
    "rows": (200, JSON, b'{"ok": true, "records": [7], "messages": [7], "channel": {"id": 7}}'),
    "bytes": (200, JSON, b"\xff\xfe\x00"),
    "deep": (200, JSON, b"[" * 200_000),
    "digits": (200, JSON, b'{"ok": true, "a": ' + b"9" * 20_000 + b"}"),
    "large": (200, JSON, b'{"a": "' + b"x" * (ANSWER_BYTES_MAX + 1) + b'"}'),
    "moved": (302, JSON, b"{}"),
    "error": (500, "text/html", b"<html>oops</html>"),
    "errors": (400, JSON, b'[[["x"]]]'),
}


class Hostile(BaseHTTPRequestHandler):
    """Answers everything the same."""

    answer = (200, JSON, b"")
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, kind, body = self.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", "http://127.0.0.1:1/stolen")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def host():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=sorted(HOSTILE))
def hostile(request):
    Hostile.answer = HOSTILE[request.param]
    Hostile.asked.clear()
    return request.param


def test_chat_reads_nothing_into_it(host, hostile):
    used = Credential(
        "T1/U1", "sandbox", chat_post_message.SCOPES, f"{host}?channel=C00000001", "xoxb-abc"
    )
    params = chat_post_message.MessageParams(channel="C00000001", text="Hi")
    with CHAT.open(used) as session:
        for ask in (CHAT.identify, lambda s: chat_post_message.read(s, params)):
            with pytest.raises(ConnectorError) as caught:
                ask(session)
            assert "xoxb-abc" not in str(caught.value)
            assert not isinstance(caught.value, OutcomeUnknown)


def test_salesforce_lets_nobody_in_for_it(host, hostile):
    with SALESFORCE.open(_salesforce(host)) as session:
        with pytest.raises(ConnectorError) as caught:
            SALESFORCE.identify(session)
        assert not isinstance(caught.value, OutcomeUnknown)
    assert not any("stolen" in path for path in Hostile.asked)


def test_salesforce_reads_nothing_into_it(host, hostile, monkeypatch):
    monkeypatch.setattr(salesforce, "_signed_in", lambda _: _token())
    params = salesforce_set_field.FieldParams(
        object="Opportunity", record=full("0060000Hostile1"), field="Name", value="x"
    )
    with SALESFORCE.open(_salesforce(host)) as session:
        with pytest.raises(ConnectorError) as caught:
            salesforce_set_field.read(session, params)
        assert not isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize("name", ["empty", "html", "large", "deep", "digits", "bytes"])
def test_a_write_with_such_an_answer_is_unknown(host, monkeypatch, name):
    Hostile.answer = HOSTILE[name]
    monkeypatch.setattr(salesforce, "_signed_in", lambda _: _token())
    with SALESFORCE.open(_salesforce(host)) as session, pytest.raises(OutcomeUnknown):
        records.write(session, _found(), "x")
    chat = Credential(
        "T1/U1", "sandbox", chat_post_message.SCOPES, f"{host}?channel=C00000001", "xoxb-abc"
    )
    monkeypatch.setattr(chat_post_message, "lookup", lambda *_: None)
    before = Snapshot("Chat", "c", "none", {"posts": 0, "last_post": ""}, _ABOUT)
    monkeypatch.setattr(chat_post_message, "read", lambda *_: before)
    params = chat_post_message.MessageParams(channel="C00000001", text="Hi")
    with CHAT.open(chat) as session, pytest.raises(OutcomeUnknown):
        chat_post_message.execute(session, params, before, "k")


def test_a_host_that_is_not_there_has_written_nothing(monkeypatch):
    monkeypatch.setattr(salesforce, "_signed_in", lambda _: _token())
    gone = _salesforce("http://127.0.0.1:9")
    with SALESFORCE.open(gone) as session, pytest.raises(Unavailable):
        records.write(session, _found(), "x")


_ABOUT = {"is_archived": False, "is_member": True}


def _salesforce(host):
    return Credential(
        "00D/005", "sandbox", salesforce_set_field.SCOPES, f"{host}?client_id=x", "a secret"
    )


def _token():
    return salesforce.Token("00D!token", "00D/005", float("inf"))


def _found():
    from datetime import UTC, datetime

    field = described({"name": "Name", "type": "string"})
    return records.Found(
        "Opportunity", full("0060000Hostile1"), "", "", "", datetime.now(UTC), "", False,
        None, field, records.Described("Opportunity", {}, ()),
    )  # fmt: skip
