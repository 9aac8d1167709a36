"""Records of evaluations as a promotion reads them: what was tested, with what, and what came of
it. The evaluations write them; nothing of theirs is imported here."""

from __future__ import annotations

import operator
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.bundle.installed import Installed
from bot.errors import CommandError
from store.model import canonical

RECORD = "record.json"
_BOUND = re.compile(
    r"(?P<name>[a-z0-9_]+(\[[a-z0-9_-]+\])?)\s*(?P<sign>>=|<=|>|<)\s*\$?(?P<limit>\d+(\.\d+)?)"
    r"(?P<percent>%?)"
)
_HOLDS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
PASSING = ("PASS", "WITHIN NOISE")
AGE_MAX = timedelta(days=30)  # what passed longer ago is measured again
SKEW_MAX = timedelta(minutes=5)  # between the clocks of two machines
RECORDS_MAX = 500  # that are looked through in one folder
BYTES_MAX = 64_000_000  # of one record


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Pinned(_View):
    """What an arm was run with; see evals/keeping/results.py."""

    suite: str
    bundle: str
    connectors: str
    planner: str
    model: str
    code: str


class Candidate(_View):
    """The arm that was tested."""

    label: str
    pins: Pinned


class Figure(_View):
    """One metric of the candidate."""

    name: str
    candidate: float


class _Told(_View):
    format: Literal["assent-eval-1"]
    suite: str
    made_at: datetime
    candidate: Candidate
    baseline: Candidate | None
    metrics: tuple[Figure, ...]
    verdict: str


class EvalRecord(_Told):
    """A record. `digest` is over the file's text; `path` is where it was read."""

    digest: str
    path: Path


def read(path: Path) -> EvalRecord:
    """A record file. Raises CommandError for anything else."""
    try:
        if path.stat().st_size > BYTES_MAX:
            raise CommandError(f"{path} is larger than a record of an evaluation can be")
        text = path.read_text()
        extra = {"digest": canonical.digest({"record": text}), "path": path}
        told = _Told.model_validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise CommandError(f"{path} is no record of agent-eval: {why}") from None
    return EvalRecord(**told.model_dump(), **extra)


def in_folder(folder: Path) -> tuple[EvalRecord, ...]:
    """Every record below a folder, newest first; what is none is left out."""
    found = []
    for path in sorted(folder.rglob(RECORD))[:RECORDS_MAX]:
        try:
            found.append(read(path))
        except CommandError:
            continue
    return tuple(sorted(found, key=lambda record: record.made_at, reverse=True))


def mismatch(record: EvalRecord, digest: str, product: Installed, model: str, now: datetime) -> str:
    """Why a record says nothing of this bundle under this code, or not enough; empty if it does.

    `model` is the one that is to plan where the bundle goes; empty where the rules plan alone.
    """
    pins = record.candidate.pins
    kind, _, planner = pins.planner.partition(":")
    is_model = kind == "claude" and pins.model == model
    wrong = (
        (pins.suite.startswith("partial:"), "only a part of the suite was run"),
        (pins.bundle != digest, f"it tested another bundle ({pins.bundle[:7]})"),
        (pins.connectors != product.connectors, "it ran with other connectors than are installed"),
        (planner != product.planner, "it ran with another planner than is installed"),
        (pins.code != product.code, "it ran with other code than is installed"),
        (
            bool(model) and not is_model,
            f"{model} plans there, and it is of {pins.model or 'the rules alone'}",
        ),
        (not model and kind != "rules", f"the rules plan alone there, and it is of {pins.model}"),
        (record.verdict not in PASSING, f"its verdict is {record.verdict}"),
        (now - record.made_at > AGE_MAX, f"it is older than {AGE_MAX.days} days"),
        (record.made_at > now + SKEW_MAX, "it is dated in the future"),
    )
    return next((why for is_wrong, why in wrong if is_wrong), "")


def uncompared(record: EvalRecord, digest: str) -> str:
    """Why a record does not compare this bundle with another one; empty if it does."""
    if record.baseline is None:
        return "it was compared with no baseline"
    if record.baseline.pins.bundle == digest:
        return "it was compared with this very bundle, which shows nothing"
    return ""


def short_of(record: EvalRecord, thresholds: str) -> str:
    """Which of a suite's own bounds a record does not show to be met, whatever bounds it was made
    with; empty where it shows them all. `thresholds` as in suite.yml: "success_rate>=0.92,..."."""
    if not thresholds:
        return "the suite's own bounds cannot be read from its suite.yml"
    values = {figure.name: figure.candidate for figure in record.metrics}
    for wanted in filter(None, map(str.strip, thresholds.split(","))):
        bound = _BOUND.fullmatch(wanted)
        if bound is None:
            return f"the suite's bound {wanted!r} cannot be read"
        value = values.get(bound["name"])
        if value is None:
            return f"it does not measure {bound['name']}, for which the suite asks {wanted}"
        limit = float(bound["limit"]) / (100 if bound["percent"] else 1)
        if not _HOLDS[bound["sign"]](value, limit):
            return f"its {bound['name']} is {value:g}, and the suite asks {wanted}"
    return ""
