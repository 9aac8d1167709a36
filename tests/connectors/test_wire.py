"""HTTP's failures become the error tree in one place, and nothing that a system said is trusted."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime

import pytest
import requests
import urllib3

from connectors import wire
from connectors.errors import Conflict, OutcomeUnknown, Rejected, Unavailable
from connectors.saying import SAID_CHARACTERS_MAX, safe

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET = "sup3r/secret+value="
PEER = wire.Peer("Stripe", "acct_1", (SECRET,))
READ = wire.Call("charge ch_1", is_write=False, scope="charges:read")
WRITE = wire.Call("charge ch_1", is_write=True, scope="refunds:write")


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (301, Rejected, Rejected),
        (400, Rejected, Rejected),
        (401, Rejected, Rejected),
        (403, Rejected, Rejected),
        (404, Rejected, Rejected),
        (408, Unavailable, OutcomeUnknown),
        (409, Conflict, Conflict),
        (410, Rejected, Rejected),
        (412, Conflict, Conflict),
        (422, Rejected, Rejected),
        (429, Unavailable, Unavailable),
        (500, Unavailable, OutcomeUnknown),
        (502, Unavailable, OutcomeUnknown),
        (503, Unavailable, Unavailable),
        (504, Unavailable, OutcomeUnknown),
    ],
)
def test_a_status_is_one_error_of_the_tree(status, reading, writing):
    read, written = (wire.answered(PEER, call, status) for call in (READ, WRITE))
    assert (type(read), type(written)) == (reading, writing)
    assert read.message
    assert read.next_step


def test_only_a_refused_account_forgets_the_secret():
    refusals = {s: wire.answered(PEER, READ, s) for s in (400, 401, 403, 404)}
    assert [s for s, e in refusals.items() if e.is_secret_refused] == [401]


def test_a_missing_permission_names_the_scope():
    assert "refunds:write" in str(wire.answered(PEER, WRITE, 403))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"Retry-After": "Mon, 23 Nov 2026 12:00:30 GMT"}, 30),
        # The system's clock is an hour ahead of ours: what counts is the distance on its own.
        (
            {
                "Date": "Mon, 23 Nov 2026 13:00:00 GMT",
                "Retry-After": "Mon, 23 Nov 2026 13:00:05 GMT",
            },
            5,
        ),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 42)}, 42),
        ({"X-RateLimit-Reset": "2026-11-23T12:01Z"}, 60),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "Mon, 23 Nov 2020 12:00:30 GMT"}, 0),
        ({"Retry-After": "9" * 30}, 86_400),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_understood_in_every_form(headers, seconds):
    error = wire.answered(PEER, READ, 429, headers, now=NOW)
    assert error.retry_after_seconds == seconds


def test_a_limit_that_is_said_as_a_refusal_is_a_limit():
    error = wire.answered(PEER, READ, 403, {"X-RateLimit-Remaining": "0"}, now=NOW)
    assert type(error) is Unavailable
    assert type(wire.answered(PEER, READ, 403, {"X-RateLimit-Remaining": "9"})) is Rejected


def raised(act):
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_what_was_never_sent_is_unavailable_also_when_writing():
    url = f"http://127.0.0.1:{closed_port()}/"
    for error in (
        raised(lambda: requests.post(url, timeout=1)),
        raised(lambda: urllib3.PoolManager(retries=False).request("POST", url)),
        raised(lambda: requests.post("http://no-such-host.invalid/", timeout=1)),
    ):
        assert type(wire.broke_off(PEER, WRITE, error)) is Unavailable, repr(error)


def test_a_write_that_may_have_been_sent_is_unknown():
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections, never answers
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        silent = raised(lambda: requests.post(url, timeout=0.05))
    for error in (silent, TimeoutError(), ConnectionResetError(), ssl.SSLEOFError(), KeyError()):
        assert type(wire.broke_off(PEER, WRITE, error)) is OutcomeUnknown, repr(error)
        assert type(wire.broke_off(PEER, READ, error)) is Unavailable


def test_a_refused_connection_after_a_lost_answer_does_not_hide_it():
    lost = requests.ReadTimeout()
    lost.__context__ = ConnectionRefusedError()
    later = requests.ConnectTimeout()
    later.__context__ = requests.ReadTimeout()
    assert not wire.was_never_sent(lost)
    assert not wire.was_never_sent(later)


def test_an_answer_that_cannot_be_read_leaves_a_write_unknown():
    assert type(wire.unreadable(PEER, WRITE, "no JSON")) is OutcomeUnknown
    assert type(wire.unreadable(PEER, READ, "no JSON")) is Unavailable


@pytest.mark.parametrize(
    "said",
    [
        f"key {SECRET} is wrong",
        "key sup3r%2Fsecret%2Bvalue%3D is wrong",
        "Basic c3VwM3Ivc2VjcmV0K3ZhbHVlPQ== is wrong",
        "Authorization: Bearer abcdefgh12345",
        "Invalid API Key provided: sk_test_abcdefgh12345",
        "bad credentials ghp_abcdefgh12345",
        '{"client_secret": "abcdefgh12345"}',
        "GET https://x.example/v1?key=abcdefgh12345 failed",
        "GET https://me:abcdefgh12345@x.example/v1 failed",
        "token eyJhbGciOi.abcdefgh12345.abc",
        "-----BEGIN PRIVATE KEY----- abcdefgh12345",
    ],
)
def test_no_credential_is_repeated(said):
    shown = str(wire.answered(PEER, READ, 400, said=said))
    assert "abcdefgh12345" not in shown
    assert "sup3r" not in shown
    assert "c3VwM3" not in shown
    assert SECRET not in repr(PEER)


def test_what_a_system_says_is_one_short_harmless_line():
    shown = safe("a\n\x1b[31mb\u202e\u2028c \ud800" + "x" * 10_000)
    assert shown.startswith("a [31mb c x")
    assert len(shown) == SAID_CHARACTERS_MAX
    assert safe("<!DOCTYPE html><html>nginx</html>") == ""
    assert safe(None) == "None"
    assert safe("") == ""
