"""`/assent away` and `/assent back` as Slack writes them: a mention is an account, never a name."""

from __future__ import annotations

import re

from bot.incoming import Reply
from bot.surfaces.port import Port
from store.model.person import Account

HELP = (
    "away until 2026-12-01 to @Mira because …: let somebody decide for you",
    "back: decide for yourself again",
)
_MENTION = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^<>]{0,200})?>")
_ABSENCE = re.compile(r"(away|back)\b(.*)", re.IGNORECASE | re.DOTALL)


def absence(port: Port, account: Account, raw: str) -> Reply | None:
    """The answer to a command that is about being away, None for any other. `raw` is the text as
    Slack sent it; blocking."""
    said = _ABSENCE.fullmatch(raw.strip())
    if said is None:
        return None
    if said[1].lower() == "back":
        return port.back(account) if not said[2].strip() else None
    text = _MENTION.sub(lambda mention: f"slack:{mention[1]}", said[2]).strip()
    return port.away(account, text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
