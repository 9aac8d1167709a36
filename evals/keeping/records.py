"""What a run of the gate leaves behind: record.json and traces.jsonl in a folder of its own.

    OUT/<suite>-<candidate>/record.json     a Record (evals/keeping/results.py)
    OUT/<suite>-<candidate>/traces.jsonl    {"arm": "candidate", "trace": {...}} a line

A run of some cases, or with another model than the candidate's own, has a folder beside it.

The traces are written first: a record that can be read has its traces beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Literal

from evals.errors import RecordError
from evals.keeping import files
from evals.keeping.results import Record
from evals.stories.trace import Trace
from store.model.values import Frozen

RECORD = "record.json"
TRACES = "traces.jsonl"
RECORD_BYTES_MAX = 256 * 1024 * 1024  # 5,000 cases, 9 epochs, 2 arms, with all grades
NAME_CHARACTERS_MAX, WORD_CHARACTERS_MAX = 120, 40  # of a folder's name; file systems take 255
LINE_BYTES_MAX = 8 * 1024 * 1024  # one trace; the largest of the shipped suites has 40 kB

ArmName = Literal["candidate", "baseline"]


class Traced(Frozen):
    """One line of traces.jsonl."""

    arm: ArmName
    trace: Trace


def folder_of(out: Path, suite: str, label: str, *how: str) -> Path:
    """OUT/refunds_v3-prompt-sha-9f21c2: the same for the same candidate, so the last run stays.

    `how` are words for what was asked for besides, which no other run may take the place of.
    """
    name = _plain(f"{suite}-{label}")[:NAME_CHARACTERS_MAX] or "run"
    return out / "-".join((name, *(_plain(word)[:WORD_CHARACTERS_MAX] for word in how)))


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-.")


def write(folder: Path, record: Record, traces: Iterable[Traced]) -> Path:
    """Write a run, traces first; answers where its record is."""
    files.write_lines(folder / TRACES, (each.model_dump_json() for each in ordered(traces)))
    files.write(folder / RECORD, (record.model_dump_json(indent=1) + "\n").encode())
    return folder / RECORD


def ordered(traces: Iterable[Traced]) -> tuple[Traced, ...]:
    """Traces in the order in which they stand in the file, a line each."""
    return tuple(sorted(traces, key=lambda each: (each.arm, each.trace.case, each.trace.epoch)))


def read(path: Path) -> Record:
    """A record by its file or its folder.

    Raises RecordError where there is none, where it is something else or of another version.
    """
    where = path / RECORD if path.is_dir() else path
    data = files.read(where, RECORD_BYTES_MAX, "record")
    return files.parsed(Record, data, where, "record of this version", "run the gate again")


def traces_of(path: Path, case: str | None = None) -> Iterator[Traced]:
    """The traces beside a record, of one case or of all. Raises RecordError as `read` does."""
    where = (path if path.is_dir() else path.parent) / TRACES
    try:
        with where.open("rb") as file:
            for at in count(1):
                if not (line := file.readline(LINE_BYTES_MAX)):
                    return
                if case is None or f'"case":"{case}"'.encode() in line:
                    place = f"{where}:{at}"
                    traced = files.parsed(Traced, line, place, "trace", "run the gate again")
                    if case in {None, traced.trace.case}:
                        yield traced
    except OSError as error:
        raise RecordError(f"cannot read traces {where}: {error.strerror}; run again") from error
