"""The real bot, started with a key for a model: what leaves it, what it writes, who else has it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.desk.embedded import credential
from tests.bot.wire.conftest import Play
from tests.model_server import ModelServer, Reply, says, uses

pytestmark = pytest.mark.slow  # two processes, and the SDK takes seconds to import

KEY = "sk-ant-canary-5f0e"
ELSEWHERE = "canary-elsewhere"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    slots = [
        {"slot": "order", "value": "1043", "words": "1043", "from": "request"},
        {"slot": "amount", "value": "40.00 USD", "words": "$40", "from": "request"},
        {"slot": "reason", "value": "damaged", "words": "smashed to bits", "from": "request"},
    ]
    claim = {"kind": "plan", "workflow": "refund", "slots": slots, "asks": "", "why": ""}
    nothing = {"kind": "refusal", "workflow": "", "slots": [], "asks": "", "why": "unclear"}

    def answer(body: Any) -> Reply:
        if ELSEWHERE in str(body):
            return says(nothing)
        if len(body["messages"]) == 1:
            return uses(("orders_find", {"words": "1043"}))
        return says(claim)

    with ModelServer(KEY, [answer], repeats=True) as made:
        yield made


def test_the_key_is_with_the_bot_alone_and_no_other_secret_is_sent(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSENT_ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ASSENT_ANTHROPIC_API_BASE", server.url)
    play = Play(tmp_path / "state", "socket", ASSENT_LOG_LEVEL="DEBUG")
    try:
        play.people.say(f"{ELSEWHERE}, whatever", "finance", "random")
        run = play.ask("the folks of 1043 got it smashed to bits, give them $40 of their cash")
        assert play.run(run).cost_micro_usd > 0
        said = str(play.messages())
        secrets = _secrets(play)
        if sys.platform == "linux":
            assert KEY in _environ(play.playground.bot)
            assert KEY not in _environ(play.playground.workspace)
    finally:
        play.close()

    sent = server.bytes_received
    assert server.faults == []
    assert sent.count(KEY.encode()) == len(server.received)
    assert sent.lower().count(b"\r\nauthorization: bearer " + KEY.encode()) == len(server.received)
    about = [str(each.body) for each in server.received if "smashed" in str(each.body)]
    assert len(about) == 2
    assert ELSEWHERE not in "".join(about)
    assert len(secrets) > 8
    for name, secret in secrets.items():
        assert secret.encode() not in sent, name
    for foreign in ("Ann Weiss", "Lee Park", "U0DANA", "C0SUPPORTOP", str(tmp_path)):
        assert foreign.encode() not in sent, foreign
    written = {path.name: path.read_bytes() for path in play.state.rglob("*") if path.is_file()}
    written |= {"the log": play.log.read_bytes(), "what the workspace shows": said.encode()}
    assert b" DEBUG " in written["the log"]
    for name, content in written.items():
        assert KEY.encode() not in content, name


def _secrets(play: Play) -> dict[str, str]:
    """What the processes hold: tokens of the chats, accounts of the desk, our own key, and what
    else stands in the environment."""
    accounts = ("desk-reader", "desk-refunds", "desk-orders")
    keys = play.state.rglob("*.key")
    return {
        **{name: text for name, text in _texts(play.told, "") if _is_secret(name)},
        **{name: credential(play.desk, name).secret for name in accounts},
        **{path.name: path.read_text("latin-1") for path in keys},
        **{name: text for name, text in os.environ.items() if len(text) >= 8 and name not in OURS},
    }


OURS = ("ASSENT_ANTHROPIC_API_KEY", "ASSENT_ANTHROPIC_API_BASE")


def _is_secret(name: str) -> bool:
    return any(word in name for word in ("token", "secret", "url", "login", "metadata"))


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{name}.{key}")
    elif isinstance(value, str):
        yield name, value


def _environ(process: Any) -> str:
    return Path(f"/proc/{process.pid}/environ").read_text(errors="replace")
