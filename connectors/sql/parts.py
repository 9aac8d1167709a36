"""What a declared statement says, in parts: one table, named columns, parameters and constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Verb = Literal["SELECT", "UPDATE", "INSERT", "DELETE"]


@dataclass(frozen=True)
class Given:
    """A bound parameter, `:name`."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A value that stands in the statement."""

    value: str | int | bool | None


@dataclass(frozen=True)
class Raised:
    """The column itself plus a number: `version + 1`."""

    by: int


@dataclass(frozen=True)
class Now:
    """The moment of the database, CURRENT_TIMESTAMP."""


Assigned = Given | Constant | Raised | Now


@dataclass(frozen=True)
class Condition:
    """`column = value`, or where `is_null_safe` the same for NULLs too."""

    column: str
    value: Given | Constant
    is_null_safe: bool


@dataclass(frozen=True)
class Parts:
    """All that a statement says. `reads` are a SELECT's columns, `sets` what the others write,
    `order` the columns that it sorts by, and whether downward."""

    verb: Verb
    table: str
    reads: tuple[str, ...]
    sets: Mapping[str, Assigned]
    where: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...] = ()

    @property
    def given(self) -> frozenset[str]:
        """The names of all bound parameters."""
        values = (*self.sets.values(), *(each.value for each in self.where))
        return frozenset(value.name for value in values if isinstance(value, Given))
