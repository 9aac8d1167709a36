"""A fresh Jira for each test: the stand-in behind the proxy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connectors.conformance.proxy import Proxy
from connectors.credentials import Credential
from connectors.jira import conformance
from connectors.jira.connector import CONNECTOR
from connectors.jira.standin import seed
from connectors.jira.standin.site import Site
from connectors.opening import opened
from connectors.operation import Operation, Params

OPERATIONS = {operation.name: operation for operation in CONNECTOR.operations}
VIEWER = "viewer@acme.example:ATATT3xStandInOfTheViewer02"


@dataclass(frozen=True)
class Jira:
    """One site with what tests do to it."""

    proxy: Proxy
    site: Site
    credential: Credential

    def session(self, **changed: Any) -> AbstractContextManager[Any]:
        return opened(CONNECTOR, replace(self.credential, **changed))

    def viewer(self) -> AbstractContextManager[Any]:
        """An account of Jira that may look, with all the scopes that Assent knows."""
        return self.session(secret=VIEWER, account=f"acme.atlassian.net/{seed.VIEWER}")

    def typed(self, name: str, **params: Any) -> tuple[Operation[Any], Params]:
        return OPERATIONS[name], OPERATIONS[name].params.model_validate(params)

    def do(self, name: str, key: str = "key", **params: Any) -> Any:
        """Reads and writes at once; (the operation, its parameters, before, the result)."""
        operation, typed = self.typed(name, **params)
        with self.session() as session:
            before = operation.read(session, typed)
            return operation, typed, before, operation.execute(session, typed, before, key)


@pytest.fixture
def jira(tmp_path) -> Jira:
    address = conformance.fresh(tmp_path)
    proxy, site = conformance.SITES[address]
    return Jira(proxy, site, conformance.writer(address, ""))


@pytest.fixture
def find(jira) -> Callable[[str, str], tuple[Any, ...]]:
    finders = {finder.name: finder for finder in CONNECTOR.finders}

    def found(name: str, words: str) -> tuple[Any, ...]:
        with jira.session() as session:
            return finders[name].find(session, words)

    return found
