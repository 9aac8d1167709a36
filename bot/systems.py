"""The connectors that a bundle reaches: those that are installed, and those that it declares.

A declared connector is made of the bundle's own files, so it changes with the bundle and with
nothing else; what cannot be made is a finding at its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connectors import registry
from connectors.declared.kinds import UndeclarableError, kind, kinds
from connectors.errors import Rejected
from connectors.operation import Connector, Operation
from policies import systems
from policies.bundle import Bundle, connectors_of, systems_of
from policies.findings import BundleError, Finding
from policies.parse import parse
from policies.systems import System

BUNDLES_KEPT = 8  # whose systems are not made again: the one in force, its next, those compared

Systems = Mapping[str, Connector]


def reached(bundle: Bundle) -> tuple[Connector, ...]:
    """The connectors that a loaded bundle's connections name, in the order of their names."""
    return _reached(bundle.settings.connectors, declared(bundle.systems))


def reached_from(folder: Path) -> tuple[Connector, ...]:
    """The same of a folder that is not loaded yet. Raises BundleError for what it declares and
    cannot be made."""
    return _reached(connectors_of(folder), declared(systems_of(folder)))


def connector(bundle: Bundle, name: str) -> Connector:
    """One connector of a bundle. Raises LookupError naming those there are."""
    own = declared(bundle.systems)
    return own[name] if name in own else registry.connector(name)


def names(bundle: Bundle) -> tuple[str, ...]:
    """What the bundle's connections may name."""
    return tuple(sorted({*registry.connector_names(), *declared(bundle.systems)}))


def operation(bundle: Bundle, name: str) -> tuple[Connector, Operation[Any]]:
    """One operation with its connector. Raises KeyError."""
    for each in reached(bundle):
        for one in each.operations:
            if one.name == name:
                return each, one
    raise KeyError(name)


def declared(files: Mapping[str, bytes]) -> Systems:
    """The systems of a bundle's files by name. Raises BundleError with every finding."""
    return _declared(tuple(sorted(systems.of(files).items())))


@lru_cache(maxsize=BUNDLES_KEPT)
def _declared(files: tuple[tuple[str, bytes], ...]) -> Systems:
    findings: list[Finding] = []
    named = dict(files)
    read = systems.read(named, findings)
    beside = systems.beside(named)
    made = {s.name: c for s in read if (c := _made(s, beside, findings)) is not None}
    if findings:
        raise BundleError(findings)
    return MappingProxyType(made)


def _made(system: System, beside: Mapping[str, bytes], findings: list[Finding]) -> Connector | None:
    if system.name in registry.connector_names():
        message = f"{system.name} is a connector that Assent has; give the system another name"
        findings.append(system.source.finding(("system",), message))
        return None
    if system.connector not in kinds():
        message = f"no kind of system {system.connector}; there is {', '.join(kinds())}"
        findings.append(system.source.finding(("connector",), message))
        return None
    try:
        its = kind(system.connector)
        declaration = parse(its.declaration, system.source, findings)
        made = its.declare(declaration, beside) if declaration else None
    except UndeclarableError as error:
        findings += [system.source.finding(p.place, p.message) for p in error.problems]
        return None
    except Rejected as error:  # its extra is not installed
        findings.append(system.source.finding(("connector",), str(error)))
        return None
    if made:
        findings += _taken(system, made)
    return made


def _taken(system: System, made: Connector) -> list[Finding]:
    """A name that an installed connector has would be two operations."""
    names = [*(o.name for o in made.operations), *(f.name for f in made.finders)]
    return [
        system.source.finding(("system",), f"Assent has {name} already; rename the system")
        for name in names
        if registry.is_taken(name)
    ]


def _reached(named: Iterable[str], own: Systems) -> tuple[Connector, ...]:
    wanted = set(named)
    found = [*registry.of(wanted), *(own[name] for name in wanted & own.keys())]
    return tuple(sorted(found, key=lambda each: each.name))
