"""Northwind in Teams as it is on its first day: the same people, their channels, the bot.

The people are those of the Slack side, by alias; here each has an Entra object id. Olaf ("former")
is in no roster: his account is gone from the tenant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TENANT_ID = "7d1f0a52-0000-4000-8000-00000000aa01"
OTHER_TENANT_ID = "7d1f0a52-0000-4000-8000-00000000bb02"  # Contoso's
APP_ID = "7d1f0a52-0000-4000-8000-0000000a55e7"
BOT_ID = f"28:{APP_ID}"
BOT_NAME = "Assent"
TEAM_ID = "19:northwind@thread.tacv2"  # the team's own id is that of its first channel
TEAM_NAME = "Northwind"

# The Entra object id of each person of bot.workspace.seed.PEOPLE, by alias.
OBJECT_IDS = {
    "agent": "7d1f0a52-0000-4000-8000-000000000d01",
    "agent2": "7d1f0a52-0000-4000-8000-000000000d02",
    "lead": "7d1f0a52-0000-4000-8000-000000000d03",
    "lead2": "7d1f0a52-0000-4000-8000-000000000d04",
    "finance": "7d1f0a52-0000-4000-8000-000000000d05",
    "finance2": "7d1f0a52-0000-4000-8000-000000000d06",
    "admin": "7d1f0a52-0000-4000-8000-000000000d07",
    "guest": "7d1f0a52-0000-4000-8000-000000000d08",
    "stranger": "7d1f0a52-0000-4000-8000-000000000d09",
    "former": "7d1f0a52-0000-4000-8000-000000000d10",
}


@dataclass(frozen=True)
class Conversation:
    """A channel of the team or a group chat. `members` are aliases; `has_bot`: it was added."""

    id: str
    name: str
    kind: Literal["channel", "group"]
    members: tuple[str, ...]
    has_bot: bool = True


_STAFF = ("agent", "agent2", "lead", "lead2", "finance", "finance2", "admin")

# Whose members carry a role: private channels, each with a roster of its own.
_SUPPORT_LEADS = ("lead", "lead2")
_FINANCE_LEADS = ("finance", "finance2")

CONVERSATIONS = (
    Conversation(TEAM_ID, "General", "channel", (*_STAFF, "guest")),
    Conversation(
        "19:supportops@thread.tacv2", "support-ops", "channel", (*_STAFF, "guest", "stranger")
    ),
    Conversation("19:opsdigest@thread.tacv2", "ops-digest", "channel", _STAFF),
    Conversation("19:random@thread.tacv2", "random", "channel", _STAFF, has_bot=False),
    Conversation(
        "19:support@thread.tacv2", "support", "channel", ("agent", "agent2", *_SUPPORT_LEADS)
    ),
    Conversation("19:supportleads@thread.tacv2", "support-leads", "channel", _SUPPORT_LEADS),
    Conversation("19:financeleads@thread.tacv2", "finance-leads", "channel", _FINANCE_LEADS),
    Conversation("19:admins@thread.tacv2", "admins", "channel", ("admin",)),
    Conversation("19:returns@thread.v2", "Returns", "group", ("agent", "agent2", "lead")),
)

PRIVATE_CHANNELS = frozenset(
    {
        "19:support@thread.tacv2",
        "19:supportleads@thread.tacv2",
        "19:financeleads@thread.tacv2",
        "19:admins@thread.tacv2",
    }
)

# Who has the bot as a personal app: everybody whom the tenant's administrator gives it to.
PERSONAL = (*_STAFF, "guest")


def address(alias: str) -> str:
    """A person's id as a channel account: "29:..." """
    return f"29:{alias}-{OBJECT_IDS[alias][-4:]}"


def personal(alias: str) -> str:
    """The id of a person's own conversation with the bot."""
    return f"a:{alias}-{OBJECT_IDS[alias][-4:]}"
