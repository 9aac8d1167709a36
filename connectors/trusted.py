"""Whom the machine trusts to say who a server is."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def authorities() -> ssl.SSLContext:
    """The machine's certificate authorities, read once: reading them takes longer than a call, and
    every session would."""
    return ssl.create_default_context()
