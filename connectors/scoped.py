"""What a session may do: the one check of scopes, and the one sentence where one is missing.

A session holds `credential.scopes`; every function of an operation or finder that talks to the
system requires its own of them first, whatever the account itself may do.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from connectors.errors import Rejected
from connectors.saying import safe


def require(account: str, held: AbstractSet[str], needed: AbstractSet[str]) -> None:
    """Raises Rejected that names the first scope of `needed` that is not `held`."""
    for scope in sorted(needed - held):
        raise Rejected(
            f"The account {safe(account)} lacks {scope}.",
            next_step="Use an account that holds it, or ask the system's owner to grant it.",
        )
