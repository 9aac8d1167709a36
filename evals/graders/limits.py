"""What it took: calls, money and time, where the case bounds them."""

from __future__ import annotations

from decimal import Decimal

from evals.cases.case import Case
from evals.keeping.results import Grade
from evals.stories.trace import Trace

MICRO_USD = 1_000_000  # in one US dollar


def tool_calls(case: Case, trace: Trace) -> Grade | None:
    """Calls of connectors, reads included."""
    most = case.expect.tool_calls_max
    if most is None:
        return None
    why = f"{trace.tool_calls} calls, {most} at most" if trace.tool_calls > most else ""
    return Grade(grader="tool_calls", passed=not why, why=why)


def cost(case: Case, trace: Trace) -> Grade | None:
    """Calls of connectors and of a model, in US dollars."""
    most = case.expect.cost_usd_max
    if most is None:
        return None
    cost_usd = Decimal(trace.cost_micro_usd) / MICRO_USD
    why = f"${cost_usd:f}, ${most} at most" if cost_usd > Decimal(most) else ""
    return Grade(grader="cost", passed=not why, why=why)


def latency(case: Case, trace: Trace) -> Grade | None:
    """Time that Assent itself took by the story's clock, without the waiting for people."""
    most = case.expect.seconds_max
    if most is None:
        return None
    seconds = trace.latency_milliseconds / 1000
    why = f"{seconds:g} s, {most} s at most" if seconds > most else ""
    return Grade(grader="latency", passed=not why, why=why)
