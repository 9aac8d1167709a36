"""Hostile text from people and from the desk reaches Slack as text, and only as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.slow
ESC = "\u202e"
HOSTILE = (
    "refund $1.00 on order {order}, damaged <!channel> <https://evil.example|your bank>"
    " <@U0LEE000000> *bold* &lt;!here&gt;"
)
HIDDEN = f"refund $1.00 on order 1043, damaged \u200b\u2066\x07{ESC}evil <!channel>"
MARKS = re.compile(r"<([^>]*)>")
OURS = re.compile(r"!date\^\d+\^[^|]*\|[^<>]*|#C[A-Z0-9]+")
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def test_what_people_and_the_desk_say_never_pings_links_or_turns_the_text(play: Any) -> None:
    said = play.people.say(HOSTILE.format(order=play.order()), "agent", "random")
    run = play.until(lambda: play.run_of(said["ts"]), "the run")
    play.until(lambda: play.card(run), "an answer to hostile words")
    play.ask(HIDDEN, "agent", "random", status="denied")
    play.ask("refund $1.00 on order 1070, damaged", "agent", "random")
    play.ask("refund $1.00 on order 1071, damaged")
    run = play.ask(f"refund $1.00 on order {play.order()}, late")
    play.press("Reject", "lead", run, inputs={"text": f"<!channel> {ESC}no <https://e.vil|yes>"})
    play.until_status(run, "rejected")
    play.until_card(run, "REJECTED")
    play.people.command("/assent status <!channel>", "agent")
    play.people.home("lead")
    assert_inert(play)


def test_a_request_of_forty_thousand_characters_is_answered(play: Any) -> None:
    said = play.people.say(("refund everything " * 2_300)[:39_900], "agent", "random")
    play.heard("agent", "I read at most 4,000")
    assert play.run_of(said["ts"]) is None
    assert_inert(play)


def assert_inert(play: Any) -> None:
    """Scans everything that the bot said: messages, private answers, home pages, windows."""
    spoken = [m for m in play.messages() if m.get("bot_id")]
    assert spoken
    views = [json.loads(view) for view in play.views()]
    for said in [*spoken, *views]:
        for text in strings(said):
            foreign = [mark for mark in MARKS.findall(text) if not OURS.fullmatch(mark)]
            assert not foreign, f"{foreign} is live in {text!r}"
            assert not INVISIBLE.search(text), f"something invisible is in {text!r}"


def strings(value: Any, name: str = "") -> Iterator[str]:
    """Every text that a reader's client would draw."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from strings(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, name)
    elif isinstance(value, str) and name in {"text", "alt_text", "title", "label", "placeholder"}:
        yield value
