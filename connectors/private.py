"""Where a secret may be sent: over an encrypted line, or to a server on this machine itself."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def private(address: str) -> SplitResult | None:
    """The parts of an address of HTTP that may be sent a secret; None for any other."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return None
    host = parts.hostname or ""
    is_private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return parts if is_private and host else None


def origin(address: str) -> str | None:
    """SCHEME://HOST:PORT of a private address that says nothing else; None for any other."""
    parts = private(address)
    if parts is None or "@" in parts.netloc or parts.query or parts.fragment:
        return None
    if parts.path.strip("/"):
        return None
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, whatever a resolver says."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
