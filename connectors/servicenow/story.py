"""ServiceNow in a story: the stand-in within the process, with the incidents of a service desk.

No socket is between the connector and the stand-in: the client of its session gets another
transport. Read and changed past the connector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from httpx2 import Client

from connectors.credentials import Credential
from connectors.operation import Connector, Value
from connectors.servicenow.standin import seed, story_seed
from connectors.servicenow.standin.in_process import InProcess
from connectors.servicenow.standin.instance import Instance
from connectors.story import Row, Rows, System, Write

INCIDENTS, NOTES = "servicenow_incidents", "servicenow_notes"
PEOPLE, GROUPS, RIGHTS = "servicenow_people", "servicenow_groups", "servicenow_rights"
PLAIN = ("short_description", "description", "urgency", "impact", "category", "close_code",
         "close_notes")  # fmt: skip
FIELDS = ("short_description", "description", "urgency", "impact", "category", "assignment_group",
          "assigned_to")  # fmt: skip
RESOLUTION = ("state", "hold_reason", "close_code", "close_notes")
RESOLVED = "Resolved"

_HEAD = re.compile(r"^[0-9-]{10} [0-9:]{8} - (?P<who>[^\n]+) \(Work notes\)\n", re.MULTILINE)
_MARK = re.compile(r"\s*\[assent [0-9a-f]+\]\s*\Z")  # what the connector's own notes end with


class ServiceNowStory(System):
    """One instance. People are called by their address, groups and states by their name."""

    columns: Mapping[str, Mapping[str, type]] = {
        INCIDENTS: {
            **dict.fromkeys(PLAIN, str),
            "state": str, "hold_reason": str, "assignment_group": str, "assigned_to": str,
            "caller": str, "parent": str, "is_deleted": bool,
        },
        NOTES: {"incident": str, "author": str, "text": str},
        PEOPLE: {"name": str, "is_active": bool},
        GROUPS: {"is_active": bool},
        RIGHTS: {"may_write": bool},
    }  # fmt: skip

    def __init__(self) -> None:
        self._instance = Instance()
        self._deleted: dict[str, seed.Row] = {}

    @property
    def address(self) -> str:
        return seed.INSTANCE

    def begin(self, now: datetime) -> None:
        self._instance = story_seed.instance(now)
        self._deleted = {}

    def secret(self, account: str) -> str:
        instance, _, user = account.partition("/")
        host = urlsplit(seed.INSTANCE).hostname or ""
        if instance != host.removesuffix(".service-now.com"):
            return ""
        return next((pair for pair, whose in seed.BASIC.items() if whose == user), "")

    def open(self, connector: Connector, credential: Credential) -> AbstractContextManager[Any]:
        said = replace(
            credential, address=self.address, secret=self.secret(credential.account) or "nobody"
        )

        @contextmanager
        def opened() -> Iterator[Any]:
            with connector.open(said) as session:
                real = session.client
                with Client(
                    base_url=real.base_url,
                    headers=real.headers,
                    auth=real.auth,
                    transport=InProcess(self._instance),
                ) as client:
                    yield replace(session, client=client)

        return opened()

    def rows(self) -> Rows:
        tables = self._instance.tables
        every = [*tables["incident"].values(), *self._deleted.values()]
        return {
            INCIDENTS: {row["number"]: self._incident(row) for row in every},
            NOTES: {id_: note for row in every for id_, note in self._notes(row)},
            PEOPLE: {
                row["email"]: {"name": row["name"], "is_active": row["active"] == "true"}
                for row in tables["sys_user"].values()
            },
            GROUPS: {
                row["name"]: {"is_active": row["active"] == "true"}
                for row in tables["sys_user_group"].values()
            },
            RIGHTS: {seed.BOT: {"may_write": seed.BOT in self._instance.writers}},
        }

    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        if table == RIGHTS:
            self._instance.writers = {seed.BOT} if values["may_write"] else set()
        elif table in (PEOPLE, GROUPS):
            row = self._named("sys_user" if table == PEOPLE else "sys_user_group", id_)
            said = {n: v for n, v in values.items() if n == "name"}
            row |= said | {"active": str(values.get("is_active", row["active"])).lower()}
        elif table == NOTES:
            self._note(values)
        else:
            self._change_incident(self._found(id_), values)

    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        for number, now in after[INCIDENTS].items():
            yield from _written(number, before[INCIDENTS].get(number), now)
        for id_ in sorted(before[NOTES].keys() | after[NOTES].keys()):
            one, other = before[NOTES].get(id_), after[NOTES].get(id_)
            if one is None and other is not None and other["author"] == "Assent":
                said = {"incident": other["incident"], "text": other["text"]}
                yield Write("servicenow.add_note", said)
            elif one != other:
                yield Write("unknown", {"note": id_})
        for table in (PEOPLE, GROUPS, RIGHTS):
            if before[table] != after[table]:
                yield Write("unknown", {"table": table})

    def _found(self, number: str) -> seed.Row:
        rows = self._instance.tables["incident"].values()
        found = next((row for row in rows if row["number"] == number), None)
        if found is None:
            raise LookupError("no such incident")
        return found

    def _named(self, table: str, name: str) -> seed.Row:
        rows = self._instance.tables[table].values()
        found = next((row for row in rows if name and name in (row["email"], row["name"])), None)
        if found is None:
            raise LookupError(f"nobody called {name}")
        return found

    def _incident(self, row: seed.Row) -> Row:
        def shown(field: str) -> str:
            return (self._instance.shown("incident", row, field) or ("", ""))[1]

        return {
            **{name: row[name] for name in PLAIN},
            "state": shown("state"),
            "hold_reason": shown("hold_reason"),
            "assignment_group": shown("assignment_group"),
            "assigned_to": shown("assigned_to.email"),
            "caller": shown("caller_id.email"),
            "parent": shown("parent_incident"),
            "is_deleted": row["sys_id"] in self._deleted,
        }

    def _notes(self, row: seed.Row) -> Iterator[tuple[str, Row]]:
        """Every note, the first written first: "INC0010023/1"."""
        parts = _HEAD.split(row["work_notes"])[1:]
        entries = list(zip(parts[::2], parts[1::2], strict=True))
        for place, (who, text) in enumerate(reversed(entries), 1):
            said = _MARK.sub("", text.strip()).strip()
            yield (
                f"{row['number']}/{place}",
                {"incident": row["number"], "author": who, "text": said},
            )

    def _note(self, values: Mapping[str, Value]) -> None:
        """A note by somebody; all of its columns are given."""
        number = str(values["incident"])
        row = self._found(number)
        head = f"{self._instance.clock:%Y-%m-%d %H:%M:%S} - {values['author']} (Work notes)"
        journal = f"{head}\n{values['text']}\n\n{row['work_notes']}"
        self._instance.touch(number, work_notes=journal)

    def _change_incident(self, row: seed.Row, values: Mapping[str, Value]) -> None:
        stored: dict[str, str] = {}
        for name, value in values.items():
            match name:
                case "is_deleted":
                    self._deleted[row["sys_id"]] = row
                    del self._instance.tables["incident"][row["sys_id"]]
                    return
                case "state" | "hold_reason":
                    stored[name] = _code(name, str(value))
                case "assignment_group":
                    stored[name] = self._named("sys_user_group", str(value))["sys_id"]
                case "assigned_to":
                    stored[name] = self._named("sys_user", str(value))["sys_id"] if value else ""
                case "caller":
                    stored["caller_id"] = self._named("sys_user", str(value))["sys_id"]
                case "parent":
                    stored["parent_incident"] = self._found(str(value))["sys_id"]
                case _:
                    stored[name] = str(value)
        self._instance.touch(row["number"], **stored)


def _code(field: str, label: str) -> str:
    found = next((code for code, said in seed.CHOICES[field].items() if said == label), None)
    if found is None and label:
        raise LookupError(f"no {field} called {label}")
    return found or ""


def _written(number: str, was: Row | None, now: Row) -> Iterator[Write]:
    """What differs of an incident, as the operations that make such a difference."""
    if was is None:
        said = {name: now[name] for name in ("short_description", "urgency", "impact")}
        yield Write("servicenow.create_incident", {**said, "caller": now["caller"]})
        return
    for name in FIELDS:
        if was[name] != now[name]:
            values = {"incident": number, "field": name, "value": now[name]}
            yield Write("servicenow.update_incident", values)
    is_resolved = now["state"] == RESOLVED and any(was[n] != now[n] for n in RESOLUTION)
    if is_resolved:
        said = {name: now[name] for name in ("close_code", "close_notes")}
        yield Write("servicenow.resolve_incident", {"incident": number, **said})
    known = {*FIELDS, *(RESOLUTION if is_resolved else ())}
    if stray := sorted(n for n in was if n not in known and was[n] != now[n]):
        yield Write("unknown", {"incident": number, "changed": " ".join(stray)})


STORY = ServiceNowStory
