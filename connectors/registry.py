"""Connectors, operations and finders by name; a connector is loaded when it is first asked for."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.util import find_spec
from typing import Any

import connectors
from connectors.operation import Connector, Finder, Operation


@cache
def connector_names() -> tuple[str, ...]:
    """The connectors that are installed: the folders beside this file with a connector.py."""
    folders = (m.name for m in pkgutil.iter_modules(connectors.__path__) if m.ispkg)
    return tuple(sorted(f for f in folders if find_spec(f"connectors.{f}.connector")))


@cache
def connector(name: str) -> Connector:
    """The connector in the folder `name`. Raises LookupError naming those there are."""
    if name not in connector_names():
        known = ", ".join(connector_names())
        raise LookupError(f"there is no connector {name!r}; there are: {known}")
    loaded = importlib.import_module(f"connectors.{name}.connector").CONNECTOR
    if not isinstance(loaded, Connector) or loaded.name != name:
        raise LookupError(f"connectors/{name}/connector.py defines no CONNECTOR named {name!r}")
    return loaded


@cache
def operations() -> dict[str, tuple[Connector, Operation[Any]]]:
    """Every operation of every connector by its name, with the connector it belongs to."""
    return _by_name([(c, o, o.name) for c in _all() for o in c.operations])


@cache
def finders() -> dict[str, tuple[Connector, Finder]]:
    """Every finder of every connector by its name, with the connector it belongs to."""
    return _by_name([(c, f, f.name) for c in _all() for f in c.finders])


def operation(name: str) -> tuple[Connector, Operation[Any]]:
    """One operation and its connector. Raises LookupError naming those there are."""
    return _one("operation", operations(), name)


def finder(name: str) -> tuple[Connector, Finder]:
    """One finder and its connector. Raises LookupError naming those there are."""
    return _one("finder", finders(), name)


def _all() -> list[Connector]:
    return [connector(name) for name in connector_names()]


def _by_name(entries: list[tuple[Connector, Any, str]]) -> dict[str, tuple[Connector, Any]]:
    found: dict[str, tuple[Connector, Any]] = {}
    for owner, entry, name in entries:
        if name in found:
            raise LookupError(f"{name} is declared by both {found[name][0].name} and {owner.name}")
        found[name] = (owner, entry)
    return found


def _one(kind: str, entries: dict[str, tuple[Connector, Any]], name: str) -> tuple[Connector, Any]:
    if name not in entries:
        raise LookupError(f"there is no {kind} {name!r}; there are: {', '.join(sorted(entries))}")
    return entries[name]
