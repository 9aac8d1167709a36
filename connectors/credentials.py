"""Scoped service accounts: what a session may do, in which environment, until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Environment = Literal["sandbox", "production"]


@dataclass(frozen=True)
class Credential:
    """A service account as handed to one session.

    `address` is where the system is (a URL, a path); `secret` never appears in a repr, an error or
    a log; `expires_at` bounds the session, None where the account itself has no end.
    """

    account: str
    environment: Environment
    scopes: frozenset[str]
    address: str
    secret: str = field(default="", repr=False)
    expires_at: datetime | None = None
