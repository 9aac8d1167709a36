"""People: one human, whatever accounts they have."""

from __future__ import annotations

from typing import Literal

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


class Person(Frozen):
    """One human: a stable id of ours, the name to show, and the roles held now."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    account: Account
