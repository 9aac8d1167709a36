"""The kinds of systems that a bundle may declare: SQL, an HTTP interface, an MCP server.

A kind is a folder beside this one with a `declare.py` that defines `KIND`; it is loaded when a
bundle first declares such a system. Nothing of a bundle is read here: whoever reads it hands in
what the file says, and says where in the file a problem stands.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

import connectors
from connectors.operation import Connector
from connectors.text import Line

# As the names of operations and scopes spell it: "crm" of "crm.set_phone" and "crm:write".
WORD = r"^[a-z]+(_[a-z]+)*$"
Word = Annotated[str, StringConstraints(pattern=WORD, max_length=40)]
Place = tuple[str | int, ...]  # the keys and indexes that lead to a value of the file


class Declared(BaseModel):
    """Base of everything that a declaration says: strict, frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Declaration(Declared):
    """What every declared system says: its name, its kind, and what people call it."""

    system: Word
    connector: Word
    title: Line


@dataclass(frozen=True)
class Problem:
    """One thing that a declaration cannot mean, and where in the file it stands."""

    place: Place
    message: str


class UndeclarableError(Exception):
    """A declaration that is well-formed and cannot be made operations of."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


@dataclass(frozen=True)
class Kind:
    """`declaration` is what a file of this kind says. `declare(declaration, beside)` makes its
    connector; `beside` are the files that lie in the same folder, by name. Raises
    UndeclarableError with every problem; ImportError where its extra is not installed."""

    declaration: type[Declaration]
    declare: Callable[[Any, Mapping[str, bytes]], Connector]
    extra: str


@cache
def kinds() -> tuple[str, ...]:
    """The names of the kinds: the folders with a declare.py."""
    folders = (m.name for m in pkgutil.iter_modules(connectors.__path__) if m.ispkg)
    return tuple(sorted(f for f in folders if find_spec(f"connectors.{f}.declare")))


@cache
def kind(name: str) -> Kind:
    """A kind by its name. Raises LookupError naming those there are."""
    if name not in kinds():
        raise LookupError(f"there is no kind of system {name!r}; there are: {', '.join(kinds())}")
    found = importlib.import_module(f"connectors.{name}.declare").KIND
    assert isinstance(found, Kind)
    return found
