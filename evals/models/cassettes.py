"""Recorded answers of a model, so that a prompt can be judged again without a key, money or noise.

    <suite>/cassettes/<model>/<digest of the prompts>/<case>.jsonl    one answer a line

An answer is found by the exact request that it was given to, the epoch, and how often that request
was made before in the case: a prompt that differs in one character has no recorded answers, and
what is not recorded is never guessed. Files hold answers and a glimpse of what was asked, to be
read in a review; no header and no key ever comes near them.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from pydantic import Field

from bot.bundle.installed import digest_of
from bot.planner.model import Message, NotRecordedError, Used, Wire
from evals.cases.suite import CASSETTES
from evals.errors import RecordError
from evals.keeping import files
from store.model.values import Frozen

FOLDER_DIGITS = 12  # of the prompts' digest in a folder's name
ASKED_CHARACTERS = 160  # of what was asked, for whoever reads the file
FILE_BYTES_MAX = 16 * 1024 * 1024  # of one case; an answer has some hundred bytes
FILES_MAX = 10_000  # twice what a suite may have cases

Key = tuple[str, int, int]  # request, epoch, how often before


class Answer(Frozen):
    """One line of a file. `key` is the SHA-256 of the request; `nth` counts from 0."""

    key: str
    epoch: int
    nth: int
    asked: str
    content: tuple[Mapping[str, Any], ...]
    stop_reason: str
    model: str
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    latency_milliseconds: int = Field(default=0, ge=0)

    @property
    def place(self) -> Key:
        return self.key, self.epoch, self.nth

    @property
    def message(self) -> Message:
        """The answer as the model gave it."""
        used = Used(
            model=self.model,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cache_write_tokens=self.cache_write_tokens,
            cache_read_tokens=self.cache_read_tokens,
        )
        return Message(self.content, self.stop_reason, used, self.latency_milliseconds)

    @classmethod
    def of(cls, place: Key, request: Wire, message: Message) -> Answer:
        """An answer to keep."""
        key, epoch, nth = place
        used = message.used
        return cls(
            key=key,
            epoch=epoch,
            nth=nth,
            asked=asked(request),
            content=message.content,
            stop_reason=message.stop_reason,
            model=used.model,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cache_write_tokens=used.cache_write_tokens,
            cache_read_tokens=used.cache_read_tokens,
            latency_milliseconds=message.latency_milliseconds,
        )


class Counting:
    """Which answer of an epoch a request is due, in one case. Callable from several threads."""

    def __init__(self, epoch: int) -> None:
        self._epoch, self._made, self._lock = epoch, Counter[str](), threading.Lock()

    def place(self, request: Wire) -> Key:
        """Where the answer to a request stands that is made now."""
        key = key_of(request)
        with self._lock:
            nth = self._made[key]
            self._made[key] += 1
        return key, self._epoch, nth


class Replay:
    """Implements bot.planner.model.Model with what is recorded in a folder, for one case."""

    def __init__(self, folder: Path, epoch: int) -> None:
        """Raises RecordError where a file of the folder cannot be read."""
        self._answers, self._counting = _read_once(folder), Counting(epoch)

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        """The recorded answer. Raises NotRecordedError."""
        del timeout_seconds
        found = self._answers.get(self._counting.place(request))
        if found is None:
            raise NotRecordedError(
                f"no answer of {request['model']} to this very request is recorded; "
                "record it with agent-eval record, or ask the service with --live"
            )
        return found.message


def cassettes_of(suite: Path, model: str, bundle: Path) -> Path:
    """The folder of the answers that a model gave under a bundle's prompts; it need not exist."""
    prompts = digest_of([bundle / "prompts"], bundle)[:FOLDER_DIGITS]
    return suite / CASSETTES / quote(model, safe="") / f"prompts-{prompts}"


def key_of(request: Wire) -> str:
    """SHA-256 of a request, whatever the order of its fields; 64 hexadecimal digits."""
    text = json.dumps(dict(request), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> dict[Key, Answer]:
    """Every answer in a folder; of a place that is recorded twice, the first file's counts.

    Raises RecordError, naming the line that is no answer.
    """
    found: dict[Key, Answer] = {}
    paths = sorted(folder.glob("*.jsonl"))
    if len(paths) > FILES_MAX:
        raise RecordError(f"{folder} has more than {FILES_MAX:,} files; it is no recording")
    for path in paths:
        for answer in read_file(path):
            found.setdefault(answer.place, answer)
    return found


def read_file(path: Path) -> tuple[Answer, ...]:
    """The answers of one case. Raises RecordError, naming the line that is no answer."""
    data = files.read(path, FILE_BYTES_MAX, "recording")
    then = "delete the file, then record it again"
    return tuple(
        files.parsed(Answer, line, f"{path}:{at}", "recorded answer", then)
        for at, line in enumerate(data.splitlines(), start=1)
    )


@lru_cache(maxsize=4)
def _read_once(folder: Path) -> Mapping[Key, Answer]:
    return MappingProxyType(read(folder))


def write(path: Path, answers: Iterable[Answer]) -> None:
    """Replace a case's file, the same answers in the same order of lines."""
    ordered = sorted(answers, key=lambda each: (each.epoch, each.key, each.nth))
    files.write_lines(path, (each.model_dump_json(exclude_defaults=True) for each in ordered))


def asked(request: Wire) -> str:
    """The newest words of a request, in short."""
    content = request["messages"][-1]["content"]
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    line = " ".join(text.split())
    is_long = len(line) > ASKED_CHARACTERS
    return f"{line[:ASKED_CHARACTERS]}…" if is_long else line
