"""The contract between Assent and one external system: operations with do and undo side by side.

A connector is synchronous code called on worker threads. It knows nothing of runs, policies or
chat: it reads, predicts, writes under an idempotency key, and takes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from connectors.credentials import Credential, Environment

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


@dataclass(frozen=True)
class Guard:
    """What keeps a write from a record that is no longer as it was read.

    "compared": the system itself compares, and refuses; `by` names what it compares ("the payment's
    version", "its ETag"). "re-read": the system cannot, so the record is read again immediately
    before the write; `by` names what is compared then. Between that read and the write somebody
    else may be quicker, and the card says so.
    """

    kind: Literal["compared", "re-read"]
    by: str


# How a write whose answer was lost is found again. "key": the system keeps the key itself, refuses
# it for another call and answers it once. "mark": the write carries the key where it can be looked
# for. "state": the record as the write leaves it is all there is, so another's same write counts.
Remembers = Literal["key", "mark", "state"]

BY_VERSION = Guard("compared", "the record's version")

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

    `guard` says how the precondition is held, `remembers` how a lost answer is found, and
    `lag_seconds` for how long a read may still show what was before the write. `ends_at` is for a
    write that holds for a time: when it is to be taken back by itself, None where these parameters
    name no end.
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
    guard: Guard = BY_VERSION
    remembers: Remembers = "key"
    lag_seconds: float = 0
    ends_at: Callable[[P], datetime | None] | None = None


@dataclass(frozen=True)
class Record:
    """One record that a lookup found. `label` tells it apart for a person; `fields` feed a plan.

    `is_partly_named`: the words are only a part of what it is called, so it is asked about before
    it is taken.
    """

    kind: str
    id: str
    label: str
    fields: Mapping[str, Value]
    is_partly_named: bool = False


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
class Identity:
    """Who a session is, as the system itself says, whatever its connection is called.

    `account` names who acts and where, in the system's own ids ("acct_1PqX", "acme/assent-bot"): it
    must equal the connection's account. `environment` and `scopes` (as operations name them) are
    None where the system does not say.
    """

    account: str
    environment: Environment | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class Connector:
    """One external system. `open` makes a session limited to the credential's scopes; `identify`
    asks the system who that session is, and raises the tree; `extra` is the optional dependency
    ("stripe" of `assent[stripe]`) that its sessions need, "" where they need none."""

    name: str
    operations: tuple[Operation[Any], ...]
    finders: tuple[Finder, ...]
    open: Callable[[Credential], AbstractContextManager[Any]]
    identify: Callable[[Any], Identity]
    extra: str = ""
