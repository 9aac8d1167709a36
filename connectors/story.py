"""What a connector brings so that evals can tell stories with its system: records that begin anew
for every case, and what is to be read off them afterwards.

`connectors/<name>/story.py` defines `STORY`, a subclass of `System` that is made without
parameters. Everything in it is told from the system's own side, past the connector: it proves what
the connector did. What a wire does to calls is proven by the conformance suite, not here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.credentials import Credential
from connectors.operation import Connector, Value

Row = dict[str, Value]  # plain JSON: text, whole numbers, truths; money in minor units
Rows = dict[str, dict[str, Row]]  # table -> id -> row; a copy that nothing changes any more


@dataclass(frozen=True)
class Write:
    """One write as the records tell of it: the operation, and its parameters as far as the records
    show them. Money is {"minor": 4000, "currency": "USD"}."""

    operation: str
    values: Mapping[str, Value]


class System(ABC):
    """A system of a story. `columns` are its tables of records: table -> column -> its type, which
    is str, int or bool.

    Tables are named after the system ("okta_users"), because a bundle has several.
    """

    columns: Mapping[str, Mapping[str, type]]

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it answers now."""

    @abstractmethod
    def begin(self, now: datetime) -> None:
        """The same records as at the beginning of every case, which is at `now`. Takes
        milliseconds."""

    @abstractmethod
    def secret(self, account: str) -> str:
        """What a service account presents; that of nobody for one that is unknown here."""

    @abstractmethod
    def rows(self) -> Rows:
        """Every record as it stands."""

    @abstractmethod
    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        """Somebody else changes one record. Raises LookupError where there is none."""

    @abstractmethod
    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        """What stands of what was written in between, in the order in which it was where records
        tell; a write that was taken back leaves nothing. A change that no operation makes is
        Write("unknown", ...)."""

    def open(self, connector: Connector, credential: Credential) -> AbstractContextManager[Any]:
        """A session of the connector at this system."""
        secret = self.secret(credential.account)
        return connector.open(replace(credential, address=self.address, secret=secret))

    def close(self) -> None:  # noqa: B027 - most have nothing to end
        """The system is not needed any more."""
