"""What the connections of a bundle are for: the scopes that the workflows need of each, no more.

A connection is needed for what `Catalogue.session` opens it for: to write, with every scope of the
operation; to read, with those that do not write, of the operations, of the finders of the slots,
and of what the planner may read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot import systems
from bot.catalogue import Catalogue, reader, writer, writes
from policies.bundle import LEVELS
from policies.engine import LEVEL_READ_ONLY
from policies.settings_file import Connection
from policies.workflow import RecordSlot

Used = tuple[Connection, frozenset[str]]


def needed(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    """The scopes that are needed of each connection of the catalogue's environment, by its name."""
    used: dict[int, frozenset[str]] = {}
    for workflow in catalogue.workflows:
        for connection, scopes in _uses(catalogue, workflow):
            used[id(connection)] = used.get(id(connection), frozenset()) | scopes
    declared = catalogue.bundle.settings.connections
    return {name: used.get(id(declared[name]), frozenset()) for name in catalogue.connections()}


def _uses(catalogue: Catalogue, workflow: str) -> Iterator[Used]:
    bundle, environment = catalogue.bundle, catalogue.environment
    declared = catalogue.workflows[workflow]
    may_write = LEVELS[declared.autonomy] > LEVEL_READ_ONLY
    for steps in declared.steps:
        for step in steps.values():
            connector, operation = systems.operation(bundle, step.use)
            if may_write and (found := writer(bundle, workflow, step.use, environment)):
                yield found, operation.scopes
            yield from _reading(catalogue, workflow, connector.name, operation.scopes)
    for slot in declared.slots.values():
        if isinstance(slot, RecordSlot):
            yield from _read(catalogue, workflow, slot.finder)
    for name in _planner_reads(catalogue):
        yield from _read(catalogue, workflow, name)


def _read(catalogue: Catalogue, workflow: str, name: str) -> Iterator[Used]:
    """The connection that a finder or an operation is read with."""
    for connector in systems.reached(catalogue.bundle):
        scopes = {f.name: f.scopes for f in connector.finders}
        scopes |= {o.name: o.scopes for o in connector.operations}
        if name in scopes:
            yield from _reading(catalogue, workflow, connector.name, scopes[name])


def _reading(
    catalogue: Catalogue, workflow: str, connector: str, scopes: frozenset[str]
) -> Iterator[Used]:
    found = reader(catalogue.bundle, workflow, connector, catalogue.environment)
    if found is not None:
        yield found, frozenset(scope for scope in scopes if not writes(scope))


def _planner_reads(catalogue: Catalogue) -> tuple[str, ...]:
    planner = catalogue.bundle.settings.planner
    if planner is None:
        return ()
    specialists = (s.reads or {} for s in planner.specialists.values())
    return tuple({**planner.reads, **{n: r for reads in specialists for n, r in reads.items()}})
