"""`agent-eval compare`: two records that were kept, judged against each other."""

from __future__ import annotations

from pathlib import Path

from evals.errors import RecordError
from evals.keeping import records
from evals.keeping.results import Record
from evals.reports import printed
from evals.running.gating import Order, record


def against(order: Order, candidate: Path, baseline: Path) -> tuple[str, Record]:
    """The text and the judgement: the candidates of both records, the second as the baseline."""
    ours, theirs = records.read(candidate), records.read(baseline)
    for each, path in ((ours, candidate), (theirs, baseline)):
        if each.suite != order.suite.name:
            raise RecordError(f"{path} is a record of {each.suite}, not of {order.suite.name}")
    judged = record(order, ours.candidate, theirs.candidate)
    folder = candidate if candidate.is_dir() else candidate.parent
    traces = records.ordered(records.traces_of(candidate))
    return "\n\n".join((printed.head(judged), printed.body(judged, traces, folder))), judged
