"""The proxy between a connector and its counterpart does to the wire what it says."""

from __future__ import annotations

import threading
import time
from http.client import HTTPConnection, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.conformance import loopback
from connectors.conformance.proxy import Proxy, Refusals, is_write


class Counting(BaseHTTPRequestHandler):
    """Answers each POST with how many there were; GET streams without a length."""

    posts = 0

    def do_POST(self):
        type(self).posts += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = body + str(self.posts).encode()
        self.send_response(201)
        self.send_header("X-Tenant", self.headers.get("X-Tenant", ""))
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        for part in (b"one,", b"two"):
            self.wfile.write(part)
            self.wfile.flush()

    def log_message(self, *_):
        pass


@pytest.fixture
def target():
    Counting.posts = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def call(proxy, method="POST", path="/things?of=mine", body=b"sent"):
    line = HTTPConnection(proxy.address.removeprefix("http://"), timeout=5)
    line.request(method, path, body if method == "POST" else None, {"Authorization": "canary"})
    answer = line.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def test_passes_through_and_records_what_was_said(target):
    proxy = Proxy(target, headers={"X-Tenant": "one"})
    status, headers, body = call(proxy)
    assert (status, body, headers["X-Tenant"]) == (201, b"sent1", "one")
    assert call(proxy, "GET")[2] == b"one,two"
    (post, get) = proxy.exchanges()
    assert (post.method, post.path, post.body, post.answer) == (
        "POST",
        "/things?of=mine",
        b"sent",
        b"sent1",
    )
    assert post.headers["Authorization"] == "canary"
    assert get.answer == b"one,two"


@pytest.mark.parametrize(
    ("kind", "status", "posts"),
    [("slow", 201, 1), ("refuse", 403, 0), ("rate_limit", 429, 0), ("unavailable", 503, 0)],
)
def test_answers_as_armed_once(target, kind, status, posts):
    proxy = Proxy(target, Refusals(busy=b'{"say": "slow down"}'))
    proxy.arm(kind, is_write)
    assert call(proxy, "GET")[0] == 200  # does not belong to the call
    answered, headers, body = call(proxy)
    assert (answered, Counting.posts) == (status, posts)
    if kind == "rate_limit":
        assert (headers["Retry-After"], body) == ("1", b'{"say": "slow down"}')
    assert call(proxy)[0] == 201


@pytest.mark.parametrize(
    ("kind", "posts"), [("time_out_before_write", 0), ("time_out_after_write", 1)]
)
def test_no_answer_comes_and_only_one_of_them_wrote(target, kind, posts):
    proxy = Proxy(target)
    proxy.arm(kind, is_write)
    with pytest.raises(RemoteDisconnected):
        call(proxy)
    assert Counting.posts == posts
    assert proxy.exchanges()[-1].status == 0


def test_a_hanging_call_is_the_clients_to_give_up(target):
    proxy = Proxy(target, hang_seconds=5)
    proxy.arm("time_out_after_write", is_write)
    line = HTTPConnection(proxy.address.removeprefix("http://"), timeout=0.1)
    started = time.monotonic()
    line.request("POST", "/", b"x")
    with pytest.raises(TimeoutError):
        line.getresponse()
    assert time.monotonic() - started < 2
    assert Counting.posts == 1


def test_strikes_as_often_as_armed(target):
    proxy = Proxy(target)
    proxy.arm("unavailable", lambda method, path: path.startswith("/things"), times=2)
    assert [call(proxy, "GET")[0] for _ in range(3)] == [503, 503, 200]


def test_no_address_is_of_two_systems_one_after_the_other(target, monkeypatch):
    tried = []

    class Had(set):
        """Says of the first address that somebody had it before."""

        def __contains__(self, address):
            tried.append(address)
            return len(tried) == 1

    monkeypatch.setattr(loopback, "_HAD", Had())
    proxy = Proxy(target)
    assert call(proxy)[0] == 201
    assert [*loopback._HAD] == tried[1:] == [("127.0.0.1", int(proxy.address.rpartition(":")[2]))]


def test_nobody_listens_once_unplugged(target):
    proxy = Proxy(target)
    line = HTTPConnection(proxy.address.removeprefix("http://"), timeout=5)
    line.request("POST", "/", b"x")
    line.getresponse().read()
    proxy.unplug()
    with pytest.raises(ConnectionRefusedError):
        call(proxy)
    with pytest.raises(ConnectionError):
        line.request("POST", "/", b"x") or line.getresponse()
    assert Counting.posts == 1
