"""Whom an incident can be given to: a person by their address, a group by its exact name.

The platform stores any reference without a word, one to nobody too; so each is looked up first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.operation import Value
from connectors.servicenow.queries import is_plain
from connectors.servicenow.session import Row, Session, stored
from connectors.wire import Call

SCOPES = frozenset({"people:read"})


@dataclass(frozen=True)
class Target:
    """A person or a group; `why` says why there is none."""

    sys_id: str = ""
    name: str = ""
    email: str = ""
    why: str = ""

    def as_value(self) -> Mapping[str, Value]:
        """As a snapshot holds it."""
        return dict(vars(self))


NOBODY = Target()


def person(session: Session, email: str) -> Target:
    """The active user of that address."""
    return _one(session, "sys_user", "email", email, "no active person has this address")


def group(session: Session, name: str) -> Target:
    """The active group of that name."""
    return _one(session, "sys_user_group", "name", name, "no active group has this name")


def _one(session: Session, table: str, field: str, value: str, none: str) -> Target:
    session.require(SCOPES)
    if not is_plain(value):
        return Target(why=none)
    call = Call("people and groups", is_write=False, scope="people:read")
    fields = ("sys_id", "name", "email", "active")
    rows = session.rows(table, call, f"{field}={value}^active=true", fields, 2)
    found = [row for row in rows if _is(row, field, value)]
    if len(found) > 1:
        return Target(why="there are several of it")
    if not found:
        return Target(why=none)
    row = found[0]
    return Target(stored(row, "sys_id"), stored(row, "name"), stored(row, "email"))


def _is(row: Row, field: str, value: str) -> bool:
    is_active = stored(row, "active") == "true"
    return is_active and stored(row, field).casefold() == value.casefold()
