"""Promises that hold otherwise where a record is read again, or is all that is remembered: each is
broken once by hand, and its check must see it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from connectors import registry
from connectors.conformance import failing, reading, writing
from connectors.conformance.case import Case
from connectors.conformance.world import NonconformingError, world
from connectors.errors import Conflict, Rejected
from connectors.operation import Result, Reversible
from connectors.stripe import stripe_cancel_payment, stripe_refund, stripe_set_metadata

pytestmark = pytest.mark.slow

NOTE = stripe_set_metadata.OPERATION
REFUND = stripe_refund.OPERATION
CANCEL = stripe_cancel_payment.OPERATION


def whatever_was_read(operation):
    """No comparing: the record is taken as it is now."""

    def execute(session, params, before, key):
        del before
        return operation.execute(session, params, operation.read(session, params), key)

    return replace(operation, execute=execute)


def never_a_replay(operation):
    def execute(session, params, before, key):
        return replace(operation.execute(session, params, before, key), is_replay=False)

    return replace(operation, execute=execute)


def new_key_each_time(session, params, before, key):
    del before
    return REFUND.execute(session, params, REFUND.read(session, params), f"{key}-{next(NUMBERS)}")


NUMBERS = itertools.count()


def conflict_without_a_second_look(session, params, before, key):
    """The same call was quicker, and it is not asked whether it was."""
    if REFUND.read(session, params) != before:
        raise Conflict("it is not as it was read")
    return REFUND.execute(session, params, before, key)


def takes_back_for_ever(session, params, before, result, key):
    done = NOTE.compensate(session, params, before, result, key)
    return replace(done, is_replay=False)


def takes_back_nothing(session, params, before, result, key):
    del session, params, before, key
    return result


def takes_back_the_final(session, params, before, result, key):
    del session, params, before, key
    return replace(result, reference="re_back")


def lookup_sees_every_write(session, params, key):
    del key
    found = NOTE.lookup(session, params, "")
    return found or Result(f"{params.customer}/{params.key}", "1", is_replay=True)


BROKEN = [
    (writing.check_stale_version_conflicts, whatever_was_read(NOTE)),
    (writing.check_stale_version_conflicts, whatever_was_read(REFUND)),
    (writing.check_stale_version_conflicts, whatever_was_read(CANCEL)),
    (writing.check_same_key_writes_once, never_a_replay(NOTE)),
    (writing.check_same_key_writes_once, replace(REFUND, execute=new_key_each_time)),
    (writing.check_same_key_writes_once_at_once, replace(REFUND, execute=new_key_each_time)),
    (
        writing.check_same_key_writes_once,
        replace(REFUND, execute=conflict_without_a_second_look),
    ),
    (writing.check_compensate_restores, replace(NOTE, compensate=takes_back_for_ever)),
    (writing.check_compensate_restores, replace(NOTE, compensate=takes_back_nothing)),
    (writing.check_compensate_wants_a_write, replace(NOTE, compensate=takes_back_for_ever)),
    (writing.check_undo_is_honest, replace(REFUND, compensate=takes_back_the_final)),
    (reading.check_undo_is_declared, replace(REFUND, undo=lambda *_: Reversible("for ever"))),
    (failing.check_faults_of_writing, replace(NOTE, lookup=lookup_sees_every_write)),
    (failing.check_faults_of_compensate, replace(NOTE, compensate=takes_back_for_ever)),
]


@pytest.mark.parametrize(
    ("check", "operation"), BROKEN, ids=[f"{c.__name__}-{i}" for i, (c, _) in enumerate(BROKEN)]
)
def test_broken_operation_is_seen(check, operation, tmp_path):
    its_world = world("stripe")
    case = Case(registry.connector("stripe"), operation, its_world, its_world.fresh(tmp_path))
    with pytest.raises((NonconformingError, Conflict, Rejected)):
        check(case)
