"""`agent-eval run`: both arms carried out, judged, kept and told."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evals.errors import RecordError
from evals.keeping import baselines, records
from evals.keeping.results import EXIT_CODES, Arm, Record, Verdict
from evals.reports import printed
from evals.running.arms import Artefact, Resolver, Runner
from evals.running.gating import Order, run

BLESSED = "blessed"
NONE = "none"
PART_DIGITS = 8  # in a folder's name; enough to tell the parts that somebody runs
AGAINST_BASELINE = frozenset({Verdict.REGRESSED, Verdict.SUSPECT})


@dataclass(frozen=True)
class Asked:
    """What is compared with what, and where it is kept. `baseline` None: blessed, if there is.

    `model` is who was asked for to answer instead of the candidate's own, live if `is_live`.
    """

    candidate: str
    baseline: str | None
    out: Path
    baselines: Path
    fails_on_regression: bool
    model: str = ""
    is_live: bool = False


@dataclass(frozen=True)
class Done:
    """A finished run: its text, its exit code and where it is kept."""

    text: str
    exit_code: int
    folder: Path
    record: Record
    traces: tuple[records.Traced, ...]


def carry_out(order: Order, asked: Asked, resolve: Resolver, runner: Runner) -> Done:
    """Run the gate. Raises EvalError where an arm, or a blessed baseline, cannot be found."""
    with ExitStack() as stack:
        candidate = stack.enter_context(resolve(asked.candidate, order.suite, order.seed))
        baseline = _baseline(order, asked, resolve, stack)
        record, traces = run(order, candidate, baseline, runner)
    ordered = records.ordered(traces)
    how = _how(asked, record)
    folder = records.folder_of(asked.out, record.suite, record.candidate.label, *how)
    path = records.write(folder, record, ordered)
    parts = (
        printed.head(record),
        printed.body(record, ordered, folder),
        _as_here(candidate, baseline),
        f"record {path}",
    )
    text = "\n\n".join(filter(None, parts))
    return Done(
        text,
        exit_code(record.verdict, fails_on_regression=asked.fails_on_regression),
        folder,
        record,
        ordered,
    )


def _as_here(*arms: Artefact | Arm | None) -> str:
    """Which arms were named by a commit for nothing: whoever did expected a difference."""
    same = [arm.label for arm in arms if isinstance(arm, Artefact) and arm.is_as_here]
    kinds = {label: f"{label.partition('@')[0]}@working" for label in same}
    return "\n".join(f"note: {label} is the same as {here}" for label, here in kinds.items())


def _how(asked: Asked, record: Record) -> tuple[str, ...]:
    """What tells this run from the usual one of the candidate, in words for a folder's name."""
    part = f"part-{record.candidate.pins.part[:PART_DIGITS]}" if record.is_partial else ""
    return tuple(filter(None, (asked.model, "live" if asked.is_live else "", part)))


def exit_code(verdict: Verdict, *, fails_on_regression: bool) -> int:
    """0 for a regression, or the suspicion of one, that is not asked to fail; it is told anyway."""
    if verdict in AGAINST_BASELINE and not fails_on_regression:
        return 0
    return EXIT_CODES[verdict]


def _baseline(
    order: Order, asked: Asked, resolve: Resolver, stack: ExitStack
) -> Artefact | Arm | None:
    if asked.baseline == NONE:
        return None
    if asked.baseline not in {None, BLESSED}:
        return stack.enter_context(resolve(asked.baseline or "", order.suite, order.seed))
    blessed = baselines.load(order.suite.name, asked.baselines)
    if blessed is None and asked.baseline == BLESSED:
        raise RecordError(
            f"no baseline of {order.suite.name} is blessed in {asked.baselines}; run with "
            "--baseline none, then `agent-eval bless` its record"
        )
    return blessed.arm if blessed else None
