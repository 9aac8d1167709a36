"""Jira in a story: the stand-in within the process, with the issues of a service desk.

No socket is between the connector and the stand-in: the SDK's calls end in an adapter of its own
session. Read and changed past the connector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.credentials import Credential
from connectors.jira.standin import seed, story_seed
from connectors.jira.standin.in_process import InProcess
from connectors.jira.standin.site import Issue, Site
from connectors.operation import Connector, Value
from connectors.story import Row, Rows, System, Write

ISSUES, COMMENTS, PEOPLE, PROJECTS = "jira_issues", "jira_comments", "jira_people", "jira_projects"
TEAM = "customfield_10011"
# Columns that are a field of the issue: which one, and of which kind it is set.
FIELDS = {"summary": "text", "priority": "option", "team": "option", "labels": "labels"}
IDS = {"team": TEAM}
SOMEBODY = seed.JO  # whoever else changes something


class JiraStory(System):
    """One site. Issues are called by the key that they had at the beginning."""

    columns: Mapping[str, Mapping[str, type]] = {
        ISSUES: {
            "key": str, "type": str, "summary": str, "description": str, "status": str,
            "resolution": str, "priority": str, "team": str, "labels": str, "components": str,
            "assignee": str, "reporter": str, "is_deleted": bool,
        },
        COMMENTS: {"issue": str, "author": str, "text": str},
        PEOPLE: {"name": str, "email": str, "is_active": bool},
        PROJECTS: {"granted": str},
    }  # fmt: skip

    def __init__(self) -> None:
        self._site = Site()
        self._keys: dict[str, str] = {}  # an issue's id -> the key that it had at the beginning
        self._deleted: dict[str, Issue] = {}

    @property
    def address(self) -> str:
        return seed.BASE_URL

    def begin(self, now: datetime) -> None:
        self._site = story_seed.site(now)
        self._keys = {id_: issue["key"] for id_, issue in self._site.issues.items()}
        self._deleted = {}

    def secret(self, account: str) -> str:
        wanted = account.removeprefix(f"{urlsplit(seed.BASE_URL).hostname}/")
        return next((secret for secret, whose in seed.SECRETS.items() if whose == wanted), "")

    def open(self, connector: Connector, credential: Credential) -> AbstractContextManager[Any]:
        said = replace(
            credential, address=self.address, secret=self.secret(credential.account) or "nobody"
        )

        @contextmanager
        def opened() -> Iterator[Any]:
            with connector.open(said) as session:
                session.client._session.mount("https://", InProcess(self._site))
                yield session

        return opened()

    def rows(self) -> Rows:
        every = {**self._site.issues, **self._deleted}
        comments = {c["id"]: (i, c) for i in every.values() for c in i["comments"]}
        held = self._site.permissions[seed.BOT]
        return {
            ISSUES: {self._key(i): self._issue(i) for i in every.values()},
            COMMENTS: {
                id_: {
                    "issue": self._key(issue),
                    "author": comment["author"]["accountId"],
                    "text": plain(comment["body"]),
                }
                for id_, (issue, comment) in comments.items()
            },
            PEOPLE: {
                id_: {
                    "name": person["displayName"],
                    "email": person.get("emailAddress", ""),
                    "is_active": person["active"],
                }
                for id_, person in self._site.people.items()
            },
            PROJECTS: {name: {"granted": " ".join(sorted(may))} for name, may in held.items()},
        }

    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        if table == PEOPLE:
            person = self._site.people[id_]
            names = {"name": "displayName", "email": "emailAddress", "is_active": "active"}
            person |= {names[name]: value for name, value in values.items()}
        elif table == PROJECTS:
            held = self._site.permissions[seed.BOT]
            held[id_] = frozenset(str(values["granted"]).split()) if id_ in held else held[id_]
        elif table == COMMENTS:
            self._comment(id_, values)
        else:
            self._change_issue(self._found(id_), values)

    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        for key, now in after[ISSUES].items():
            was = before[ISSUES].get(key)
            yield from _created(now) if was is None else _written(key, was, now)
        for id_ in sorted(before[COMMENTS].keys() | after[COMMENTS].keys()):
            one, other = before[COMMENTS].get(id_), after[COMMENTS].get(id_)
            if one is None and other is not None and other["author"] == seed.BOT:
                yield Write("jira.comment", {"issue": other["issue"], "text": other["text"]})
            elif one != other:
                yield Write("unknown", {"comment": id_})
        for table in (PEOPLE, PROJECTS):
            if before[table] != after[table]:
                yield Write("unknown", {"table": table})

    def _key(self, issue: Issue) -> str:
        return self._keys.get(issue["id"], str(issue["key"]))

    def _found(self, key: str) -> Issue:
        found = next((i for i in self._site.issues.values() if self._key(i) == key), None)
        if found is None:
            raise LookupError("no such issue")
        return found

    def _issue(self, issue: Issue) -> Row:
        fields = issue["fields"]
        return {
            "key": issue["key"],
            "type": fields["issuetype"]["name"],
            "summary": fields["summary"],
            "description": plain(fields["description"]),
            "status": fields["status"]["name"],
            "resolution": (fields["resolution"] or {}).get("name", ""),
            "priority": (fields["priority"] or {}).get("name", ""),
            "team": (fields[TEAM] or {}).get("value", ""),
            "labels": " ".join(sorted(fields["labels"])),
            "components": " ".join(sorted(each["name"] for each in fields["components"])),
            "assignee": (fields["assignee"] or {}).get("accountId", ""),
            "reporter": (fields["reporter"] or {}).get("accountId", ""),
            "is_deleted": issue["id"] in self._deleted,
        }

    def _change_issue(self, issue: Issue, values: Mapping[str, Value]) -> None:
        site, fields = self._site, issue["fields"]
        items = []
        for name, value in values.items():
            match name:
                case "is_deleted":
                    self._deleted[issue["id"]] = site.issues.pop(issue["id"])
                case "key":
                    site.moved[issue["key"]] = issue["id"]
                    issue["key"] = value
                    fields["project"] = {"key": str(value).split("-")[0], "id": "1"}
                case "status":
                    was = fields["status"]["name"]
                    items.append({"field": "status", "fromString": was, "toString": value})
                    fields["status"] = seed.status(str(value))
                case "assignee" | "reporter":
                    fields[name] = site.people[str(value)] if value else None
                case "labels":
                    fields["labels"] = str(value).split()
                case "components":
                    fields["components"] = [{"name": each} for each in str(value).split()]
                case "description":
                    fields["description"] = document(str(value)) if value else None
                case "team":
                    fields[TEAM] = {"value": value} if value else None
                case "priority" | "resolution":
                    fields[name] = {"name": value} if value else None
                case "summary":
                    fields["summary"] = value
                case _:
                    raise LookupError(f"nobody changes an issue's {name}")
        site.touch(issue, SOMEBODY, items)

    def _comment(self, id_: str, values: Mapping[str, Value]) -> None:
        """A new comment by somebody; all of its columns are given."""
        issue = self._found(str(values["issue"]))
        issue["comments"].append(
            {
                "id": id_,
                "author": self._site.people[str(values["author"])],
                "body": document(str(values["text"])),
                "properties": {},
            }
        )
        self._site.touch(issue, str(values["author"]), [])
        issue["comments"][-1]["created"] = issue["fields"]["updated"]


def document(text: str) -> dict[str, Any]:
    """A text as Jira keeps it: one paragraph."""
    inline = [{"type": "text", "text": text}]
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": inline}]}


def plain(body: Any) -> str:
    """The text of a document, its blocks in lines."""
    if not isinstance(body, dict):
        return ""
    if body.get("type") == "hardBreak":
        return "\n"
    if "text" in body:
        return str(body["text"])
    between = "\n" if body.get("type") == "doc" else ""
    return between.join(plain(each) for each in body.get("content", []))


def _created(now: Row) -> Iterator[Write]:
    project = str(now["key"]).split("-", maxsplit=1)[0]
    if now["reporter"] != seed.BOT:
        yield Write("unknown", {"issue": now["key"]})
        return
    said = {"project": project, "type": now["type"], "summary": now["summary"]}
    yield Write("jira.create_issue", said)


def _written(key: str, was: Row, now: Row) -> Iterator[Write]:
    """What differs of an issue, as the operations that make such a difference."""
    for name, kind in FIELDS.items():
        if was[name] != now[name]:
            field = IDS.get(name, name)
            values = {"issue": key, "field": field, "kind": kind, "value": now[name]}
            yield Write("jira.set_field", values)
    if was["assignee"] != now["assignee"]:
        yield Write("jira.assign", {"issue": key, "assignee": now["assignee"]})
    if was["status"] != now["status"]:
        how = {"resolution": now["resolution"]} if now["resolution"] else {}
        yield Write("jira.transition", {"issue": key, "status": now["status"], **how})
    known = {*FIELDS, "assignee", "status", "resolution"}
    if stray := sorted(n for n in was if n not in known and was[n] != now[n]):
        yield Write("unknown", {"issue": key, "changed": " ".join(stray)})


STORY = JiraStory
