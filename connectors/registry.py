"""Connectors, operations and finders by name; a connector is loaded when it is first asked for.

An operation `noun.verb` is the file `noun_verb.py` of its connector's folder, and so is a finder:
where a name belongs is seen in the file names, without importing anything.

A connector is a folder beside this file, or a package of another distribution that names it in the
entry-point group `assent.connectors`: `acme = "assent_acme"`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar

import connectors
from connectors.operation import Connector, Finder, Operation

ENTRY_POINTS = "assent.connectors"  # the group; the value is a package, its folder as desk/ is

T = TypeVar("T")
Owned = tuple[Connector, T]


def connector_names() -> tuple[str, ...]:
    """The connectors that are installed: the folders beside this file with a connector.py, and the
    packages that others bring. Raises LookupError where two have one name."""
    return tuple(_packages())


def package(name: str) -> str:
    """The package of a connector: "connectors.desk". Raises LookupError naming those there are."""
    if name not in _packages():
        known = ", ".join(_packages())
        raise LookupError(f"there is no connector {name!r}; there are: {known}")
    return _packages()[name]


@cache
def connector(name: str) -> Connector:
    """The connector in the folder `name`. Raises LookupError naming those there are."""
    its = package(name)
    loaded = importlib.import_module(f"{its}.connector").CONNECTOR
    if not isinstance(loaded, Connector) or loaded.name != name:
        file = f"{its.replace('.', '/')}/connector.py"
        raise LookupError(f"{file} defines no CONNECTOR named {name!r}")
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
                    folder = package(owner).replace(".", "/")
                    raise LookupError(f"{folder} has {name} in no {_stem(name)}.py")
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
    return tuple(c for c in connector_names() if (_folder(c) / f"{stem}.py").is_file())


@cache
def _packages() -> Mapping[str, str]:
    """The package of each connector by its name, in the order of the names."""
    folders = (m.name for m in pkgutil.iter_modules(connectors.__path__) if m.ispkg)
    found = {f: f"connectors.{f}" for f in folders if find_spec(f"connectors.{f}.connector")}
    for entry in sorted(entry_points(group=ENTRY_POINTS)):
        if found.setdefault(entry.name, entry.value) != entry.value:
            raise LookupError(
                f"{found[entry.name]} and {entry.value} are both the connector {entry.name};"
                " uninstall one of them"
            )
    return dict(sorted(found.items()))


@cache
def _folder(name: str) -> Path:
    spec = find_spec(package(name))
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise LookupError(
            f"the connector {name} should be the package {package(name)}, and there is none;"
            " install it anew, or uninstall it"
        )
    return Path(next(iter(places)))


def _stem(name: str) -> str:
    return name.replace(".", "_")


def _one(kind: str, entries: ByName[T], name: str) -> Owned[T]:
    if name not in entries:
        raise LookupError(f"there is no {kind} {name!r}; there are: {', '.join(sorted(entries))}")
    return entries[name]
