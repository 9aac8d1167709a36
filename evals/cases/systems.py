"""The systems that a bundle reaches, as cases may speak of them: operations, finders, tables."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Integer

from bot import systems
from connectors import registry
from connectors.desk.tables import metadata
from connectors.operation import Connector, Operation
from connectors.story import System
from evals.errors import EvalError

DESK = "desk"  # tells its stories itself: evals/worlds/desk.py
DECLARED = "evals.worlds.declared"  # where the stories of systems are that a bundle declares
FIXED_TABLES = frozenset({"accounts", "faults", "writes"})  # no records of anybody

Tables = Mapping[str, Mapping[str, type]]  # table -> column -> str, int or bool


@dataclass(frozen=True)
class Reached:
    """What there is to be named."""

    operations: Mapping[str, Operation[Any]]
    finders: frozenset[str]
    tables: Tables


def reached(folder: Path) -> Reached:
    """What the bundle of a folder reaches. Raises BundleError, or EvalError for a system without a
    story."""
    connectors = systems.reached_from(folder)
    return Reached(
        operations={o.name: o for each in connectors for o in each.operations},
        finders=frozenset(f.name for each in connectors for f in each.finders),
        tables=_tables(connectors),
    )


def story(name: str) -> type[System]:
    """How stories are told with a system. Raises EvalError where nobody has said it."""
    is_installed = name in registry.connector_names()
    module = f"{registry.package(name)}.story" if is_installed else f"{DECLARED}.{name}"
    try:
        found = importlib.import_module(module).STORY
    except (ImportError, AttributeError) as error:
        raise EvalError(
            f"no story can be told with the system {name}: {module} defines no STORY ({error});"
            " write one as connectors/story.py says"
        ) from None
    assert isinstance(found, type)
    assert issubclass(found, System)
    return found


def _tables(connectors: Iterable[Connector]) -> Tables:
    found: dict[str, Mapping[str, type]] = {}
    for each in connectors:
        its = _of_the_desk() if each.name == DESK else story(each.name).columns
        for table, columns in its.items():
            if table in found:
                raise EvalError(f"two systems of one bundle have a table {table}: rename one")
            found[table] = columns
    return found


def _of_the_desk() -> Tables:
    return {
        name: {
            column.name: int if isinstance(column.type, Integer) else str
            for column in table.columns
        }
        for name, table in metadata.tables.items()
        if name not in FIXED_TABLES
    }
