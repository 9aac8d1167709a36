"""Google Workspace in a story: one domain in the stand-in, read and changed past the connector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.conformance import in_process
from connectors.credentials import Credential
from connectors.google_workspace import standin
from connectors.google_workspace.standin import CUSTOMER, Domain, key_file, user
from connectors.operation import Connector, Value
from connectors.story import Row, Rows, System, Write

USERS = "google_workspace_users"
ADMIN = "assent@acme.example"
SERVICE = "assent@access.iam.example"  # the service account that acts as ADMIN
PEOPLE: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("omar", "Omar Reyes", {}),
    ("dana", "Dana Cole", {}),
    ("lena", "Lena Wolf", {}),
    ("mark", "Mark Boyd", {}),
    ("sol", "Sol Ray", {}),
    ("ivy", "Ivy Tran", {"suspended": True, "suspensionReason": "ADMIN"}),
    ("root", "Root", {"isAdmin": True}),
    ("assent", "Assent", {"isAdmin": True}),
    ("nora", "Nora Lind", {}),
)
IDS = {name: f"1{number:020d}" for number, (name, _, _) in enumerate(PEOPLE, 1)}
FIELDS = {  # of a row, as the API has them
    "email": "primaryEmail",
    "is_suspended": "suspended",
    "is_admin": "isAdmin",
    "is_archived": "archived",
}


class GoogleWorkspaceStory(System):
    """A domain. People are called by what stands before the @ of their first address."""

    columns: Mapping[str, Mapping[str, type]] = {
        USERS: {
            "email": str, "name": str, "is_suspended": bool, "is_admin": bool, "is_archived": bool,
        },
    }  # fmt: skip

    def __init__(self) -> None:
        self._domain = _seeded()

    @property
    def address(self) -> str:
        return in_process.ADDRESS

    def begin(self, now: datetime) -> None:
        del now  # nothing in it has a time
        self._domain = _seeded()

    def secret(self, account: str) -> str:
        is_known = account == f"{CUSTOMER}/{ADMIN}"
        return key_file(SERVICE if is_known else "nobody@access.iam.example")

    def open(self, connector: Connector, credential: Credential) -> AbstractContextManager[Any]:
        """A session whose client has no socket."""
        secret = self.secret(credential.account)
        said = replace(credential, address=self.address, secret=secret)

        @contextmanager
        def opened() -> Iterator[Any]:
            with (
                connector.open(said) as session,
                in_process.client(
                    session.client, lambda asked: standin.answer(self._domain, asked)
                ) as client,
            ):
                yield replace(session, client=client)

        return opened()

    def rows(self) -> Rows:
        return {USERS: {name: self._row(id_) for name, id_ in IDS.items()}}

    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        held = self._domain.users[IDS[id_]]
        for name, value in values.items():
            if name == "name":
                held["name"] = {"fullName": value}
            else:
                held[FIELDS[name]] = value
            if name == "is_suspended":
                held["suspensionReason"] = "ADMIN" if value else ""

    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        for name, now in after[USERS].items():
            was = before[USERS][name]
            differs = {field for field in now if now[field] != was[field]}
            if differs == {"is_suspended"}:
                verb = "suspend" if now["is_suspended"] else "restore"
                yield Write(f"google_workspace.{verb}", {"person": IDS[name]})
            elif differs:
                yield Write("unknown", {"person": name})

    def _row(self, id_: str) -> Row:
        held = self._domain.users[id_]
        told = {name: held[field] for name, field in FIELDS.items()}
        return {**told, "name": held["name"]["fullName"]}


def _seeded() -> Domain:
    made = Domain({SERVICE: (ADMIN, standin.ALL_SCOPES)})
    for name, shown, more in PEOPLE:
        id_ = IDS[name]
        made.users[id_] = user(id_, f"{name}@acme.example", shown, **more)
    return made


STORY = GoogleWorkspaceStory
