"""The wire to the model when it fails: a retry where that may help, else an honest error."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from bot.planner.anthropic_model import TRIES_MAX, AnthropicModel
from bot.planner.model import ModelAwayError, ModelBrokenError, ModelError, ModelRefusedError
from tests.model_server import (
    ModelServer,
    Step,
    drips,
    drops,
    garbage,
    hangs,
    raw,
    says,
    status,
    truncated,
)

pytestmark = pytest.mark.slow  # the SDK takes seconds to import, and patience is measured

KEY = "sk-ant-canary-5f0e"
PROMPT = "canary of the person's own words"
LATE_SECONDS = 0.6  # what a busy machine adds to a deadline
Serve = Callable[..., tuple[ModelServer, AnthropicModel]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(*script: Step, repeats: bool = False) -> tuple[ModelServer, AnthropicModel]:
            server = stack.enter_context(ModelServer(KEY, script, repeats=repeats))
            model = AnthropicModel(KEY, server.url)
            model._ready()  # what follows measures patience, and not an import
            return server, model

        yield start


def request(text: str = PROMPT) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": "claude-sonnet-5-5", "max_tokens": 512, "messages": messages}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (400, "does not take the request"),
        (401, "check ASSENT_ANTHROPIC_API_KEY"),
        (402, "billing"),
        (403, "does not allow this key"),
        (404, "check `planner.model`"),
        (413, "too large"),
        (422, "does not take the request"),
        (302, "check ASSENT_ANTHROPIC_API_BASE"),
        (307, "check ASSENT_ANTHROPIC_API_BASE"),
    ],
)
def test_what_asking_again_does_not_help_is_asked_once(serve: Serve, code: int, said: str) -> None:
    server, model = serve(status(code, location="http://127.0.0.1:9/"))
    with pytest.raises(ModelRefusedError, match=said) as refused:
        model.answer(request(), 10)
    assert f"HTTP {code}, request req_" in str(refused.value)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "fault",
    [status(429), status(529), status(500), status(503), drops(), garbage(), truncated()],
    ids=["429", "529", "500", "503", "dropped", "garbage", "truncated"],
)
def test_what_may_pass_is_tried_again(serve: Serve, fault: Step) -> None:
    server, model = serve(fault, says("at last"))
    assert model.answer(request(), 10).content[0]["text"] == "at last"
    assert len(server.received) == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(529), r"overloaded \(HTTP 529"),
        (drops(), "cannot be reached"),
    ],
    ids=["529", "dropped"],
)
def test_what_does_not_pass_ends_after_a_few_tries(serve: Serve, fault: Step, said: str) -> None:
    server, model = serve(fault, repeats=True)
    with pytest.raises(ModelAwayError, match=said):
        model.answer(request(), 10)
    assert len(server.received) == TRIES_MAX


def test_the_service_says_how_long_to_leave_it_alone(serve: Serve) -> None:
    server, model = serve(status(429, retry_after="1"), says("thanks"))
    started = time.monotonic()
    model.answer(request(), 10)
    assert 1.0 <= time.monotonic() - started < 1.0 + LATE_SECONDS
    assert len(server.received) == 2


@pytest.mark.parametrize("wait", ["3600", "4294967", "99999999"])
def test_a_wait_that_is_longer_than_our_time_is_not_begun(serve: Serve, wait: str) -> None:
    server, model = serve(status(529, retry_after=wait))
    started = time.monotonic()
    with pytest.raises(ModelAwayError, match="overloaded"):
        model.answer(request(), 5)
    assert time.monotonic() - started < LATE_SECONDS
    assert len(server.received) == 1


@pytest.mark.parametrize("wait", ["-5", "soon", "1e9", "nan", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_wait_that_is_no_number_is_our_own(serve: Serve, wait: str) -> None:
    _, model = serve(status(429, retry_after=wait), says("thanks"))
    assert model.answer(request(), 5).content[0]["text"] == "thanks"


def test_the_service_may_say_that_asking_again_is_useless(serve: Serve) -> None:
    server, model = serve(status(500, x_should_retry="false"))
    with pytest.raises(ModelAwayError):
        model.answer(request(), 5)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "slow",
    [hangs(), drips(), drips(is_head=True), status(529, retry_after="0.4")],
    ids=["silent", "dripping", "dripping headers", "busy"],
)
def test_the_time_is_that_of_everything_together(serve: Serve, slow: Step) -> None:
    _, model = serve(slow, repeats=True)
    started = time.monotonic()
    with pytest.raises(ModelAwayError):
        model.answer(request(), 0.7)
    assert time.monotonic() - started < 0.7 + LATE_SECONDS


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        model = AnthropicModel(KEY, f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ModelAwayError, match="cannot be reached"):
            model.answer(request(), 5)


def test_half_a_character_is_refused_before_it_is_sent(serve: Serve) -> None:
    server, model = serve()
    with pytest.raises(ModelRefusedError, match="half a character"):
        model.answer(request("\ud83d"), 5)
    assert server.received == []


def test_plannings_do_not_wait_for_each_other(serve: Serve) -> None:
    def by_name(body: Any) -> Step:
        name = body["messages"][0]["content"]
        return hangs() if name == "slow" else says(f"for {name}")

    _, model = serve(by_name, repeats=True)
    with ThreadPoolExecutor(9) as pool:
        slow = pool.submit(model.answer, request("slow"), 2)
        names = [f"n{number}" for number in range(8)]
        answers = pool.map(lambda name: model.answer(request(name), 10), names)
        assert [a.content[0]["text"] for a in answers] == [f"for {name}" for name in names]
        with pytest.raises(ModelAwayError, match="within 2 seconds"):
            slow.result(10)


def test_a_connection_that_the_service_closed_meanwhile_costs_nothing(serve: Serve) -> None:
    server, model = serve(says("one"), drops(), says("two"))
    model.answer(request(), 5)
    assert model.answer(request(), 5).content[0]["text"] == "two"
    assert len(server.received) == 3


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_neither_key_nor_words_follow_to_another_host(serve: Serve, code: int) -> None:
    elsewhere, _ = serve()
    _, model = serve(status(code, location=f"{elsewhere.url}/v1/messages"))
    with pytest.raises(ModelRefusedError):
        model.answer(request(), 5)
    assert elsewhere.bytes_received == b""


def test_nothing_of_the_environment_changes_where_or_what_is_sent(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, _ = serve()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, elsewhere.url)
    for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_PROFILE"):
        monkeypatch.setenv(name, f"canary-{name}")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Leak: canary-header\nAuthorization: canary")
    monkeypatch.setenv("ANTHROPIC_OPEN_TELEMETRY", "true")
    server, model = serve(says("ok"))
    model.answer(request("hello"), 5)
    assert elsewhere.bytes_received == b""
    assert server.bytes_received.count(b"canary") == 1
    assert f"Bearer {KEY}\r\n".encode() in server.bytes_received


@pytest.mark.parametrize(
    "fault",
    [
        says("fine"),
        status(400, f"{KEY}: {PROMPT}"),
        status(500, f"{KEY}: {PROMPT}", request_id=f"{KEY} {PROMPT}"),
        raw(f"{KEY}: {PROMPT}".encode()),
        status(401, KEY, content_type="text/plain"),
        hangs(),
    ],
    ids=["fine", "400", "500", "garbage", "401", "late"],
)
def test_neither_key_nor_words_are_in_a_log_or_an_error(
    serve: Serve, fault: Step, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, model = serve(fault, repeats=True)
    said = ""
    try:
        model.answer(request(), 1)
    except ModelError as error:
        said = "".join(traceback.format_exception(error)) + repr(error)
    for text in (caplog.text, *(str(record.__dict__) for record in caplog.records), said):
        assert KEY not in text
        assert PROMPT not in text


def test_a_compressed_error_is_not_unpacked_either(serve: Serve) -> None:
    _, model = serve(raw(b"\x1f\x8b", 500, content_encoding="gzip"))
    with pytest.raises(ModelBrokenError):
        model.answer(request(), 5)


def test_what_does_not_ask_a_model_does_not_pay_for_it() -> None:
    loads = (
        "import sys, bot.serving, bot.planner.anthropic_model as seam;"
        "seam.AnthropicModel('k', 'https://api.example');"
        "print([m for m in ('anthropic', 'httpx2', 'httpcore2') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", loads], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        (hangs(), 1),
        (drips(), 1),
        (status(504), 1),
        (status(500), 1),
        (status(429), 0),
        (status(529), 0),
        (status(503), 0),
    ],
    ids=["silent", "dripping", "504", "500", "429", "529", "503"],
)
def test_what_may_be_billed_without_an_answer_is_said(serve: Serve, fault: Step, lost: int) -> None:
    _, model = serve(fault, status(429, x_should_retry="false"), repeats=True)
    with pytest.raises(ModelAwayError) as away:
        model.answer(request(), 2.0)
    assert away.value.lost == lost


def test_tries_that_were_lost_on_the_way_to_an_answer_are_counted(serve: Serve) -> None:
    _, model = serve(drops(), truncated(), says("at last"))
    assert model.answer(request(), 10).lost == 2
    _, model = serve(status(529), says("at last"))
    assert model.answer(request(), 10).lost == 0
    _, model = serve(drops(), status(401))
    with pytest.raises(ModelRefusedError) as refused:
        model.answer(request(), 10)
    assert refused.value.lost == 1


def test_what_nobody_took_is_not_billed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        model = AnthropicModel(KEY, f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ModelAwayError) as away:
            model.answer(request(), 5)
    assert away.value.lost == 0
