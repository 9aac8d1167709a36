"""One tenant of the stand-in: its tables, its rules, and who may do what."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.conformance.in_a_thread import Request
from connectors.servicenow.standin import seed
from connectors.servicenow.standin.refusing import RefusedError
from connectors.servicenow.standin.seed import Row

UNSEEN = ("No Record found", "Record doesn't exist or ACL restricts the record retrieval")
FAILED = "Operation Failed"
# Impact and urgency make the priority, as the instance's data lookup has it.
PRIORITIES = {"2": "1", "3": "2", "4": "3", "5": "4", "6": "5"}


class Instance:
    """What is stored. Every change counts and moves the instance's own clock on."""

    def __init__(self) -> None:
        self.tables = seed.tables()
        self.next_number = 5
        self.clock = datetime(2026, 11, 20, 8, tzinfo=UTC)
        self.page_max = 10_000
        self.is_lenient = False
        self.has_filters = True
        self.busy_headers: Mapping[str, str] | None = None
        self.writers = set(seed.WRITERS)

    def user(self, request: Request) -> str:
        """Whose call it is. 401 where it is nobody's."""
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        found = seed.TOKENS.get(said) if scheme == "Bearer" else None
        if scheme == "Basic":
            try:
                found = seed.BASIC.get(base64.b64decode(said, validate=True).decode())
            except ValueError:
                found = None
        if found is None:
            detail = "Required to provide Auth information"
            raise RefusedError(401, "User Not Authenticated", detail)
        return found

    def insert(self, user: str, values: Row) -> Row:
        """A new incident."""
        self._check_writer(user, "Insert")
        _check_values(self, values)
        row = seed.incident(self.next_number, "", "1", sys_created_by=user, sys_mod_count="0")
        row = self._ruled(row, {"caller_id": "", **values})
        self.next_number += 1
        self.tables["incident"][row["sys_id"]] = row
        return row

    def update(self, user: str, sys_id: str, values: Row) -> Row:
        """An incident with other values; nothing is counted where nothing changes."""
        row = self.tables["incident"].get(sys_id)
        if row is None or user not in seed.READERS:
            raise RefusedError(404, *UNSEEN)
        self._check_writer(user, "Update")
        _check_values(self, values)
        if row["state"] == "7":
            rule = (
                "Operation against file 'incident' was aborted by Business Rule 'Closed is final'"
            )
            raise RefusedError(403, FAILED, rule)
        if values.get("work_notes"):
            values = {**values, "work_notes": self._noted(user, row, values["work_notes"])}
        if all(row[name] == value for name, value in values.items()):
            return row
        after = self._ruled(row, values)
        after["sys_mod_count"] = str(int(row["sys_mod_count"]) + 1)
        self.tables["incident"][sys_id] = after
        return after

    def touch(self, number: str, **values: str) -> None:
        """A change by somebody else."""
        row = next(r for r in self.tables["incident"].values() if r["number"] == number)
        row |= {**values, "sys_mod_count": str(int(row["sys_mod_count"]) + 1)}

    def fingerprint(self) -> str:
        """Over all that is stored."""
        said = json.dumps([self.tables, self.next_number], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def shown(self, table: str, row: Row, name: str) -> tuple[str, str] | None:
        """A field's value and what people see; None where there is no such field. `a.b` walks."""
        first, _, rest = name.partition(".")
        if first not in row:
            return None
        value = row[first]
        if first == "work_notes":  # a journal: its entries are shown, it holds no value itself
            return "", value
        if table == "incident" and first in seed.REFERENCES:
            target = self.tables[seed.REFERENCES[first]].get(value)
            if rest:
                return (target or {}).get(rest, ""), (target or {}).get(rest, "")
            return value, (target or {}).get("name") or (target or {}).get("number", "")
        label = seed.CHOICES.get(first, {}).get(value, value) if table == "incident" else value
        return value, label

    def _noted(self, user: str, row: Row, text: str) -> str:
        """The journal with one entry more, the newest first."""
        name = self.tables["sys_user"][seed.sys_id(user)]["name"]
        head = f"{self.clock:%Y-%m-%d %H:%M:%S} - {name} (Work notes)"
        return f"{head}\n{text}\n\n{row['work_notes']}"

    def _ruled(self, row: Row, values: Row) -> Row:
        """The row after the platform's own rules."""
        after = row | values
        self.clock += timedelta(seconds=1)
        after["sys_updated_on"] = self.clock.strftime("%Y-%m-%d %H:%M:%S")
        after["priority"] = PRIORITIES[str(int(after["impact"]) + int(after["urgency"]))]
        after["active"] = str(after["state"] not in "78").lower()
        if after["state"] != "3":
            after["hold_reason"] = ""
        lacking = ""
        if after["state"] in "67" and not (after["close_code"] and after["close_notes"]):
            lacking = "Resolution code, Resolution notes"
        elif after["state"] == "3" and not after["hold_reason"]:
            lacking = "On hold reason"
        elif not after["short_description"] or not after["caller_id"]:
            lacking = "Caller, Short description"
        if lacking:
            policy = f"Data Policy Exception: The following fields are mandatory: {lacking}"
            raise RefusedError(403, FAILED, policy)
        return after

    def _check_writer(self, user: str, what: str) -> None:
        if user not in self.writers:
            detail = f"ACL Exception {what} Failed due to security constraints"
            raise RefusedError(403, FAILED, detail)


def _check_values(instance: Instance, values: Row) -> None:
    """An instance stores any of these without a word; the stand-in does not."""
    for name, value in values.items():
        is_known = name in seed.WRITABLE and isinstance(value, str)
        if is_known and value and name in seed.REFERENCES:
            is_known = value in instance.tables[seed.REFERENCES[name]]
        if is_known and value and name in seed.CHOICES:
            is_known = value in seed.CHOICES[name]
        if name == "short_description" and (len(value) > 160 or value != value.strip()):
            is_known = False
        if not is_known:
            raise RefusedError(400, "Invalid value", f"{name} does not take it")
