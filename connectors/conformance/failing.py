"""Promises about failure: every fault is an error of the tree, and what it left is found out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.conformance.case import Case, raises, unchanged
from connectors.conformance.world import FaultedCall, FaultKind, expect
from connectors.credentials import Environment
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.opening import opened

# A call that writes nothing cannot have an unknown outcome.
READING_ERRORS: Mapping[FaultKind, type[ConnectorError]] = {
    "time_out_before_write": Unavailable,
    "refuse": Rejected,
    "rate_limit": Unavailable,
    "unavailable": Unavailable,
    "lose_permission": Rejected,
}
WRITING_ERRORS: Mapping[FaultKind, type[ConnectorError]] = {
    **READING_ERRORS,
    "time_out_before_write": OutcomeUnknown,
}
EXPIRED = datetime(2000, 1, 1, tzinfo=UTC)


def check_faults_of_reading(case: Case) -> None:
    """Whatever goes wrong while reading or looking up is of the tree, and changes nothing."""
    before = case.read(case.params)
    calls: tuple[tuple[FaultedCall, Callable[[], object]], ...] = (
        ("read", lambda: case.read(case.params)),
        ("lookup", lambda: case.lookup(case.params, "key")),
    )
    for call, act in calls:
        for kind, expected in READING_ERRORS.items():
            case.arm(kind, call)
            with unchanged(case, f"{kind} on {call}"), raises(expected, f"{kind} on {call}"):
                act()
    expect(case.read(case.params) == before, "after the faults it reads differently")


def check_faults_of_writing(case: Case) -> None:
    """Whatever goes wrong before the write is of the tree, writes nothing, and can be repeated."""
    before = case.read(case.params)
    for kind, expected in WRITING_ERRORS.items():
        case.arm(kind, "execute")
        with (
            unchanged(case, f"{kind} on execute"),
            raises(expected, f"{kind} on execute") as caught,
        ):
            case.execute(case.params, before, "key")
        if kind == "rate_limit" and isinstance(caught[0], Unavailable):
            expect(caught[0].retry_after_seconds is not None, "a rate limit says no time to wait")
        expect(case.lookup(case.params, "key") is None, f"after {kind} the key is found")
    case.arm("slow", "execute")
    result = case.execute(case.params, before, "key")
    expect(not result.is_replay, "a write that had not happened is answered as a replay")


def check_time_out_after_write(case: Case) -> None:
    """A write whose answer was lost is found under its key, and is not made again."""
    before = case.read(case.params)
    expect(case.lookup(case.params, "key") is None, "a key is found before it was used")
    case.arm("time_out_after_write", "execute")
    with raises(OutcomeUnknown, "a time-out after the write"):
        case.execute(case.params, before, "key")
    with unchanged(case, "finding out and asking again"):
        found = case.lookup(case.params, "key")
        again = case.execute(case.params, before, "key")
    expect(found is not None, "the write is not found under its key")
    expect(found == again, "the look-up and the second call answer differently")
    expect(found is not None and found.is_replay, "a look-up's answer is a replay")
    predicted = {**before.fields, **case.operation.preview(case.params, before)}
    expect(case.read(case.params).fields == predicted, "it was not written exactly once")


def check_faults_of_compensate(case: Case) -> None:
    """Taking back fails as cleanly as writing, and can be tried again under its key."""
    before = case.read(case.params)
    result = case.execute(case.params, before, "do")
    has_keys = case.operation.remembers != "state"
    for kind, expected in WRITING_ERRORS.items():
        case.arm(kind, "compensate")
        when = f"{kind} on compensate"
        with unchanged(case, when), raises(expected, when):
            case.compensate(case.params, before, result, "undo")
        if has_keys:
            expect(case.lookup(case.params, "undo") is None, f"after {kind} the key is found")
    case.arm("time_out_after_write", "compensate")
    with raises(OutcomeUnknown, "a time-out after taking back"):
        case.compensate(case.params, before, result, "undo")
    if has_keys:
        expect(case.lookup(case.params, "undo") is not None, "the taking back is not found")
    with unchanged(case, "taking back again"):
        again = case.compensate(case.params, before, result, "undo")
    expect(again.is_replay, "taking back again is no replay")
    expect(case.read(case.params).fields == before.fields, "what was read is not restored")


def check_system_away(case: Case) -> None:
    """A system that is gone is Unavailable, from the opening of the session on."""
    before = case.read(case.params)
    case.world.unplug(case.address)
    with raises(Unavailable, "reading without the system"):
        case.read(case.params)
    with raises(Unavailable, "writing without the system"):
        case.execute(case.params, before, "key")
    with raises(Unavailable, "looking up without the system"):
        case.lookup(case.params, "key")


def check_credentials(case: Case) -> None:
    """A wrong secret, account or time opens no session, and no secret is said."""
    good = case.writer()
    bad = (
        replace(good, secret=f"{good.secret}x"),
        replace(good, secret=""),
        replace(good, account="nobody"),
        replace(good, expires_at=EXPIRED),
    )
    for credential in bad:
        with (
            raises(Rejected, "opening with a bad credential") as caught,
            opened(case.connector, credential) as session,
        ):
            case.operation.read(session, case.params)
        said = f"{caught[0]} {caught[0].__cause__!r} {credential!r}"
        expect(good.secret not in said, "an error or a repr shows the secret")


def check_environment(case: Case) -> None:
    """The account of a sandbox opens nothing as one of production, nor the other way round."""
    good = case.writer()
    turned: Environment = "sandbox" if good.environment == "production" else "production"
    with (
        raises(Rejected, "opening in the other environment"),
        opened(case.connector, replace(good, environment=turned)) as session,
    ):
        case.operation.read(session, case.params)
