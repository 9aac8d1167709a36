"""How Jira is talked to: who one is, what it refuses, and what its answers may do to us."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.conformance.proxy import Exchange
from connectors.errors import OutcomeUnknown, Rejected, Unavailable
from connectors.jira.session import open_session
from connectors.jira.standin import seed
from connectors.jira.standin.refusing import RefusedError
from connectors.wire import ANSWER_BYTES_MAX

pytestmark = pytest.mark.slow


def requests_of(jira) -> list[Exchange]:
    return [e for e in jira.proxy.exchanges() if "myself" not in e.path and "Info" not in e.path]


def test_an_access_token_is_the_account_that_jira_says(jira):
    with jira.session(secret="eyJzdGFuZC1pbiI6.OAuthOfTheBot") as session:
        assert session.account_id == seed.BOT
    sent = jira.proxy.exchanges()[0].headers["Authorization"]
    assert sent == "Bearer eyJzdGFuZC1pbiI6.OAuthOfTheBot"


def test_anothers_token_opens_nothing(jira):
    with (
        pytest.raises(Rejected, match=seed.VIEWER),
        jira.session(secret="viewer@acme.example:ATATT3xStandInOfTheViewer02"),
    ):
        pass


def test_the_version_is_pinned_and_a_write_is_one_request(jira):
    jira.do("jira.assign", issue="OPS-1", assignee=seed.MIA)
    assert all(e.path.startswith("/rest/api/3/") for e in jira.proxy.exchanges())
    assert [e.method for e in requests_of(jira)].count("PUT") == 1


@pytest.mark.parametrize("kind", ["rate_limit", "unavailable"])
def test_a_refused_write_is_not_repeated(jira, kind):
    jira.proxy.arm(kind, lambda method, _path: method == "PUT", times=9)
    with pytest.raises(Unavailable):
        jira.do("jira.assign", issue="OPS-1", assignee=seed.MIA)
    assert [e.method for e in requests_of(jira)].count("PUT") == 1


def test_a_rate_limit_says_how_long_in_every_form(jira):
    operation, params = jira.typed("jira.assign", issue="OPS-1", assignee=seed.MIA)
    soon = datetime.now(UTC) + timedelta(seconds=40)
    for headers, least, most in (
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": format_datetime(soon, usegmt=True)}, 35, 41),
        ({"X-RateLimit-Reset": soon.isoformat(timespec="minutes")}, 0, 41),
        ({"RateLimit-Reason": "jira-burst-based"}, None, None),
    ):
        with jira.session() as session:
            jira.site.busy_headers = headers
            with pytest.raises(Unavailable, match="too many calls") as caught:
                operation.read(session, params)
            jira.site.busy_headers = None
        wait = caught.value.retry_after_seconds
        assert wait is None if least is None else least <= wait <= most


def test_what_the_account_may_not_do_is_said_with_jiras_own_words(jira):
    operation, params = jira.typed("jira.assign", issue="OPS-1", assignee=seed.MIA)
    with jira.viewer() as session:
        before = operation.read(session, params)
        with pytest.raises(Rejected, match=r"issues:write on issue OPS-1.*permission to edit"):
            operation.execute(session, params, before, "key")


def test_permission_that_is_lost_between_reading_and_writing_writes_nothing(jira):
    operation, params = jira.typed("jira.set_field", issue="OPS-1", field="duedate", kind="date",
                                   value="2026-12-01")  # fmt: skip
    with jira.session() as session:
        before = operation.read(session, params)
        jira.site.permissions[seed.BOT]["OPS"] -= {"EDIT"}
        with pytest.raises(Rejected):
            operation.execute(session, params, before, "key")
    assert jira.site.issues["10001"]["fields"]["duedate"] is None


def test_complaints_by_field_are_shown_without_secrets(jira, monkeypatch):
    secret = jira.credential.secret.partition(":")[2]

    def refuse(*_: object) -> None:
        raise RefusedError(400, errors={"duedate": f"Bad\u202e {secret} https://x.example/?k=1"})

    monkeypatch.setattr("connectors.jira.standin.fields.stored", refuse)
    with pytest.raises(Rejected) as caught:
        jira.do("jira.assign", issue="OPS-1", assignee=seed.MIA)
    said = str(caught.value)
    assert "duedate: Bad [removed] https://x.example/" in said
    assert secret not in said
    assert "k=1" not in said


@pytest.mark.parametrize("body", [b"<html>hello", b"[1", b"[]", b'{"fields": []}', b"[" * 9_000])
def test_an_answer_that_is_none_is_unavailable(jira, body, monkeypatch):
    operation, params = jira.typed("jira.comment", issue="OPS-1", text="Hello.")
    with jira.session() as session:
        monkeypatch.setattr("requests.adapters.HTTPAdapter.send", answering(status=200, body=body))
        with pytest.raises(Unavailable, match="cannot be read"):
            operation.read(session, params)


def test_an_answer_without_end_is_cut(jira, monkeypatch):
    operation, params = jira.typed("jira.comment", issue="OPS-1", text="Hello.")
    endless = json.dumps(["x" * ANSWER_BYTES_MAX]).encode()
    with jira.session() as session:
        monkeypatch.setattr(
            "requests.adapters.HTTPAdapter.send", answering(status=200, body=endless)
        )
        with pytest.raises(Unavailable, match="AnswerTooLong"):
            operation.read(session, params)


def test_an_answer_that_drips_or_does_not_come_is_given_up(jira):
    operation, params = jira.typed("jira.assign", issue="OPS-1", assignee=seed.MIA)
    with open_session(jira.credential, read_seconds=0.3) as session:
        before = operation.read(session, params)
        jira.proxy.hang_seconds = 1.0
        jira.proxy.arm("time_out_after_write", lambda method, _path: method == "PUT")
        with pytest.raises(OutcomeUnknown):
            operation.execute(session, params, before, "key")
        assert operation.lookup(session, params, "key") is not None
    with (
        dripping() as address,
        open_session(replace(jira.credential, address=address), read_seconds=0.3) as session,
        pytest.raises(Unavailable, match="AnswerTooSlow"),
    ):
        operation.read(session, params)


def test_a_gateways_path_stays_before_the_version(jira):
    elsewhere = replace(jira.credential, address="https://api.atlassian.com/ex/jira/1-2-3")
    with open_session(elsewhere) as session:
        url = session.client.url_joiner(session.client.url, session.client.endpoint("myself"))
    assert url == "https://api.atlassian.com/ex/jira/1-2-3/rest/api/3/myself"


def test_a_write_that_cannot_be_read_back_is_unknown_and_is_found(jira):
    operation, params = jira.typed("jira.assign", issue="OPS-1", assignee=seed.MIA)
    with jira.session() as session:
        before = operation.read(session, params)
        jira.proxy.arm("unavailable", after_a_put())
        with pytest.raises(OutcomeUnknown, match="OPS-1 was written"):
            operation.execute(session, params, before, "key")
        found = operation.lookup(session, params, "key")
    assert found is not None
    assert found.version == jira.site.issues["10001"]["fields"]["updated"]


@pytest.mark.parametrize("address", ["http://acme.atlassian.net", "ftp://x", "acme"])
def test_a_secret_is_not_sent_in_the_clear(jira, address):
    with pytest.raises(Rejected, match="not encrypted"), jira.session(address=address):
        pass


def after_a_put():
    """The first question after the first edit."""
    edits = []

    def belongs(method, _path):
        edits.extend([method] * (method == "PUT"))
        return method == "GET" and bool(edits)

    return belongs


@contextmanager
def dripping():
    """A server whose answer comes byte by byte and does not end."""
    server = socket.create_server(("127.0.0.1", 0))

    def drip():
        line, _ = server.accept()
        line.recv(10_000)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(30):
            time.sleep(0.05)
            try:
                line.sendall(b" ")
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    with server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def answering(status, body):
    import io

    import requests
    from urllib3 import HTTPResponse

    def send(_self, request, **_):
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, request.url
        answer.raw = HTTPResponse(io.BytesIO(body), status=status, preload_content=False)
        return answer

    return send
