"""The contract between Assent and one external system: operations with do and undo side by side.

A connector is synchronous code called on worker threads. It knows nothing of runs, policies or
chat: it reads, predicts, writes under an idempotency key, and takes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from connectors.credentials import Credential

# JSON without floats. Money is exactly {"minor": int, "currency": "USD"} (minor units, ISO 4217).
Value = Any
FactType = Literal["int", "string", "bool", "timestamp", "list<string>"]


class Params(BaseModel):
    """Base of typed parameters: frozen, strict, nothing extra."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True)
class Snapshot:
    """A record as it stands in the system, read in one consistent moment.

    `system` and `resource` name it for people ("Payments", "payment pay_7731"); `version` is the
    system's own version of the record, a precondition for writing; `fields` are the values that the
    operation may change; `about` is everything else that policy or the card may want to know.
    """

    system: str
    resource: str
    version: str
    fields: Mapping[str, Value]
    about: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What the system answered to a write: its own reference, and the record's version after it.

    `is_replay` is true when the key had been used before and the first answer came back.
    `cost_micro_usd` is what the call itself cost, in millionths of a US dollar.
    """

    reference: str
    version: str
    is_replay: bool = False
    cost_micro_usd: int = 0


@dataclass(frozen=True)
class Reversible:
    """The write can be taken back while the record stands as given; `note` says how long."""

    note: str


@dataclass(frozen=True)
class Irreversible:
    """The write cannot be taken back; `why` is a clause for the card ("the payout has left")."""

    why: str


P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Operation(Generic[P]):
    """One thing that a connector can write. Functions of a session do I/O, the others are pure.

    read(session, params) -> Snapshot                 never writes
    preview(params, before) -> fields after           only those that change; raises Rejected
    facts(params, before) -> values of `fact_types`   what policy judges, every name of them
    execute(session, params, before, key) -> Result   at most one write under a key, ever;
                                                      precondition: before.version; raises the tree
    lookup(session, params, key) -> Result | None     whether a write under this key happened
    undo(params, now) -> Reversible | Irreversible    judged on the record as it stands
    compensate(session, params, before, result, key)  takes the write back, idempotent under key;
                                                      Rejected when it no longer can
    """

    name: str
    title: str
    system: str
    params: type[P]
    scopes: frozenset[str]
    fact_types: Mapping[str, FactType]
    read: Callable[[Any, P], Snapshot]
    preview: Callable[[P, Snapshot], Mapping[str, Value]]
    facts: Callable[[P, Snapshot], Mapping[str, Value]]
    execute: Callable[[Any, P, Snapshot, str], Result]
    lookup: Callable[[Any, P, str], Result | None]
    undo: Callable[[P, Snapshot], Reversible | Irreversible]
    compensate: Callable[[Any, P, Snapshot, Result, str], Result]
    cost_micro_usd: int = 0


@dataclass(frozen=True)
class Record:
    """One record that a lookup found. `label` tells it apart for a person; `fields` feed a plan."""

    kind: str
    id: str
    label: str
    fields: Mapping[str, Value]


@dataclass(frozen=True)
class Finder:
    """One way to find records from a person's words: read-only, at most `records_max` results.

    `find(session, words)` returns the matches, best first, none when nothing matches; it never
    guesses. `field_types` declares what a record's fields hold, for the workflow's references.
    """

    name: str
    title: str
    system: str
    scopes: frozenset[str]
    field_types: Mapping[str, Literal["string", "money", "int", "bool"]]
    find: Callable[[Any, str], tuple[Record, ...]]
    records_max: int = 5
    cost_micro_usd: int = 0


@dataclass(frozen=True)
class Connector:
    """One external system. `open` makes a session limited to the credential's scopes."""

    name: str
    operations: tuple[Operation[Any], ...]
    finders: tuple[Finder, ...]
    open: Callable[[Credential], AbstractContextManager[Any]]
