"""Each promise of the suite is broken once by hand, and its check must see it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from connectors import registry
from connectors.conformance import failing, finding, reading, writing
from connectors.conformance.case import Case
from connectors.conformance.finding import FinderCase
from connectors.conformance.world import NonconformingError, world
from connectors.desk import conformance, payments_refund
from connectors.desk.engines import service_engine
from connectors.errors import Conflict, OutcomeUnknown, Rejected, Unavailable
from connectors.operation import Identity, Irreversible, Operation, Params, Result, Reversible

REFUND = payments_refund.OPERATION


def behind(session, statement, **values):
    """Something that an honest operation would not do."""
    with service_engine(session.address).begin() as connection:
        connection.execute(text(statement), values)


class LooseParams(Params):
    payment: str
    amount: payments_refund.Money
    reason: str


class LenientMoney(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    minor: int
    currency: str


class LenientParams(Params):
    payment: payments_refund.Identifier
    amount: LenientMoney
    reason: payments_refund.Text


def reads_and_writes(session, params):
    behind(session, "UPDATE customers SET email = email || 'x' WHERE id = 'cus_acme'")
    return REFUND.read(session, params)


def reads_a_float(session, params):
    snapshot = REFUND.read(session, params)
    return replace(snapshot, about={**snapshot.about, "share": 0.5})


def preview_mutates(params, before):
    before.about["seen"] = True
    return REFUND.preview(params, before)


def preview_forgets_status(params, before):
    return {"refunded": REFUND.preview(params, before)["refunded"]}


def preview_allows_too_much(params, before):
    try:
        return REFUND.preview(params, before)
    except Rejected:
        return {"status": "refunded"}


def facts_forget(params, before):
    facts = dict(REFUND.facts(params, before))
    del facts["customer.id"]
    return facts


def facts_with(name, value):
    return lambda params, before: {**REFUND.facts(params, before), name: value}


def executes_whatever_key(session, params, before, key):
    """No idempotency: every call is a new write."""
    executes_whatever_key.calls += 1
    fresh_key = f"{key}-{executes_whatever_key.calls}"
    return REFUND.execute(session, params, REFUND.read(session, params), fresh_key)


executes_whatever_key.calls = 0


def executes_whatever_version(session, params, before, key):
    del before
    while True:
        try:
            return REFUND.execute(session, params, REFUND.read(session, params), key)
        except Conflict:
            continue


def executes_whatever_params(session, params, before, key):
    if (known := REFUND.lookup(session, conformance_params(), key)) is not None:
        return known
    return REFUND.execute(session, params, before, key)


def conformance_params():
    return REFUND.params.model_validate(dict(conformance.WORLD.samples[REFUND.name].params))


def executes_without_scopes(session, params, before, key):
    return REFUND.execute(replace(session, scopes=REFUND.scopes), params, before, key)


def execute_times_out_as_unavailable(session, params, before, key):
    try:
        return REFUND.execute(session, params, before, key)
    except OutcomeUnknown as error:
        raise Unavailable(error.message) from error


def execute_raises_outside_the_tree(session, params, before, key):
    try:
        return REFUND.execute(session, params, before, key)
    except Unavailable as error:
        raise TimeoutError from error


def execute_hides_conflicts(session, params, before, key):
    try:
        return REFUND.execute(session, params, before, key)
    except Conflict as error:
        raise Rejected(error.message) from error


def lookup_finds_nothing(session, params, key):
    REFUND.lookup(session, params, key)


def lookup_finds_everything(session, params, key):
    REFUND.lookup(session, params, key)
    return Result("w_invented", "2", is_replay=True)


def compensate_does_nothing(session, params, before, result, key):
    return Result("w_nothing", before.version)


def compensate_never_replays(session, params, before, result, key):
    done = REFUND.compensate(session, params, before, result, key)
    return replace(done, is_replay=False)


def compensate_ignores_the_payout(session, params, before, result, key):
    try:
        return REFUND.compensate(session, params, before, result, key)
    except Rejected:
        behind(session, "UPDATE payments SET refunded_minor = 0 WHERE id = :id", id=params.payment)
        return result


def broken(**changes):
    return replace(REFUND, **changes)


BROKEN = [
    (reading.check_declaration, broken(name="Refund!")),
    (reading.check_declaration, broken(scopes=frozenset())),
    (reading.check_declaration, broken(scopes=frozenset({"payments:read"}))),
    (reading.check_params_are_strict, broken(params=LooseParams)),
    (reading.check_params_are_strict, broken(params=LenientParams)),
    (reading.check_read_is_pure, broken(read=reads_and_writes)),
    (reading.check_read_is_pure, broken(read=reads_a_float)),
    (reading.check_read_is_pure, broken(system="Orders")),
    (reading.check_preview_is_pure, broken(preview=preview_mutates)),
    (reading.check_preview_is_pure, broken(preview=lambda _p, _b: {"colour": "red"})),
    (reading.check_preview_is_pure, broken(preview=lambda _p, _b: {})),
    (reading.check_refused_samples, broken(preview=preview_allows_too_much)),
    (reading.check_facts, broken(facts=facts_forget)),
    (reading.check_facts, broken(facts=facts_with("refund.amount_minor", True))),
    (reading.check_facts, broken(facts=facts_with("refund.amount_minor", 2**60))),
    (reading.check_facts, broken(facts=facts_with("order.placed_at", "yesterday"))),
    (reading.check_undo_is_declared, broken(undo=lambda _p, _n: Irreversible("never"))),
    (reading.check_undo_is_declared, broken(undo=lambda _p, _n: Reversible("always"))),
    (writing.check_scopes_are_enforced, broken(execute=executes_without_scopes)),
    (writing.check_preview_comes_true, broken(preview=preview_forgets_status)),
    (writing.check_same_key_writes_once, broken(execute=executes_whatever_key)),
    (writing.check_same_key_writes_once_at_once, broken(execute=executes_whatever_key)),
    (writing.check_key_belongs_to_one_call, broken(execute=executes_whatever_params)),
    (writing.check_stale_version_conflicts, broken(execute=executes_whatever_version)),
    (writing.check_stale_version_conflicts, broken(execute=execute_hides_conflicts)),
    (writing.check_one_of_many_wins, broken(execute=executes_whatever_version)),
    (writing.check_compensate_restores, broken(compensate=compensate_does_nothing)),
    (writing.check_compensate_restores, broken(compensate=compensate_never_replays)),
    (writing.check_compensate_at_once, broken(compensate=compensate_never_replays)),
    (writing.check_compensate_wants_a_write, broken(compensate=compensate_does_nothing)),
    (writing.check_undo_is_honest, broken(compensate=compensate_ignores_the_payout)),
    (writing.check_undo_is_honest, broken(undo=lambda _p, _n: Reversible("always"))),
    (failing.check_faults_of_reading, broken(lookup=lambda *_: None)),
    (failing.check_faults_of_writing, broken(execute=execute_times_out_as_unavailable)),
    (failing.check_faults_of_writing, broken(execute=execute_raises_outside_the_tree)),
    (failing.check_faults_of_writing, broken(lookup=lookup_finds_everything)),
    (failing.check_time_out_after_write, broken(lookup=lookup_finds_nothing)),
    (failing.check_time_out_after_write, broken(lookup=lookup_finds_everything)),
    (failing.check_time_out_after_write, broken(execute=executes_whatever_key)),
    (failing.check_faults_of_compensate, broken(compensate=compensate_does_nothing)),
]


@pytest.mark.parametrize(
    ("check", "operation"), BROKEN, ids=[f"{c.__name__}-{i}" for i, (c, _) in enumerate(BROKEN)]
)
def test_broken_operation_is_seen(check, operation: Operation, tmp_path):
    its_world = world("desk")
    if operation.name != REFUND.name:
        its_world = replace(its_world, samples={operation.name: its_world.samples[REFUND.name]})
    case = Case(registry.connector("desk"), operation, its_world, its_world.fresh(tmp_path))
    with pytest.raises(NonconformingError):
        check(case)


@pytest.mark.parametrize(
    "check", [failing.check_system_away, failing.check_credentials, failing.check_environment]
)
def test_open_door_is_seen(check, tmp_path):
    """A connector that opens a session for anybody, whatever became of its system."""
    desk, its_world = registry.connector("desk"), world("desk")
    address, elsewhere = its_world.fresh(tmp_path), its_world.fresh(tmp_path_of(tmp_path, "else"))
    reader = its_world.reader(elsewhere)

    def careless(credential):
        is_reader = credential.account == reader.account
        return desk.open(reader if is_reader else its_world.writer(elsewhere, REFUND.name))

    says_nothing = replace(desk, open=careless, identify=lambda session: Identity(session.account))
    with pytest.raises(NonconformingError):
        check(Case(says_nothing, REFUND, its_world, address))


def tmp_path_of(parent, name):
    folder = parent / name
    folder.mkdir()
    return folder


FINDER = registry.finder("orders.find")[1]


def find_guesses(session, words):
    return FINDER.find(session, words) or FINDER.find(session, "keyboard")


def find_mistypes(session, words):
    return tuple(
        replace(r, fields={**r.fields, "total": 12.5}) for r in FINDER.find(session, words)
    )


def find_writes(session, words):
    behind(session, "UPDATE customers SET email = email || 'x' WHERE id = 'cus_acme'")
    return FINDER.find(session, words)


def find_without_scopes(session, words):
    return FINDER.find(replace(session, scopes=FINDER.scopes), words)


def find_hides_faults(session, words):
    try:
        return FINDER.find(session, words)
    except Unavailable:
        return ()


@pytest.mark.parametrize(
    ("check", "find"),
    [
        (finding.check_finds, find_guesses),
        (finding.check_records_are_typed, find_mistypes),
        (finding.check_search_is_pure_and_bounded, find_writes),
        (finding.check_search_scopes, find_without_scopes),
        (finding.check_search_faults, find_hides_faults),
    ],
)
def test_broken_finder_is_seen(check, find, tmp_path):
    its_world = world("desk")
    case = FinderCase(
        registry.connector("desk"),
        replace(FINDER, find=find),
        its_world,
        its_world.fresh(tmp_path),
    )
    with pytest.raises(NonconformingError):
        check(case)


def test_every_check_has_a_broken_counterpart():
    seen = {check.__name__ for check, _ in BROKEN} | {
        "check_system_away",
        "check_credentials",
        "check_environment",
    }
    every = {n for m in (reading, writing, failing) for n in vars(m) if n.startswith("check_")}
    assert every <= seen


def test_connector_without_a_world_is_told_what_to_do():
    with pytest.raises(NonconformingError, match=r"conformance\.py"):
        world("conformance")
