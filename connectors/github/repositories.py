"""A repository as far as its operations need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.errors import Rejected
from connectors.github.session import Session
from connectors.operation import Value


@dataclass(frozen=True)
class Repo:
    """A repository under the name that it has now."""

    name: str
    default_branch: str
    owner_kind: str  # "Organization" or "User"
    is_private: bool
    is_archived: bool

    @property
    def owner(self) -> str:
        """The first half of "acme/payments"."""
        return self.name.partition("/")[0]

    @property
    def organization(self) -> str:
        """The owner where it is an organization, else ""."""
        return self.owner if self.owner_kind == "Organization" else ""

    @property
    def about(self) -> dict[str, Value]:
        """What a card or a policy may want to know."""
        return {
            "repository": self.name,
            "repository_is_private": self.is_private,
            "repository_is_archived": self.is_archived,
        }


def load(session: Session, name: str, scope: str) -> Repo:
    """The repository of that name. Raises Rejected where there is none, where it has another name
    now, and for one of another organization than the account's."""
    session.require_owner(name.partition("/")[0])
    subject = f"repository {name}"
    body = session.get(f"/repos/{name}", subject, scope).body
    with session.understood(subject):
        found = Repo(
            name=str(body["full_name"]),
            default_branch=str(body["default_branch"]),
            owner_kind=str(body["owner"]["type"]),
            is_private=bool(body["private"]),
            is_archived=bool(body["archived"]),
        )
    if found.name.lower() != name.lower():
        raise Rejected(
            f"GitHub knows {subject} under another name: {found.name}.",
            next_step="Nothing was written; name it so if that one is meant.",
        )
    return found


def refuse_archived(resource: str, about: Mapping[str, Value]) -> None:
    """Raises Rejected for a record of an archived repository, which is read-only."""
    if about["repository_is_archived"]:
        raise Rejected(
            f"{resource} cannot be changed: the repository is archived, so it is read-only.",
            next_step="Ask the repository's owner to unarchive it.",
        )
