"""Expectations that no run can meet, or that say two things."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases.case import Case, SuiteFile
from evals.graders.approvals import PEOPLE
from evals.graders.matching import is_such
from evals.linting.remark import Sheet
from evals.stories.trace import Wrote
from policies.document import Path
from store.model.run import WRITTEN, Status

# After these nothing stands.
UNWRITTEN = frozenset(
    {
        Status.ASKING,
        Status.WAITING,
        Status.RECEIVED,
        Status.REJECTED,
        Status.DENIED,
        Status.EXPIRED,
        Status.CANCELLED,
        Status.COMPENSATED,
        Status.FAILED,
    }
)
BEGUN = frozenset({*WRITTEN, Status.COMPENSATED, Status.UNKNOWN, Status.STUCK})
OPEN_QUESTION = frozenset({Status.ASKING, Status.EXPIRED, Status.CANCELLED})

Found = Iterator[tuple[Path, str]]


def contradictions(sheet: Sheet) -> None:
    """What a case expects fits together and fits its acts."""
    for case in sheet.suite.cases:
        checks = (_writes(case), _questions(case), _approvals(case, sheet.suite.file))
        for found in checks:
            for path, message in found:
                sheet.problem(case, path, message)


def _writes(case: Case) -> Found:
    expect, writes = case.expect, case.expect.writes
    is_told_otherwise = expect.undone or expect.state  # it ended by itself, it stood so before
    if expect.outcome in WRITTEN and not writes and not is_told_otherwise:
        yield ("expect", "outcome"), f"{expect.outcome}, and no writes are expected; list them"
    if expect.outcome in UNWRITTEN and writes:
        yield ("expect", "writes"), f"writes stand, and the outcome is {expect.outcome}"
    if expect.outcome in WRITTEN and expect.plan is not None:
        proposed = set(expect.plan)
        for index, write in enumerate(writes):
            for operation in write.keys() - proposed:
                yield ("expect", "writes", index), f"{operation} is no operation of the plan"
    if expect.outcome is Status.ASKING and expect.plan:
        yield ("expect", "plan"), "a run that asks has no plan yet"
    for index, write in enumerate(writes):
        wrote = [Wrote(operation=op, values=v, is_undone=False) for op, v in write.items()]
        for forbidden in expect.never:
            if any(is_such(forbidden, each) for each in wrote):
                yield ("expect", "writes", index), "this write must be, and must never be"
                break


def _questions(case: Case) -> Found:
    if case.expect.asks is None:
        return
    asked, outcome = len(case.expect.asks), case.expect.outcome
    answered = sum(act.verb == "answer" and not act.refused for act in case.then)
    if outcome is Status.ASKING and not asked:
        yield ("expect", "asks"), "the run asks in the end, and nothing is asked for"
    if asked > answered + (outcome in OPEN_QUESTION):
        message = f"{asked} questions and {answered} answers; it would still be asking"
        yield ("expect", "asks"), message


def _approvals(case: Case, file: SuiteFile) -> Found:
    expect, requester = case.expect, case.by or file.requester
    approving = []
    for index, act in enumerate(case.then):
        if act.approve is None or act.refused:
            continue
        approving.append(act.approve)
        if act.approve == requester:
            message = (
                f"{requester} asks and approves; write refused: true, a requester never counts"
            )
            yield ("then", index, "approve"), message
    for index, who in enumerate(expect.approved_by or ()):
        if who not in approving:
            yield ("expect", "approved_by", index), f"{who} approves nothing in this case"
    if expect.outcome not in BEGUN:
        return
    if not approving and file.autonomy == "L2":
        yield (
            ("expect", "outcome"),
            f"{expect.outcome}, and nobody approves; every write is approved",
        )
        return
    wanted = expect.approvals or {}
    places = sum(count for who, count in wanted.items() if who != PEOPLE)
    if max(places, wanted.get(PEOPLE, 0)) > len(set(approving)):
        message = f"more approvals are wanted than the {len(set(approving))} that are given"
        yield ("expect", "approvals"), message
