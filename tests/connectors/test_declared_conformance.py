"""What an admin declares keeps every promise of the contract too, whatever its kind."""

from __future__ import annotations

from importlib import import_module

import pytest

from connectors.conformance.case import Case
from connectors.conformance.finding import FinderCase
from connectors.conformance.properties import (
    FINDER_PROPERTIES,
    OPERATION_PROPERTIES,
    finder_standing,
    operation_standing,
)
from connectors.declared.kinds import kinds


def worlds():
    """Each declared example with the world that it is tried in, by a name for people."""
    for kind in kinds():
        for name, (connector, world) in (
            import_module(f"connectors.{kind}.conformance").worlds().items()
        ):
            yield f"{kind}: {name}", connector, world


def proven():
    for name, connector, world in worlds():
        for operation in connector.operations:
            for promise in OPERATION_PROPERTIES:
                if operation_standing(promise, operation, world).verdict == "proven":
                    marks = () if world.counterpart.startswith("SQLite") else (pytest.mark.slow,)
                    title = f"{name}-{operation.name}-{promise.name}"
                    yield pytest.param(promise, connector, operation, world, marks=marks, id=title)


@pytest.mark.parametrize(("promise", "connector", "operation", "world"), tuple(proven()))
def test_declared_operation_keeps(promise, connector, operation, world, tmp_path):
    promise.check(Case(connector, operation, world, world.fresh(tmp_path)))


def proven_of_finders():
    for name, connector, world in worlds():
        for finder in connector.finders:
            for promise in FINDER_PROPERTIES:
                if finder_standing(promise, finder.name, world).verdict == "proven":
                    marks = () if world.counterpart.startswith("SQLite") else (pytest.mark.slow,)
                    title = f"{name}-{finder.name}-{promise.name}"
                    yield pytest.param(promise, connector, finder, world, marks=marks, id=title)


@pytest.mark.parametrize(("promise", "connector", "finder", "world"), tuple(proven_of_finders()))
def test_declared_finder_keeps(promise, connector, finder, world, tmp_path):
    promise.check(FinderCase(connector, finder, world, world.fresh(tmp_path)))


def test_what_is_unproven_exists_and_has_a_reason():
    checks = {promise.name for promise in (*OPERATION_PROPERTIES, *FINDER_PROPERTIES)}
    every = tuple(worlds())
    names = {e.name for _, c, _ in every for e in (*c.operations, *c.finders)}
    for _, _, world in every:
        for key, why in world.unproven.items():
            *entry, check = key.split(" ")
            assert check in checks
            assert set(entry) <= names
            assert len(why) > 20
        assert world.counterpart
