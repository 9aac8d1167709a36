"""The daily report as a card: what was done, what waits, what it saved and cost. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.cards.model import Badge, Card, Strong, Tone, Words
from bot.cards.phrases import cost, counted, dollars, joined, spaced, span
from store.model.values import format_money

REJECTIONS_MAX = 5
WAITING_MAX = 8
HOUR_SECONDS = 3_600  # from here on saved time is said in hours


NOT_SIGNED = "LEDGER NOT SIGNED"  # begins the words that stand where a checkpoint should


@dataclass(frozen=True)
class WorkflowTotal:
    """How many runs of one workflow ended in each outcome ("applied", "rejected", ...)."""

    title: str
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class Returned:
    """Money given back in one currency, in minor units."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Rejection:
    """A reason that people gave, and how often."""

    reason: str
    count: int


@dataclass(frozen=True)
class Waiting:
    """A run that waits for somebody. `for_whom` are names or roles."""

    run_id: str
    title: str
    status: str
    for_whom: tuple[str, ...]
    since: datetime


@dataclass(frozen=True)
class Saved:
    """Time saved against one workflow's baseline, which was measured at `measured` ("2026-10")."""

    seconds: int
    baseline_minutes: int
    unit: str
    measured: str


@dataclass(frozen=True)
class DigestReport:
    """One channel's day. Medians are seconds, None where nothing settled; costs are micro-USD.

    `estimate_micro_usd` of the cost is the most that it can be. `budget_micro_usd` is None where
    no budget is declared; `ledger_hash` is the tree head in full; `checkpoint` is the signed note
    over it, empty in a report on demand; `refused_bundle` says why the present content of the
    bundle's folder is not in force, where it is not. `by_itself` counts the day's runs that nobody
    was asked about, `to_review` all whose review is owed.
    """

    title: str
    day: date
    ledger_seq: int | None
    ledger_hash: str
    totals: tuple[WorkflowTotal, ...]
    returned: tuple[Returned, ...]
    rejections: tuple[Rejection, ...]
    waiting: tuple[Waiting, ...]
    median_seconds: float | None
    median_waiting_seconds: float | None
    stepped_in: int
    saved: tuple[Saved, ...]
    cost_micro_usd: int
    tasks: int
    budget_micro_usd: int | None
    now: datetime
    checkpoint: str = ""
    refused_bundle: str = ""
    by_itself: int = 0
    to_review: int = 0
    estimate_micro_usd: int = 0


def digest_card(report: DigestReport) -> Card:
    """The report as a card without buttons."""
    completed = _count(report, "applied")
    asked = sum(sum(total.outcomes.values()) for total in report.totals) + len(report.waiting)
    day = f"{report.day:%A} {report.day.day} {report.day:%B}"
    facts = (
        _headline(report, completed, asked),
        *_workflows(report),
        *_money(report),
        *_time(report),
        *_people(report),
        *_by_itself(report),
        *_savings(report),
        _costs(report),
        *_waiting(report),
        *_refused(report),
    )
    return Card(
        title=f"{report.title} · {day}",
        badge=Badge("", Tone.QUIET),
        fallback=f"{report.title}, {day}: {completed} of {asked} requests completed",
        now=report.now,
        facts=facts,
        footer=(_ledger(report), *_checkpoint(report)),
    )


def _count(report: DigestReport, outcome: str) -> int:
    return sum(total.outcomes.get(outcome, 0) for total in report.totals)


def _headline(report: DigestReport, completed: int, asked: int) -> Words:
    if not asked:
        return ("Nothing was asked for.",)
    outcomes: dict[str, int] = {}
    for total in report.totals:
        for outcome, count in total.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    others = [
        f"{count} {outcome}"
        for outcome, count in outcomes.items()
        if outcome != "applied" and count
    ]
    waiting = [f"{len(report.waiting)} waiting"] if report.waiting else []
    return (
        Strong(f"{completed} of {counted(asked, 'request')} completed"),
        "".join(f" · {part}" for part in (*others, *waiting)),
    )


def _workflows(report: DigestReport) -> tuple[Words, ...]:
    done = [
        f"{total.title}: {total.outcomes['applied']}"
        for total in report.totals
        if total.outcomes.get("applied")
    ]
    return ((" · ".join(done),),) if done else ()


def _money(report: DigestReport) -> tuple[Words, ...]:
    if not report.returned:
        return ()
    return ((f"{joined([format_money(r.minor, r.currency) for r in report.returned])} returned",),)


def _time(report: DigestReport) -> tuple[Words, ...]:
    if report.median_seconds is None:
        return ()
    text = f"Time: median {span(timedelta(seconds=report.median_seconds))} from ask to done"
    if report.median_waiting_seconds is not None:
        wait = span(timedelta(seconds=report.median_waiting_seconds))
        text += f", of it {wait} waiting for people"
    return ((text,),)


def _people(report: DigestReport) -> tuple[Words, ...]:
    if not report.stepped_in:
        return ()
    reasons = [
        f"{rejection.count} × “{rejection.reason}”"
        for rejection in report.rejections[:REJECTIONS_MAX]
    ]
    about = f": {', '.join(reasons)}" if reasons else ""
    return ((f"People stepped in {counted(report.stepped_in, 'time')}{about}",),)


def _by_itself(report: DigestReport) -> tuple[Words, ...]:
    if not report.by_itself and not report.to_review:
        return ()
    owed = f", {report.to_review} await review" if report.to_review else ""
    return ((f"Ran by itself: {counted(report.by_itself, 'request')}{owed}",),)


def _savings(report: DigestReport) -> tuple[Words, ...]:
    seconds = sum(saved.seconds for saved in report.saved)
    if not report.saved:
        return ()
    baselines = joined(
        [f"{s.baseline_minutes} min a {s.unit} (measured {s.measured})" for s in report.saved]
    )
    saved = f"{seconds / 3_600:.1f} h" if seconds >= HOUR_SECONDS else f"{round(seconds / 60)} min"
    return ((f"Saved about {saved} against the baseline of {baselines}",),)


def _costs(report: DigestReport) -> Words:
    estimate = report.estimate_micro_usd
    each = ""
    if report.tasks:
        each = f", {cost(report.cost_micro_usd // report.tasks, estimate)} a task"
    budget = report.budget_micro_usd
    of = f" (budget {dollars(budget)})" if budget is not None else ""
    return (f"Cost {cost(report.cost_micro_usd, estimate)}{each}{of}",)


def _waiting(report: DigestReport) -> tuple[Words, ...]:
    lines: list[Words] = [
        (
            Strong(f"{item.run_id} "),
            f"{item.title}: {_stands(item)} for {span(report.now - item.since)}",
        )
        for item in report.waiting[:WAITING_MAX]
    ]
    if len(report.waiting) > WAITING_MAX:
        lines.append((f"{len(report.waiting) - WAITING_MAX} more are waiting",))
    return tuple(lines)


def _refused(report: DigestReport) -> tuple[Words, ...]:
    return ((Strong(report.refused_bundle),),) if report.refused_bundle else ()


def _stands(item: Waiting) -> str:
    whom = joined([spaced(name) for name in item.for_whom])
    if item.status == "waiting":
        return f"waiting for {whom}"
    return f"{item.status}, {whom} to decide" if whom else item.status


def _ledger(report: DigestReport) -> Words:
    if report.ledger_seq is None:
        return ("ledger is empty",)
    return (f"ledger head {report.ledger_seq:,} · {report.ledger_hash[:12]}",)


def _checkpoint(report: DigestReport) -> tuple[Words, ...]:
    """The whole note, so that a copy of it stands where the database's owner cannot change it."""
    if report.checkpoint.startswith(NOT_SIGNED):
        return ((Strong(report.checkpoint),),)
    return (("signed checkpoint\n" + report.checkpoint.strip(),),) if report.checkpoint else ()
