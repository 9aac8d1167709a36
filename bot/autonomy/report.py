"""The ladder as people read it in the terminal: each workflow's level and record, what promotion
lacks, and where policy at L3 would have differed from people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.autonomy.shadow import Difference, compare
from bot.autonomy.standing import Standing
from bot.cards.phrases import counted
from policies.engine import LEVEL_MAX, LEVEL_READ_ONLY
from store.autonomy import Earned
from store.model.run import Status

CHANGES_SHOWN_MAX = 10  # newest changes of a level; the ledger has all
DIFFERENCES_SHOWN_MAX = 50  # runs listed in one report
COLUMNS = (
    "workflow", "level", "file", "here", "earned", "asked", "as shown", "changed", "rejected",
    "undone", "by itself", "wrong",
)  # fmt: skip


def table(standings: Iterable[Standing]) -> str:
    """One line a workflow."""
    rows = [COLUMNS, *map(_row, standings)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def whole(standing: Standing) -> str:
    """One workflow: its level and what holds it there, its record, what the next level lacks."""
    return "\n".join(
        [
            f"{standing.workflow.workflow} is at L{standing.level} in {standing.environment}."
            f" Its file permits L{standing.declared}, {standing.environment} L{standing.cap};"
            f" it has earned L{standing.earned}.",
            *_record(standing),
            *_next(standing),
            *_history(standing.history),
        ]
    )


def shadowed(standing: Standing) -> str:
    """Where policy at L3 and people differed, run by run."""
    compared = compare(standing.record)
    name = standing.workflow.workflow
    if not compared.count:
        asked = "its file says shadow: true" if standing.workflow.shadow else "it is not shadowed"
        return f"{name}: no decision of a person to compare with L3; {asked}."
    return "\n".join(
        [
            f"{name}: of {counted(compared.count, 'decision')} by people,"
            f" L3 would have agreed with {compared.agreed}.",
            *_differences(
                "It would have run by itself what people did not want:", compared.unwanted
            ),
            *_differences("It would have asked or refused needlessly:", compared.unneeded),
        ]
    )


def _row(standing: Standing) -> tuple[str, ...]:
    record = standing.record
    return (
        standing.workflow.workflow,
        *(f"L{n}" for n in (standing.level, standing.declared, standing.cap, standing.earned)),
        *(
            str(n)
            for n in (
                len(record.pasts),
                record.count(lambda p: p.is_unchanged),
                record.count(lambda p: p.is_changed),
                record.ended(Status.REJECTED),
                record.count(lambda p: p.is_undone),
                record.count(lambda p: p.is_by_itself),
                record.count(lambda p: p.review is not None and not p.review.is_right),
            )
        ),
    )


def _record(standing: Standing) -> Iterator[str]:
    record = standing.record
    by = f" ({_counted(record.editors)})" if record.editors else ""
    skipped = record.count(lambda p: bool(p.run.proposal and p.run.proposal.skipped))
    yield (
        f"Asked {len(record.pasts)}: approved as shown and applied"
        f" {record.count(lambda p: p.is_unchanged)}, changed by people"
        f" {record.count(lambda p: p.is_changed)}{by}, of them with steps left out {skipped},"
        f" rejected {record.ended(Status.REJECTED)}."
    )
    if record.reasons:
        yield f"Why people objected: {_counted(record.reasons)}."
    yield (
        f"Expired {record.ended(Status.EXPIRED)}, denied {record.ended(Status.DENIED)},"
        f" cancelled {record.ended(Status.CANCELLED)},"
        f" shown again after a change {record.count(lambda p: p.drifts > 0)},"
        f" done in part {record.ended(Status.PARTLY_APPLIED)},"
        f" failed {record.ended(Status.FAILED)}, taken back {record.ended(Status.COMPENSATED)},"
        f" ever unknown or stuck {record.count(lambda p: p.is_lost)}."
    )
    yield (
        f"Ran by itself {record.count(lambda p: p.is_by_itself)}: reviewed as right"
        f" {record.count(lambda p: p.review is not None and p.review.is_right)}, as wrong"
        f" {record.count(lambda p: p.review is not None and not p.review.is_right)},"
        f" awaiting a review {record.count(lambda p: p.is_awaited)}."
    )


def _next(standing: Standing) -> Iterator[str]:
    if standing.declared <= LEVEL_READ_ONLY:
        yield "L1 is written into its file: it has no session that could write."
        return
    to = standing.earned + 1
    if to > LEVEL_MAX:
        yield "There is no higher level."
        return
    lacking = standing.against(to)
    if not lacking:
        name = standing.workflow.workflow
        yield (
            f"Nothing lacks for L{to}. A person promotes it:"
            f' assent autonomy promote {name} --to L{to} --as NAME --because "..."'
        )
        return
    yield f"For L{to} it lacks:"
    yield from (f"- {sentence}" for sentence in lacking)


def _history(history: Sequence[Earned]) -> Iterator[str]:
    if history:
        yield "Its level so far:"
    for earned in history[:CHANGES_SHOWN_MAX]:
        at = f"{earned.at:%Y-%m-%d %H:%M}Z"
        yield f"- {at} L{earned.level}, {_plain(earned.actor)}: {_plain(earned.because)}"


def _differences(head: str, differences: Sequence[Difference]) -> Iterator[str]:
    if differences:
        yield head
    for each in differences[:DIFFERENCES_SHOWN_MAX]:
        yield f"- {each.run_id} {_plain(each.did)}"
    if len(differences) > DIFFERENCES_SHOWN_MAX:
        yield f"- and {len(differences) - DIFFERENCES_SHOWN_MAX} more"


def _counted(words: Sequence[tuple[str, int]]) -> str:
    """ "3 × wrong amount, 1 × too late"."""
    return ", ".join(f"{count} × {_plain(word)}" for word, count in words[:CHANGES_SHOWN_MAX])


def _plain(text: str) -> str:
    """People's words without what would move a terminal's cursor."""
    return text if text.isprintable() else ascii(text)[1:-1]
