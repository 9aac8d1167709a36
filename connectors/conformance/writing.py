"""Promises about writing: as predicted, once under a key, only on the record that was read."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TypeVar

from connectors.conformance.case import Case, raises, unchanged
from connectors.conformance.world import NonconformingError, expect
from connectors.errors import Conflict, ConnectorError, Rejected
from connectors.opening import opened
from connectors.operation import Irreversible, Result, Snapshot

THREADS = 6  # that call at the same moment
T = TypeVar("T")

WAIT_SECONDS = 30.0  # for threads that should take milliseconds


def check_scopes_are_enforced(case: Case) -> None:
    """Without any one of the declared scopes nothing is written, and the scope is named."""
    before = case.read(case.params)
    for scope in sorted(case.operation.scopes):
        writer = case.writer()
        narrowed = replace(writer, scopes=writer.scopes - {scope})
        with unchanged(case, f"execute without {scope}"):  # noqa: SIM117 - one line is too long
            with raises(Rejected, f"execute without {scope}") as caught:
                with opened(case.connector, narrowed) as session:
                    case.operation.execute(session, case.params, before, "no-scope")
        expect(scope in str(caught[0]), f"the refusal does not name {scope}")
    with unchanged(case, "execute as a reader"), raises(Rejected, "execute as a reader"):  # noqa: SIM117
        with opened(case.connector, case.world.reader(case.address)) as session:
            case.operation.execute(session, case.params, before, "no-scope")


def check_preview_comes_true(case: Case) -> None:
    """What is observed after execute is what preview said, for both samples."""
    samples = (("one", case.params), ("two", case.other))
    for key, params in ((k, p) for k, p in samples if p is not None):
        before = case.read(params)
        predicted = {**before.fields, **case.operation.preview(params, before)}
        result = case.execute(params, before, key)
        after = case.read(params)
        expect(dict(after.fields) == predicted, f"predicted {predicted}, observed {after.fields}")
        expect(result.version == after.version, "the result names another version")
        expect(result.version != before.version, "a write left the version as it was")
        expect(bool(result.reference) and not result.is_replay, "the first answer is no replay")
        expect(result.cost_micro_usd >= 0, "a cost is not negative")
        if not case.sample.is_final:
            case.compensate(params, before, result, f"{key}-back")


def check_same_key_writes_once(case: Case) -> None:
    """The second call under a key gets the first answer, whatever the record became meanwhile."""
    before = case.read(case.params)
    first = case.execute(case.params, before, "key")
    with unchanged(case, "a second execute under the same key"):
        second = case.execute(case.params, before, "key")
        if case.operation.remembers != "state":  # there a record that is so already is refused
            third = case.execute(case.params, case.read(case.params), "key")
            expect(third.is_replay, "the answer after a new reading does not say it is a replay")
    expect(second.is_replay, "a second answer does not say it is a replay")
    expect(
        second.reference == first.reference and second.version == first.version,
        "the second answer is not the first one",
    )


def check_same_key_writes_once_at_once(case: Case) -> None:
    """The same, called by several threads at the same moment."""
    before = case.read(case.params)
    predicted = {**before.fields, **case.operation.preview(case.params, before)}
    answers = _at_once(lambda _: case.execute(case.params, before, "key"))
    if case.is_strict_at_once:
        expect(sum(not a.is_replay for a in answers) == 1, "not exactly one call wrote")
    expect(len({a.reference for a in answers}) == 1, "the answers have different references")
    expect(dict(case.read(case.params).fields) == predicted, "it was written more than once")


def check_key_belongs_to_one_call(case: Case) -> None:
    """A key that was used is refused for other parameters and for taking back."""
    before = case.read(case.params)
    result = case.execute(case.params, before, "key")
    other = case.other
    with unchanged(case, "a used key"):
        if other is not None:
            with raises(Rejected, "the same key with other parameters"):
                case.execute(other, case.read(other), "key")
        with raises(Rejected, "the key of the write used to take it back"):
            case.compensate(case.params, before, result, "key")


def check_stale_version_conflicts(case: Case) -> None:
    """A record that changed since it was read is not written."""
    before = case.read(case.params)
    if case.world.disturb is not None:
        case.world.disturb(case.address, case.operation.name)
        with unchanged(case, "a stale write"), raises(Conflict, "a write after another's"):
            case.execute(case.params, before, "other's")
        before = case.read(case.params)
    other = case.other
    expect(other is not None or case.world.disturb is not None, "give `other` or `disturb`")
    if other is None:
        return
    case.execute(case.params, before, "first")
    with unchanged(case, "a stale write"), raises(Conflict, "a stale write"):
        case.execute(other, before, "second")
    with unchanged(case, "the same write again"):
        _expect_same_write_again(case, before)


def check_one_of_many_wins(case: Case) -> None:
    """Of several writes at the same moment, each with a key of its own, one wins."""
    before = case.read(case.params)
    predicted = {**before.fields, **case.operation.preview(case.params, before)}

    def write(index: int) -> Result | None:
        try:
            return case.execute(case.params, before, f"key-{index}")
        except Conflict:
            return None

    answers = _at_once(write)
    won = [answer for answer in answers if answer is not None and not answer.is_replay]
    if case.operation.remembers != "state":
        expect(not any(a is not None and a.is_replay for a in answers), "a replay of no call")
    expect(len(won) == 1, f"{len(won)} writes won, one may")
    expect(dict(case.read(case.params).fields) == predicted, "it was written more than once")


def check_compensate_restores(case: Case) -> None:
    """Taking back brings back what was read, once under its key and never twice."""
    before = case.read(case.params)
    result = case.execute(case.params, before, "do")
    taken_back = case.compensate(case.params, before, result, "undo")
    after = case.read(case.params)
    expect(after.fields == before.fields, f"was {before.fields}, came back as {after.fields}")
    expect(after.version == taken_back.version, "the result names another version")
    expect(after.version != result.version, "the version did not move on")
    if case.operation.guard.kind == "compared":
        expect(after.version != before.version, "the version went back")
    with unchanged(case, "taking back under the same key"):
        again = case.compensate(case.params, before, result, "undo")
    expect(again.is_replay and again.reference == taken_back.reference, "no replay of the first")
    with unchanged(case, "taking back twice"):
        _expect_nothing_to_take_back(case, before, result, "undo-2")


def check_compensate_at_once(case: Case) -> None:
    """Several threads that take back under the same key take back once."""
    before = case.read(case.params)
    result = case.execute(case.params, before, "do")
    answers = _at_once(lambda _: case.compensate(case.params, before, result, "undo"))
    if case.is_strict_at_once:
        expect(sum(not a.is_replay for a in answers) == 1, "not exactly one call took it back")
    expect(case.read(case.params).fields == before.fields, "it was taken back more than once")


def check_compensate_wants_a_write(case: Case) -> None:
    """A write that never was cannot be taken back."""
    before = case.read(case.params)
    with unchanged(case, "taking back nothing"):
        _expect_nothing_to_take_back(case, before, Result("never-was", before.version), "undo")


def check_undo_is_honest(case: Case) -> None:
    """What is said to be irreversible is refused when it should be taken back."""
    expect(case.sample.final is not None, "the world has no `final` sample")
    params = case.typed(case.sample.final or {})
    before = case.read(params)
    result = case.execute(params, before, "do")
    said = case.operation.undo(params, case.read(params))
    expect(isinstance(said, Irreversible), "after the write it is said to be reversible")
    with unchanged(case, "taking back the irreversible"), raises(Rejected, "the irreversible"):
        case.compensate(params, before, result, "undo")


def _expect_same_write_again(case: Case, before: Snapshot) -> None:
    """Under a key of its own: a record that is already so counts as written where it is all that
    the system remembers; anything else is stale."""
    if case.operation.remembers == "state":
        answer = case.execute(case.params, before, "third")
        expect(answer.is_replay, "the same write again is no replay")
        return
    with raises(Conflict, "the same write again"):
        case.execute(case.params, before, "third")


def _expect_nothing_to_take_back(case: Case, before: Snapshot, result: Result, key: str) -> None:
    """Refused; or, where the record is all that the system remembers, found to be so already."""
    if case.operation.remembers != "state":
        with raises(Rejected, "taking back nothing"):
            case.compensate(case.params, before, result, key)
        return
    try:
        answer = case.compensate(case.params, before, result, key)
    except Rejected:
        return
    expect(answer.is_replay, "nothing was taken back, and it is no replay")


def _at_once(call: Callable[[int], T]) -> list[T]:
    start = Barrier(THREADS, timeout=WAIT_SECONDS)

    def wait_and_call(index: int) -> T:
        start.wait()
        try:
            return call(index)
        except ConnectorError as error:
            raise NonconformingError(f"one of {THREADS} calls at once failed: {error!r}") from error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(wait_and_call, range(THREADS), timeout=WAIT_SECONDS))
