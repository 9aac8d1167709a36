"""Which service URLs are answered to: whoever gets one of ours gets a token of the bot as well."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

URL_CHARACTERS_MAX = 500  # ours; Microsoft's have about 80
_PORTS = {"https": 443, "http": 80}
# No userinfo, query, fragment, escapes or backslashes: nothing that two readers read differently.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]*)*")


def is_served(url: object, services: tuple[str, ...]) -> bool:
    """Whether a service URL lies at or under one of the allowed ones, compared by its parts."""
    if not isinstance(url, str) or len(url) > URL_CHARACTERS_MAX or not _PLAIN.fullmatch(url):
        return False
    asked = urlsplit(url)
    if any(step in (".", "..") for step in asked.path.split("/")):
        return False
    return any(_lies_under(asked, urlsplit(service)) for service in services)


def _lies_under(asked: SplitResult, allowed: SplitResult) -> bool:
    return (
        asked.scheme == allowed.scheme
        and asked.hostname == allowed.hostname
        and _port(asked) == _port(allowed)
        and f"{asked.path.rstrip('/')}/".startswith(f"{allowed.path.rstrip('/')}/")
    )


def _port(parts: SplitResult) -> int:
    try:
        return _PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        return -1
