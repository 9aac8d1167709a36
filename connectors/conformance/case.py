"""One operation against one fresh system, and how its calls are made and judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from connectors.conformance.world import (
    FaultedCall,
    FaultKind,
    NonconformingError,
    Sample,
    World,
    expect,
)
from connectors.credentials import Credential
from connectors.errors import ConnectorError
from connectors.opening import opened
from connectors.operation import Connector, Operation, Params, Result, Snapshot, Value


@dataclass(frozen=True)
class Case:
    """One operation against one fresh system."""

    connector: Connector
    operation: Operation[Any]
    world: World
    address: str

    @property
    def sample(self) -> Sample:
        expect(
            self.operation.name in self.world.samples,
            f"WORLD has no sample of {self.operation.name}",
        )
        return self.world.samples[self.operation.name]

    @property
    def params(self) -> Params:
        return self.typed(self.sample.params)

    @property
    def other(self) -> Params | None:
        """Other parameters for the same record, None where there are none."""
        return None if self.sample.other is None else self.typed(self.sample.other)

    @property
    def is_strict_at_once(self) -> bool:
        """Whether of several calls at the same moment under one key exactly one can write."""
        return self.operation.remembers == "key" or self.operation.guard.kind == "compared"

    def typed(self, params: Mapping[str, Value]) -> Params:
        typed: Params = self.operation.params.model_validate(dict(params))
        return typed

    def writer(self) -> Credential:
        return self.world.writer(self.address, self.operation.name)

    def fingerprint(self) -> str:
        return self.world.fingerprint(self.address)

    def read(self, params: Params) -> Snapshot:
        """Read with the account that cannot write; through JSON, as a journal would keep it."""
        with opened(self.connector, self.world.reader(self.address)) as session:
            snapshot = self.operation.read(session, params)
        return Snapshot(**json.loads(json.dumps(asdict(snapshot))))

    def execute(self, params: Params, before: Snapshot, key: str) -> Result:
        with opened(self.connector, self.writer()) as session:
            return self.operation.execute(session, params, before, key)

    def lookup(self, params: Params, key: str) -> Result | None:
        with opened(self.connector, self.world.reader(self.address)) as session:
            return self.operation.lookup(session, params, key)

    def compensate(self, params: Params, before: Snapshot, result: Result, key: str) -> Result:
        with opened(self.connector, self.writer()) as session:
            return self.operation.compensate(session, params, before, result, key)

    def arm(self, kind: FaultKind, call: FaultedCall) -> None:
        self.world.arm(self.address, self.operation.name, kind, call)


@contextmanager
def raises(kind: type[ConnectorError], when: str) -> Iterator[list[ConnectorError]]:
    """Expects this error of the tree, with a message that says something."""
    caught: list[ConnectorError] = []
    try:
        yield caught
    except ConnectorError as error:
        caught.append(error)
    except NonconformingError:
        raise
    except Exception as error:
        raise NonconformingError(f"{when}: {error!r} is no error of the tree") from error
    expect(bool(caught), f"{when}: nothing was raised, {kind.__name__} was due")
    name = type(caught[0]).__name__
    expect(isinstance(caught[0], kind), f"{when}: {name} instead of {kind.__name__}")
    expect(len(caught[0].message) > 10, f"{when}: the message says nothing")


@contextmanager
def unchanged(case: Case, when: str) -> Iterator[None]:
    """Expects that the system stores the same afterwards."""
    before = case.fingerprint()
    yield
    expect(case.fingerprint() == before, f"{when}: the system was changed")
