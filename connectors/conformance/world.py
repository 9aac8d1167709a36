"""What a connector's folder brings so that the conformance suite can try it: a world of its own.

`connectors/<name>/conformance.py` defines `WORLD`. The suite finds it, makes fresh systems with it
and holds every operation and finder against the contract in `operation.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from connectors.credentials import Credential
from connectors.operation import Value
from connectors.registry import package

FaultKind = Literal[
    "slow",
    "time_out_before_write",
    "time_out_after_write",
    "refuse",
    "rate_limit",
    "unavailable",
    "lose_permission",
]
FaultedCall = Literal["read", "execute", "lookup", "compensate", "find"]


@dataclass(frozen=True)
class Sample:
    """Parameters of one operation against a fresh system.

    `params` work and change something; `other` work too, on the same record, with other values,
    also after `params` where no write can be taken back, None where there is but one way to write;
    `refused` are well-typed and `preview` must reject each; `final` work but cannot be taken back:
    None where every write of the operation can, the same as `params` where none can.
    """

    params: Mapping[str, Value]
    other: Mapping[str, Value] | None
    refused: tuple[Mapping[str, Value], ...] = ()
    final: Mapping[str, Value] | None = None

    @property
    def is_final(self) -> bool:
        """Whether no write of the operation can be taken back."""
        return self.final is not None and dict(self.final) == dict(self.params)


@dataclass(frozen=True)
class Search:
    """Words that find the record of that id in a fresh system, and words that find nothing."""

    words: str
    finds: str
    finds_nothing: str


@dataclass(frozen=True)
class World:
    """How to make and mistreat a system of this kind.

    fresh(folder) -> address                  a new system, always the same
    writer(address, operation) -> Credential  an account that may execute the operation
    reader(address) -> Credential             an account without any scope to write
    arm(address, name, kind, call)            the next such call of the operation or finder suffers
    fingerprint(address) -> text              differs as soon as anything is stored differently
    unplug(address)                           the system is gone

    `counterpart` names for people what it runs against, `against` the operations and finders that
    run against something else ("our own stand-in"); `unproven` are the properties that it
    cannot show, each with the reason: {"check_name": why} for every operation and finder of the
    connector, {"operation.name check_name": why} for one. They are not run.
    `disturb(address, operation)` changes the record of that operation's sample as somebody else
    would, by its own way in; needed where a sample has no `other`. `says_environment` is false
    where the system does not tell a sandbox from production.
    """

    fresh: Callable[[Path], str]
    writer: Callable[[str, str], Credential]
    reader: Callable[[str], Credential]
    arm: Callable[[str, str, FaultKind, FaultedCall], None]
    fingerprint: Callable[[str], str]
    unplug: Callable[[str], None]
    samples: Mapping[str, Sample]
    searches: Mapping[str, Search]
    counterpart: str = ""
    against: Mapping[str, str] = field(default_factory=dict)
    unproven: Mapping[str, str] = field(default_factory=dict)
    disturb: Callable[[str, str], None] | None = None
    says_environment: bool = True


class NonconformingError(Exception):
    """A connector breaks the contract: the message says which promise and how."""


def expect(is_kept: bool, promise: str) -> None:
    """Raises NonconformingError unless the promise is kept."""
    if not is_kept:
        raise NonconformingError(promise)


def world(connector: str) -> World:
    """The world of a connector. Raises NonconformingError when its folder brings none."""
    try:
        found = importlib.import_module(f"{package(connector)}.conformance").WORLD
    except (ImportError, AttributeError, LookupError) as error:
        raise NonconformingError(
            f"the connector {connector} has no conformance.py that defines WORLD; copy the desk's"
        ) from error
    expect(isinstance(found, World), f"WORLD of {connector} is not a conformance World")
    assert isinstance(found, World)
    return found
