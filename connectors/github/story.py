"""GitHub in a story: one organization's people, read and changed past the connector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.conformance.serving import StandIn
from connectors.github import story_standin
from connectors.github.story_standin import Member, Organization
from connectors.operation import Value
from connectors.story import Rows, System, Write

MEMBERS = "github_members"
ORGANIZATION = "acme"
BOT = "assent-bot"
TOKEN = "github_pat_11AssentInStoriesAlone"  # noqa: S105 - opens our own stand-in
NONE = "none"
PEOPLE = (
    Member(BOT, "Assent", role="admin"),
    Member("omar-reyes", "Omar Reyes", "omar@acme.example", "member"),
    Member("dana-cole", "Dana", "", "member"),
    Member("kofi-m", "Kofi Mensah", "kofi@acme.example", "member"),
    Member("ivy-tran", "Ivy Tran", "ivy@acme.example", "member"),
    Member("mark-boyd", "Mark Boyd", "mark@acme.example", "admin"),
    Member("sol-ray", "Sol Ray", "sol@acme.example", "member"),
    Member("nora-lind", "Nora Lind", "nora@acme.example", "member"),
    Member("root-acme", "Root", "root@acme.example", "admin"),
    Member("sam-stranger", "Omar Reyes"),
)


class GitHubStory(System):
    """An organization. Rows are called by login; `role` is "none" for who is nobody there."""

    columns: Mapping[str, Mapping[str, type]] = {
        MEMBERS: {"name": str, "email": str, "role": str, "is_invited": bool},
    }

    def __init__(self) -> None:
        self._held = _seeded()
        self._standin: StandIn | None = None

    @property
    def address(self) -> str:
        if self._standin is None:
            self._standin = StandIn(lambda _, asked: story_standin.answer(self._held, asked))
        return self._standin.address

    def begin(self, now: datetime) -> None:
        del now  # nothing in it has a time
        self._held = _seeded()

    def secret(self, account: str) -> str:
        return TOKEN if account == f"{ORGANIZATION}/{BOT}" else "github_pat_11Nobody"

    def rows(self) -> Rows:
        return {
            MEMBERS: {
                login: {
                    "name": held.name,
                    "email": held.email,
                    "role": held.role or NONE,
                    "is_invited": held.is_invited,
                }
                for login, held in self._held.people.items()
            }
        }

    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        changes: dict[str, Any] = dict(values)
        if changes.get("role") == NONE:
            changes["role"] = ""
        self._held.people[id_] = replace(self._held.people[id_], **changes)

    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        for login, now in after[MEMBERS].items():
            was = before[MEMBERS][login]
            if was == now:
                continue
            gone = {**was, "role": NONE, "is_invited": False}
            said = {"organization": ORGANIZATION, "login": login}
            is_removal = now == gone
            yield Write("github.remove_from_organization" if is_removal else "unknown", said)


def _seeded() -> Organization:
    people = {person.login: replace(person) for person in PEOPLE}
    return Organization(ORGANIZATION, TOKEN, BOT, people)


STORY = GitHubStory
