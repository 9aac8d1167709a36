"""People: one human, whatever accounts they have."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from store.model.values import Frozen

Surface = Literal["slack", "teams"]


class Account(Frozen):
    """One account of a person on one surface, as its directory described it at `seen_at`."""

    surface: Surface
    team: str
    user: str
    display_name: str
    is_guest: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    is_deactivated: bool = False

    @property
    def refusal(self) -> str | None:
        """Why this account may neither ask nor approve, or None when it may."""
        if self.is_bot:
            return "bots cannot ask or approve"
        if self.is_deactivated:
            return "this account is deactivated"
        if self.is_stranger:
            return "this account belongs to another organisation"
        if self.is_guest:
            return "guest accounts cannot ask or approve"
        return None


class Declared(Frozen):
    """One human as a bundle declares them: the bundle's own name for them and every account, each
    as surface and user id."""

    key: str
    name: str
    accounts: tuple[tuple[Surface, str], ...]


class Delegation(Frozen):
    """What an absent person lets another decide in their place, until `ends_at`.

    `roles` are the absent person's own, empty means all that they hold when it is used;
    `workflows` empty means any; `amounts_minor` maps a currency to the largest amount, and a
    currency that is not in it is not delegated unless the map is empty, which means any amount.
    """

    id: str
    from_id: str
    from_name: str
    to_id: str
    to_name: str
    roles: tuple[str, ...]
    workflows: tuple[str, ...] = ()
    amounts_minor: dict[str, int] = Field(default_factory=dict)
    starts_at: datetime
    ends_at: datetime
    because: str = ""


class Person(Frozen):
    """One human: a stable id of ours, the name to show, and the roles held now.

    `delegated` are the delegations of absent people to this one that hold now, each with the roles
    of the absent person that they still have; it is filled for a click alone and never adds to
    `roles`.
    """

    id: str
    name: str
    roles: tuple[str, ...] = ()
    account: Account
    delegated: tuple[Delegation, ...] = ()
