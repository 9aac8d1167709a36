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
from connectors.conformance.world import world
from connectors.operation import Finder, Operation


def checks_of(*modules: ModuleType) -> list[Callable]:
    return [
        check
        for module in modules
        for name, check in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("check_") and check.__module__ == module.__name__
    ]


@pytest.mark.parametrize("check", checks_of(reading, writing, failing), ids=lambda c: c.__name__)
@pytest.mark.parametrize("name", sorted(registry.operations()))
def test_operation_keeps(check, name, tmp_path):
    connector, operation = registry.operation(name)
    its_world = world(connector.name)
    check(Case(connector, operation, its_world, its_world.fresh(tmp_path)))


@pytest.mark.parametrize("check", checks_of(finding), ids=lambda c: c.__name__)
@pytest.mark.parametrize("name", sorted(registry.finders()))
def test_finder_keeps(check, name, tmp_path):
    connector, finder = registry.finder(name)
    its_world = world(connector.name)
    check(FinderCase(connector, finder, its_world, its_world.fresh(tmp_path)))


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
    with pytest.raises(LookupError, match="there are: desk"):
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
