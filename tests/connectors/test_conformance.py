"""Every operation and every finder of every connector keeps every promise of the contract."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import pytest

import connectors
from connectors import registry
from connectors.conformance import failing, finding, reading, writing
from connectors.conformance.case import Case
from connectors.conformance.finding import FinderCase
from connectors.conformance.properties import (
    FINDER_PROPERTIES,
    OPERATION_PROPERTIES,
    finder_standing,
    operation_standing,
)
from connectors.conformance.world import NonconformingError, world
from connectors.operation import Finder, Operation


def checks_of(*modules: ModuleType) -> list[Callable]:
    return [
        check
        for module in modules
        for name, check in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("check_") and check.__module__ == module.__name__
    ]


def proven(entries, properties, standing):
    """A run for each promise that is one and can be shown; the others stand in the table."""
    return [
        pytest.param(promise, name, marks=marks_of(owner.name), id=f"{name}-{promise.name}")
        for name, (owner, entry) in sorted(entries.items())
        for promise in properties
        if is_run(promise, owner.name, entry, standing)
    ]


def is_run(promise, connector, entry, standing):
    """A connector without a world fails in its own tests rather than in everybody's."""
    try:
        return standing(promise, entry, world(connector)).verdict == "proven"
    except NonconformingError:
        return True


def marks_of(connector):
    return () if connector == "desk" else (pytest.mark.slow,)


@pytest.mark.parametrize(
    ("promise", "name"), proven(registry.operations(), OPERATION_PROPERTIES, operation_standing)
)
def test_operation_keeps(promise, name, tmp_path):
    connector, operation = registry.operation(name)
    its_world = world(connector.name)
    promise.check(Case(connector, operation, its_world, its_world.fresh(tmp_path)))


@pytest.mark.parametrize(
    ("promise", "name"),
    proven(
        registry.finders(),
        FINDER_PROPERTIES,
        lambda promise, finder, its_world: finder_standing(promise, finder.name, its_world),
    ),
)
def test_finder_keeps(promise, name, tmp_path):
    connector, finder = registry.finder(name)
    its_world = world(connector.name)
    promise.check(FinderCase(connector, finder, its_world, its_world.fresh(tmp_path)))


def test_every_check_is_a_property_and_has_a_title_of_its_own():
    listed = [p.check for p in OPERATION_PROPERTIES], [p.check for p in FINDER_PROPERTIES]
    assert set(listed[0]) == set(checks_of(reading, writing, failing))
    assert set(listed[1]) == set(checks_of(finding))
    for properties in (OPERATION_PROPERTIES, FINDER_PROPERTIES):
        assert len({p.title for p in properties}) == len(properties)


@pytest.mark.parametrize("name", registry.connector_names())
def test_what_is_unproven_exists_and_has_a_reason(name):
    connector, its_world = registry.connector(name), world(name)
    checks = {p.name for p in (*OPERATION_PROPERTIES, *FINDER_PROPERTIES)}
    entries = {e.name for e in (*connector.operations, *connector.finders)}
    for key, why in its_world.unproven.items():
        *entry, check = key.split(" ")
        assert check in checks
        assert set(entry) <= entries
        assert len(why) > 20
    assert its_world.counterpart


@pytest.mark.parametrize("name", registry.connector_names())
def test_connector_lists_what_its_files_define(name):
    connector = registry.connector(name)
    package = import_module(f"connectors.{name}")
    modules = [
        import_module(f"connectors.{name}.{m.name}") for m in pkgutil.iter_modules(package.__path__)
    ]
    values = [value for module in modules for value in vars(module).values()]
    assert {v.name for v in values if isinstance(v, Operation)} == {
        o.name for o in connector.operations
    }
    assert {v.name for v in values if isinstance(v, Finder)} == {f.name for f in connector.finders}


def test_every_folder_with_a_connector_is_found():
    folders = [p.parent.name for p in connectors_folder().glob("*/connector.py")]
    assert sorted(folders) == list(registry.connector_names())
    assert "desk" in folders


def test_unknown_names_say_what_there_is():
    with pytest.raises(LookupError, match=r"there are: .*desk"):
        registry.connector("nonsense")
    with pytest.raises(LookupError, match=r"payments\.refund"):
        registry.operation("payments.give_all")
    with pytest.raises(LookupError, match=r"orders\.find"):
        registry.finder("orders.guess")
    with pytest.raises(LookupError):
        registry.connector("../desk")


def connectors_folder():
    from pathlib import Path

    return Path(next(iter(connectors.__path__)))
