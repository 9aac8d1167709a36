"""Promises about parameters, reading, predicting and judging: nothing here may write."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from connectors.conformance.case import Case, raises, unchanged
from connectors.conformance.world import expect
from connectors.errors import Rejected
from connectors.operation import Irreversible, Params, Reversible, Value

TEXT_CHARACTERS_TOO_MANY = 100_000
INT_TOO_LARGE = 2**63
INT_MAX = 2**53 - 1
DEPTH_MAX = 32

_NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
_SCOPE = re.compile(r"[a-z_]+:(read|write)")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

# What may stand where text or a whole number is declared, and must be refused.
_NEVER_TEXT: tuple[Value, ...] = (None, 1, True, 1.5, [], {}, "", " ", "x\x00", "a\x1bb")
_NEVER_INT: tuple[Value, ...] = (None, "1", True, 1.0, 1.5, float("nan"), [], {}, INT_TOO_LARGE)


def check_declaration(case: Case) -> None:
    """The operation is named, titled and scoped as the contract says."""
    operation = case.operation
    expect(bool(_NAME.fullmatch(operation.name)), f"{operation.name!r} is not noun.verb")
    expect(bool(operation.title and operation.system), "title and system are for people to read")
    expect(bool(operation.scopes), "no scope is declared")
    for scope in operation.scopes:
        expect(bool(_SCOPE.fullmatch(scope)), f"scope {scope!r} is not thing:read or thing:write")
    expect(any(s.endswith(":write") for s in operation.scopes), "an operation needs a write scope")
    expect(operation.cost_micro_usd >= 0, "a cost is not negative")


def check_params_are_strict(case: Case) -> None:
    """Typed, bounded, frozen, nothing extra, nothing missing, at every depth."""
    model, good = case.operation.params, dict(case.sample.params)
    params = model.model_validate(good)
    expect(isinstance(params, Params), "parameters derive from Params")
    _expect_frozen(params, next(iter(good)))
    for path, value in _leaves(good):
        for bad in (*_bad_values(value), "x" * TEXT_CHARACTERS_TOO_MANY, "\ud800"):
            _expect_refused(model, _with(good, path, bad), f"{'.'.join(path)}={ascii(bad)[:40]}")
        _expect_refused(model, _without(good, path), f"{'.'.join(path)} left out")
        _expect_refused(model, _with(good, (*path[:-1], "extra"), "x"), "an extra parameter")


def check_read_is_pure(case: Case) -> None:
    """Reading twice changes nothing, says the same, and needs no scope to write."""
    with unchanged(case, "read"):
        first, second = case.read(case.params), case.read(case.params)
    expect(first == second, "two reads of the same record differ")
    expect(first.system == case.operation.system, "a snapshot names another system")
    expect(bool(first.resource and first.version and first.fields), "a snapshot is incomplete")
    _expect_json({"fields": dict(first.fields), "about": dict(first.about)}, "a snapshot")


def check_preview_is_pure(case: Case) -> None:
    """The prediction depends on its arguments alone, leaves them alone, and names known fields."""
    before, params = case.read(case.params), case.params
    kept = copy.deepcopy(before)
    with unchanged(case, "preview"):
        first, second = (dict(case.operation.preview(params, before)) for _ in range(2))
    expect(first == second, "two previews differ")
    expect(before == kept, "preview changed the snapshot it was given")
    expect(bool(first), "the sample's preview changes nothing; choose one that does")
    expect(first.keys() <= before.fields.keys(), "preview names fields that read does not")
    expect(all(before.fields[k] != v for k, v in first.items()), "preview lists unchanged fields")
    _expect_json(first, "a preview")


def check_refused_samples(case: Case) -> None:
    """What the preview rejects, execute rejects as well, and writes nothing."""
    for index, sample in enumerate(case.sample.refused):
        params = case.typed(sample)
        before = case.read(params)
        with raises(Rejected, f"preview of refused sample {index}"):
            case.operation.preview(params, before)
        with unchanged(case, "a refused execute"), raises(Rejected, f"execute of {index}"):
            case.execute(params, before, f"refused-{index}")


def check_facts(case: Case) -> None:
    """Exactly the declared facts with exactly the declared types, also before a refusal."""
    samples = (case.sample.params, case.sample.other, *case.sample.refused)
    for sample in (each for each in samples if each is not None):
        params = case.typed(sample)
        before = case.read(params)
        kept = copy.deepcopy(before)
        with unchanged(case, "facts"):
            facts = case.operation.facts(params, before)
        expect(before == kept, "facts changed the snapshot it was given")
        declared = case.operation.fact_types
        expect(facts.keys() == declared.keys(), f"facts {sorted(facts.keys() ^ declared.keys())}")
        for name, kind in declared.items():
            expect(_FACT_TYPES[kind](facts[name]), f"fact {name} is not {kind}: {facts[name]!r}")


def check_undo_is_declared(case: Case) -> None:
    """Whether it can be taken back is said before anything is written, as a clause for people."""
    said = case.operation.undo(case.params, case.read(case.params))
    if case.sample.is_final:
        expect(isinstance(said, Irreversible) and bool(said.why), "`final` is not Irreversible")
        return
    expect(isinstance(said, Reversible), "the sample is irreversible; put such a one in `final`")
    assert isinstance(said, Reversible)
    expect(bool(said.note), "Reversible says nothing")
    if case.sample.final is not None:
        params = case.typed(case.sample.final)
        final = case.operation.undo(params, case.read(params))
        expect(isinstance(final, Irreversible) and bool(final.why), "`final` is not Irreversible")


def _expect_refused(model: type[Params], values: Mapping[str, Value], what: str) -> None:
    try:
        model.model_validate(values)
    except ValidationError:
        return
    expect(False, f"parameters accept {what}")


def _expect_frozen(params: Params, name: str) -> None:
    try:
        setattr(params, name, None)
    except ValidationError:
        return
    expect(False, "parameters can be changed")


def _leaves(values: Mapping[str, Value], path: tuple[str, ...] = ()) -> Iterator[Any]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _bad_values(value: Value) -> tuple[Value, ...]:
    return _NEVER_INT if type(value) is int else _NEVER_TEXT


def _with(values: Mapping[str, Value], path: tuple[str, ...], value: Value) -> dict[str, Value]:
    changed = copy.deepcopy(dict(values))
    target = changed
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    return changed


def _without(values: Mapping[str, Value], path: tuple[str, ...]) -> dict[str, Value]:
    changed = copy.deepcopy(dict(values))
    target = changed
    for name in path[:-1]:
        target = target[name]
    del target[path[-1]]
    return changed


def _expect_json(value: Value, what: str, depth: int = 0) -> None:
    expect(depth <= DEPTH_MAX, f"{what} is nested deeper than {DEPTH_MAX}")
    if isinstance(value, Mapping):
        for name, item in value.items():
            expect(type(name) is str and name.isascii(), f"{what} has the key {name!r}")
            _expect_json(item, what, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _expect_json(item, what, depth + 1)
    else:
        is_exact = value is None or type(value) in (bool, str) or _is_int(value)
        expect(is_exact, f"{what} holds {value!r}; values are JSON without floats")


def _is_int(value: Value) -> bool:
    return type(value) is int and abs(value) <= INT_MAX


def _is_timestamp(value: Value) -> bool:
    if type(value) is not str or not _TIMESTAMP.fullmatch(value):
        return False
    return datetime.fromisoformat(value).tzinfo is not None


_FACT_TYPES: Mapping[str, Callable[[Value], bool]] = {
    "int": _is_int,
    "string": lambda v: type(v) is str,
    "bool": lambda v: type(v) is bool,
    "timestamp": _is_timestamp,
    "list<string>": lambda v: type(v) is list and all(type(item) is str for item in v),
}
