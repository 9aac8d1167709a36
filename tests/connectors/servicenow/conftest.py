"""A fresh ServiceNow instance for each test: the stand-in behind the proxy."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connectors.conformance.proxy import Proxy
from connectors.credentials import Credential
from connectors.opening import opened
from connectors.operation import Operation, Params
from connectors.servicenow import conformance
from connectors.servicenow.connector import CONNECTOR
from connectors.servicenow.standin.instance import Instance

OPERATIONS = {operation.name: operation for operation in CONNECTOR.operations}


@dataclass(frozen=True)
class Now:
    """One instance with what tests do to it."""

    proxy: Proxy
    instance: Instance
    credential: Credential

    def session(self, **changed: Any) -> AbstractContextManager[Any]:
        return opened(CONNECTOR, replace(self.credential, **changed))

    def row(self, number: str) -> dict[str, str]:
        rows = self.instance.tables["incident"].values()
        return next(row for row in rows if row["number"] == number)

    def typed(self, name: str, **params: Any) -> tuple[Operation[Any], Params]:
        return OPERATIONS[name], OPERATIONS[name].params.model_validate(params)

    def do(self, name: str, key: str = "key", **params: Any) -> Any:
        """Reads and writes at once; (the operation, its parameters, before, the result)."""
        operation, typed = self.typed(name, **params)
        with self.session() as session:
            before = operation.read(session, typed)
            return operation, typed, before, operation.execute(session, typed, before, key)

    def find(self, words: str) -> list[str]:
        with self.session() as session:
            return [record.id for record in CONNECTOR.finders[0].find(session, words)]


@pytest.fixture
def now(tmp_path) -> Now:
    address = conformance.fresh(tmp_path)
    proxy, instance = conformance.INSTANCES[address]
    return Now(proxy, instance, conformance.writer(address, ""))
