"""Recorded answers are given to exactly the request that they answered, and cost money once."""

from contextlib import suppress
from pathlib import Path

import pytest

from bot.planner.model import (
    Message,
    ModelAwayError,
    ModelRefusedError,
    NotRecordedError,
    Used,
    Wire,
)
from bot.planner.pricing import price_table
from evals.errors import RecordError
from evals.models import cassettes
from evals.models.cassettes import Answer, Counting, Replay, asked, cassettes_of
from evals.models.recorder import AWAY_MAX, Recording
from policies.planner_section import Price

PRICES = price_table(
    {"claude-test": Price(input="1.00", output="1.00", cache_write="1.00", cache_read="1.00")}
)
DOLLAR = 1_000_000


def request(text: str) -> Wire:
    return {
        "model": "claude-test",
        "max_tokens": 1_000,
        "messages": [{"role": "user", "content": [{"type": "text", "text": text}]}],
    }


class Live:
    """A model that answers a number more each time, or raises."""

    def __init__(self, error: Exception | None = None, output_tokens: int = 1_000) -> None:
        self.calls, self._error, self._output_tokens = 0, error, output_tokens

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        del request, timeout_seconds
        self.calls += 1
        if self._error:
            raise self._error
        used = Used("claude-test", 1_000, self._output_tokens)
        return Message(({"type": "text", "text": f"answer {self.calls}"},), "end_turn", used, 120)


def recorded(folder: Path, *texts: str, epoch: int = 0) -> None:
    recording = Recording({}, DOLLAR, PRICES, live=Live())
    recording.begin(epoch)
    for text in texts:
        recording.answer(request(text), 10)
    cassettes.write(folder / "one.jsonl", recording.new)


def told(message: Message) -> str:
    return str(message.content[0]["text"])


def test_an_answer_is_given_again_to_the_same_request_whatever_its_order(tmp_path: Path) -> None:
    recorded(tmp_path, "a", "b")
    replay = Replay(tmp_path, 0)
    again = dict(reversed(request("b").items()))
    assert told(replay.answer(again, 10)) == "answer 2"
    first = replay.answer(request("a"), 10)
    assert (told(first), first.used.input_tokens, first.latency_milliseconds) == (
        "answer 1", 1_000, 120,
    )  # fmt: skip


def test_asking_twice_in_one_case_is_two_answers_and_another_case_begins_anew(
    tmp_path: Path,
) -> None:
    recorded(tmp_path, "a", "a")
    for _ in range(2):
        replay = Replay(tmp_path, 0)
        assert [told(replay.answer(request("a"), 10)) for _ in range(2)] == ["answer 1", "answer 2"]
        with pytest.raises(NotRecordedError):
            replay.answer(request("a"), 10)


@pytest.mark.parametrize(("text", "epoch"), [("a.", 0), ("a", 1)])
def test_an_old_answer_is_never_given_to_new_words_or_in_another_epoch(
    tmp_path: Path, text: str, epoch: int
) -> None:
    recorded(tmp_path, "a")
    with pytest.raises(NotRecordedError, match="agent-eval record"):
        Replay(tmp_path, epoch).answer(request(text), 10)


def test_each_prompt_and_model_has_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "planner.md").write_text("one")
    before = cassettes_of(tmp_path, "vendor/claude:1", tmp_path)
    assert before.parent.parent == tmp_path / "cassettes"
    (tmp_path / "prompts" / "planner.md").write_text("two")
    assert cassettes_of(tmp_path, "vendor/claude:1", tmp_path) != before


def test_a_file_that_is_no_recording_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_text("{}\n")
    with pytest.raises(RecordError, match=r"one\.jsonl:1 is no recorded answer"):
        cassettes.read(tmp_path)


HOSTILE = {
    "tokens that would pay back": b'"input_tokens": -1000000',
    "a number that is none": b'"epoch": NaN',
    "a number without end": b'"nth": ' + b"9" * 5_000,
    "lists without end": b'"content": ' + b"[" * 100_000,
    "bytes that are no text": b'"asked": "\xff"',
}


@pytest.mark.parametrize("field", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_line_is_no_recorded_answer(tmp_path: Path, field: bytes) -> None:
    answer = Answer(
        key="a", epoch=0, nth=0, asked="x", content=(), stop_reason="end_turn", model="m"
    )
    whole = answer.model_dump_json().encode()
    (tmp_path / "one.jsonl").write_bytes(whole[:-1] + b", " + field + b"}")
    with pytest.raises(RecordError, match=r"one\.jsonl:1 is no recorded answer"):
        cassettes.read(tmp_path)


def test_what_is_recorded_costs_nothing_again(tmp_path: Path) -> None:
    recorded(tmp_path, "a")
    live = Live()
    recording = Recording(cassettes.read(tmp_path), DOLLAR, PRICES, live=live)
    recording.begin(0)
    recording.answer(request("a"), 10)
    assert (live.calls, recording.spent_micro_usd, recording.new) == (0, 0, [])
    recording.answer(request("b"), 10)
    assert (live.calls, recording.spent_micro_usd) == (1, 2_000)


def test_money_that_might_be_exceeded_is_not_spent() -> None:
    live = Live()
    recording = Recording({}, 6_000, PRICES, live=live)
    recording.begin(0)
    for number in range(10):
        with suppress(NotRecordedError):
            recording.answer(request(str(number)), 10)
    assert live.calls == 2  # a third one might have cost more than the 2,000 that are left
    assert recording.spent_micro_usd == 4_000
    assert "raise --spend-usd" in recording.stopped


@pytest.mark.parametrize(
    ("error", "calls"), [(ModelRefusedError("wrong key"), 1), (ModelAwayError("away"), AWAY_MAX)]
)
def test_a_service_that_does_not_answer_is_left_alone(error: Exception, calls: int) -> None:
    live = Live(error)
    recording = Recording({}, DOLLAR, PRICES, live=live)
    recording.begin(0)
    for number in range(calls + 2):
        with pytest.raises((type(error), NotRecordedError)):
            recording.answer(request(str(number)), 10)
    assert live.calls == calls
    assert recording.stopped == str(error)
    assert not recording.new


def test_a_line_shows_what_was_asked_in_short() -> None:
    place = Counting(0).place(request("x"))
    answer = Answer.of(place, request("word " * 200), Live().answer(request("x"), 1))
    assert len(answer.asked) <= 161
    assert "word word" in asked(request("word " * 200))
