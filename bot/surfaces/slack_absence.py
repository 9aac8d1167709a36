"""Who is meant in `/assent away`: a mention is an account, never a name. Pure."""

from __future__ import annotations

import re

_MENTION = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^<>]{0,200})?>")


def accounts(raw: str) -> str:
    """Text as Slack sent it, with each mention as an account: "to slack:U0MIRA because …"."""
    text = _MENTION.sub(lambda mention: f"slack:{mention[1]}", raw)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
