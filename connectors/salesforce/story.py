"""Stories with Salesforce: one org of our own stand-in, whose records begin anew.

Columns are the fields that people speak of; whether a record is closed follows from its stage or
status and is no column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

from connectors.operation import Value
from connectors.salesforce import standin
from connectors.salesforce.standin_records import DANA, USERS
from connectors.salesforce.story_records import records
from connectors.story import Row, Rows, System, Write

ACCOUNT = f"{standin.ORG}/{standin.USER}"
OF_OBJECTS = {"Opportunity": "opportunities", "Account": "accounts", "Case": "cases"}
_DELETING = {"is_deleted": "IsDeleted", "merged_into": "MasterRecordId"}
# Column -> the field that it shows, by object.
FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Opportunity": {
            "name": "Name",
            "stage": "StageName",
            "close_date": "CloseDate",
            "next_step": "NextStep",
            "amount_minor": "Amount",
            "description": "Description",
            "owner": "OwnerId",
            "is_deleted": "IsDeleted",
        },
        "Account": {
            "name": "Name",
            "industry": "Industry",
            "billing_city": "BillingCity",
            "phone": "Phone",
            "website": "Website",
            "employees": "NumberOfEmployees",
            "description": "Description",
            "owner": "OwnerId",
            **_DELETING,
        },
        "Case": {
            "number": "CaseNumber",
            "subject": "Subject",
            "status": "Status",
            "priority": "Priority",
            "description": "Description",
            "owner": "OwnerId",
            **_DELETING,
        },
    }
)
_NOT_SET = frozenset({"CaseNumber", "OwnerId", "IsDeleted", "MasterRecordId"})  # by no operation
_INTS, _BOOLS = frozenset({"amount_minor", "employees"}), frozenset({"is_deleted"})


def table_of(object_name: str) -> str:
    """The table of an object's records."""
    return f"salesforce_{OF_OBJECTS[object_name]}"


def _type(column: str) -> type:
    return bool if column in _BOOLS else int if column in _INTS else str


@dataclass
class _Ticking:
    """The story's time; every change is a second later than the one before."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class SalesforceStory(System):
    """An org. The server runs from the first story on."""

    columns = MappingProxyType(
        {
            table_of(name): {column: _type(column) for column in fields}
            for name, fields in FIELDS.items()
        }
    )

    def __init__(self) -> None:
        self._org = standin.Org()
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        if self._server is None:
            self._server = standin.served_alone(self._org)
        port = self._server.server_address[1]
        return f"http://127.0.0.1:{port}?client_id={standin.CLIENT_ID}"

    def begin(self, now: datetime) -> None:
        with self._org.lock:
            self._org.records, self._org.clock = records(), _Ticking(now)

    def secret(self, account: str) -> str:
        return standin.CLIENT_SECRET if account == ACCOUNT else "nobody's"

    def rows(self) -> Rows:
        with self._org.lock:
            return {
                table_of(name): {id_: _row(name, stored) for id_, stored in stored_by_id.items()}
                for name, stored_by_id in self._org.records.items()
            }

    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        name = next(name for name in FIELDS if table_of(name) == table)
        sent = {FIELDS[name][column]: _sent(column, value) for column, value in values.items()}
        self._org.change(name, id_, sent, DANA)

    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        for name in FIELDS:
            was, now = before.get(table_of(name), {}), after.get(table_of(name), {})
            for id_ in sorted(was.keys() | now.keys()):
                yield from _written(name, id_, was.get(id_, {}), now.get(id_, {}))

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _row(name: str, stored: Mapping[str, Any]) -> Row:
    return {column: _shown(column, stored.get(field)) for column, field in FIELDS[name].items()}


def _shown(column: str, stored: Any) -> Value:
    if column == "amount_minor":
        return None if stored is None else int(Decimal(str(stored)) * 100)
    if column == "owner":
        return USERS[stored]
    return "" if stored is None and _type(column) is str else stored


def _sent(column: str, value: Value) -> Any:
    if column == "amount_minor":
        return None if value is None else float(Decimal(str(value)) / 100)
    if column == "owner":
        return next(user for user, name in USERS.items() if name == value)
    return None if value == "" else value


def _written(name: str, id_: str, was: Row, now: Row) -> Iterator[Write]:
    for column, field in FIELDS[name].items():
        if was.get(column) == now.get(column):
            continue
        if not was or not now or field in _NOT_SET:
            yield Write("unknown", {"object": name, "record": id_, "field": field})
            continue
        value = _shown_text(column, now[column])
        params = {"object": name, "record": id_, "field": field, "value": value}
        yield Write("salesforce.set_field", params)


def _shown_text(column: str, value: Value) -> str:
    if column == "amount_minor" and value is not None:
        return f"{Decimal(int(value)) / 100:.2f}"
    return "" if value is None else str(value)


STORY = SalesforceStory
