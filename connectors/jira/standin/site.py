"""One tenant of the stand-in: what it stores, who may do what, and what its index knows."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.conformance.in_a_thread import Request
from connectors.jira.standin import seed
from connectors.jira.standin.refusing import RefusedError

Issue = dict[str, Any]
UNSEEN = "Issue does not exist or you do not have permission to see it."


class Site:
    """What is stored. Every change moves its own clock on, so versions never repeat."""

    def __init__(self) -> None:
        self.people = seed.people()
        self.issues = seed.issues()
        self.moved = {"OPS-4": "10004"}
        self.numbers = {"OPS": 5, "NET": 1, "HR": 1}  # OPS-5 was deleted
        self.permissions = {who: dict(held) for who, held in seed.PERMISSIONS.items()}
        self.assignable: tuple[str, ...] = seed.ASSIGNABLE
        self.teams: tuple[str, ...] = seed.TEAMS
        self.resolutions: tuple[str, ...] = seed.RESOLUTIONS
        self.next_comment = 20_002
        self.clock = datetime(2026, 11, 20, 8, tzinfo=UTC)
        self.page_max = 50
        self.busy_headers: Mapping[str, str] | None = None
        self._index: dict[str, Issue] | None = None

    def account(self, request: Request) -> str:
        """Whose token it is. 401 where it is nobody's."""
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            try:
                said = base64.b64decode(said, validate=True).decode()
            except ValueError:
                said = ""
        elif scheme != "Bearer":
            said = ""
        if said not in seed.SECRETS:
            message = "Client must be authenticated to access this resource."
            raise RefusedError(401, message, headers={"WWW-Authenticate": "OAuth realm=..."})
        return seed.SECRETS[said]

    def may(self, account: str, project: str, permission: str) -> bool:
        """Whether the account holds that permission in the project."""
        return permission in self.permissions.get(account, {}).get(project, frozenset())

    def visible(self, account: str, key: str) -> Issue:
        """The issue of an id, a key in any case, or a key that it had. 404 for any other."""
        found = self.issues.get(self.moved.get(key.upper(), key)) or next(
            (i for i in self.issues.values() if i["key"] == key.upper()), None
        )
        if found is None or not self.may(account, found["fields"]["project"]["key"], "BROWSE"):
            raise RefusedError(404, UNSEEN)
        return found

    def permitted(self, account: str, key: str, permission: str, what: str) -> Issue:
        """The issue, if the account may do that to it; else 403."""
        found = self.visible(account, key)
        if not self.may(account, found["fields"]["project"]["key"], permission):
            raise RefusedError(403, f"You do not have permission to {what} this issue.")
        return found

    def may_have(self) -> list[dict[str, Any]]:
        """Those whom issues can be given to: nobody who is deactivated."""
        return [p for each in self.assignable if (p := self.people[each])["active"]]

    def tick(self) -> str:
        """The next moment."""
        self.clock += timedelta(milliseconds=1)
        return (
            self.clock.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.clock.microsecond // 1000:03}+0000"
        )

    def touch(self, issue: Issue, account: str, items: list[dict[str, Any]]) -> None:
        """A change of the issue, with its history."""
        at = self.tick()
        issue["fields"]["updated"] = at
        entry = {"id": at, "author": self.people[account], "created": at, "items": items}
        if items:
            issue["histories"].insert(0, entry)

    def freeze_index(self) -> None:
        """From now on the search knows nothing new."""
        self._index = copy.deepcopy(self.issues)

    def catch_up(self) -> None:
        """The search knows everything again."""
        self._index = None

    def indexed(self) -> list[Issue]:
        """The issues as the search knows them."""
        return list((self._index if self._index is not None else self.issues).values())

    def fingerprint(self) -> str:
        """Over all that is stored."""
        said = json.dumps([self.issues, self.numbers, self.moved], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()
