"""Connectors, operations and finders by name; a connector is loaded when it is first asked for.

An operation `noun.verb` is the file `noun_verb.py` of its connector's folder, and so is a finder:
where a name belongs is seen in the file names, without importing anything.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar

import connectors
from connectors.operation import Connector, Finder, Operation

T = TypeVar("T")
Owned = tuple[Connector, T]


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


class ByName(Mapping[str, Owned[T]], Generic[T]):
    """Operations or finders by name, with the connector that each belongs to. Looking one up loads
    its connector alone; going over all of them loads every connector."""

    def __init__(self, of: Callable[[Connector], tuple[T, ...]], name_of: Callable[[T], str]):
        self._of, self._name_of = of, name_of

    def __getitem__(self, name: str) -> Owned[T]:
        for owner in _owners(name):
            for entry in self._of(connector(owner)):
                if self._name_of(entry) == name:
                    return connector(owner), entry
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        seen: dict[str, str] = {}
        for owner in connector_names():
            for entry in self._of(connector(owner)):
                name = self._name_of(entry)
                if name in seen:
                    raise LookupError(f"{name} is declared by both {seen[name]} and {owner}")
                if owner not in _owners(name):
                    raise LookupError(f"connectors/{owner} has {name} in no {_stem(name)}.py")
                seen[name] = owner
        return iter(seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def of(names: Iterable[str]) -> Iterator[Connector]:
    """The connectors of these names that are installed, in the order of their names."""
    return (connector(name) for name in sorted(set(names) & set(connector_names())))


_OPERATIONS: ByName[Operation[Any]] = ByName(lambda c: c.operations, lambda o: o.name)
_FINDERS: ByName[Finder] = ByName(lambda c: c.finders, lambda f: f.name)


def operations() -> Mapping[str, Owned[Operation[Any]]]:
    """Every operation of every connector by its name, with the connector it belongs to."""
    return _OPERATIONS


def finders() -> Mapping[str, Owned[Finder]]:
    """Every finder of every connector by its name, with the connector it belongs to."""
    return _FINDERS


def operation(name: str) -> Owned[Operation[Any]]:
    """One operation and its connector. Raises LookupError naming those there are."""
    return _one("operation", _OPERATIONS, name)


def finder(name: str) -> Owned[Finder]:
    """One finder and its connector. Raises LookupError naming those there are."""
    return _one("finder", _FINDERS, name)


def is_taken(name: str) -> bool:
    """Whether an installed connector has an operation or a finder of this name."""
    return bool(_owners(name))


@cache
def _owners(name: str) -> tuple[str, ...]:
    """The connectors with a file for that name: one, or none where it is nobody's."""
    stem = _stem(name)
    if not stem.isidentifier():
        return ()
    folder = Path(connectors.__path__[0])
    return tuple(c for c in connector_names() if (folder / c / f"{stem}.py").is_file())


def _stem(name: str) -> str:
    return name.replace(".", "_")


def _one(kind: str, entries: ByName[T], name: str) -> Owned[T]:
    if name not in entries:
        raise LookupError(f"there is no {kind} {name!r}; there are: {', '.join(sorted(entries))}")
    return entries[name]
