"""The tokens of service accounts: asked for with a signed key, kept for as long as Google says.

A token is kept in this process alone, for the same key, administrator and scopes; one that Google
refuses is forgotten. A key that was read is kept for as long.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.google_workspace.sending import Sender, TokenRequest
from connectors.saying import safe
from connectors.secrets.hiding import hide

TOKEN_ADDRESS = "https://oauth2.googleapis.com/token"  # noqa: S105 - where tokens are given
TOKEN_SECONDS = 3_000.0  # of the hour that Google gives (OAuth 2.0 for service accounts)
TOKENS_MAX = 200  # kept in one process; the oldest goes first
SIGNERS_MAX = 20  # likewise, of keys that were read

_DIRECTORY = "https://www.googleapis.com/auth/admin.directory."
ALWAYS = frozenset({f"{_DIRECTORY}customer.readonly", f"{_DIRECTORY}user.readonly"})
# Ours -> Google's, the narrowest that the APIs take for it.
OAUTH_SCOPES: Mapping[str, str] = {
    "people:read": f"{_DIRECTORY}user.readonly",
    "people:write": f"{_DIRECTORY}user",
    "groups:read": f"{_DIRECTORY}group.readonly",
    "memberships:write": f"{_DIRECTORY}group.member",
    "roles:read": f"{_DIRECTORY}rolemanagement.readonly",
    "sessions:write": f"{_DIRECTORY}user.security",
    "logs:read": "https://www.googleapis.com/auth/admin.reports.audit.readonly",
}


@dataclass(frozen=True)
class Key:
    """A service account's key, and for whom and what it asks. `asked_at` is where tokens are
    given, `digest` tells keys apart."""

    email: str
    private_key: str = field(repr=False)
    key_id: str
    admin: str
    scopes: tuple[str, ...]
    asked_at: str
    digest: str


def key(credential: Credential, address: str) -> Key:
    """What a credential says. Raises Rejected for a secret that is no key of a service account.
    The key's own `token_uri` is not followed: a token is asked for at Google, or where the tests'
    stand-in is."""
    try:
        read = json.loads(credential.secret)
        email, private_key = str(read["client_email"]), str(read["private_key"])
        key_id = str(read.get("private_key_id") or "")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise Rejected(
            f"The secret of the account {safe(credential.account)} is no key of a service account.",
            next_step="Keep the whole JSON file that Google gave for the service account.",
            is_secret_refused=True,
        ) from None
    asked = ALWAYS | {OAUTH_SCOPES[each] for each in credential.scopes if each in OAUTH_SCOPES}
    return Key(
        email=email,
        private_key=private_key,
        key_id=key_id,
        admin=credential.account.partition("/")[2],
        scopes=tuple(sorted(asked)),
        asked_at=TOKEN_ADDRESS if address.startswith("https:") else f"{address}/token",
        digest=hashlib.sha256(credential.secret.encode()).hexdigest(),
    )


def token(asker: Key, sender: Sender) -> tuple[str, bool]:
    """A token that is good for some minutes at least, and whether it was kept. Raises of the
    tree."""
    with _LOCK:
        value, until = _KEPT.get(_name(asker), ("", 0.0))
    if until > time.monotonic():
        return value, True
    value = _asked(asker, sender)
    with _LOCK:
        _KEPT[_name(asker)] = (value, time.monotonic() + TOKEN_SECONDS)
        while len(_KEPT) > TOKENS_MAX:
            del _KEPT[next(iter(_KEPT))]
    return value, False


def forget(asker: Key) -> None:
    """The next call asks for a token anew."""
    with _LOCK:
        _KEPT.pop(_name(asker), None)


_KEPT: dict[tuple[Any, ...], tuple[str, float]] = {}
_SIGNERS: dict[str, tuple[Any, float]] = {}
_LOCK = Lock()


def _name(asker: Key) -> tuple[Any, ...]:
    return (asker.digest, asker.admin, asker.scopes, asker.asked_at)


def _asked(asker: Key, sender: Sender) -> str:
    from google.auth.exceptions import GoogleAuthError
    from google.oauth2 import service_account

    accounts: Any = service_account.Credentials
    try:
        credentials = accounts(
            _signer(asker),
            service_account_email=asker.email,
            token_uri=asker.asked_at,
            scopes=asker.scopes,
            subject=asker.admin,
        )
        credentials.refresh(TokenRequest(sender))
    except (GoogleAuthError, ValueError) as refused:
        with _LOCK:
            _SIGNERS.pop(asker.digest, None)
        said = str(refused.args[0]) if refused.args else ""
        raise Rejected(
            f"Google gives no token for the account {safe(sender.peer.account)}"
            f"{sender.peer.says(said)}.",
            next_step="Nothing was written; check the key, the administrator's address, and that"
            f" the domain delegated these scopes to it: {', '.join(asker.scopes)}.",
            is_secret_refused=True,
        ) from None
    value = str(credentials.token)
    hide(value)
    return value


def _signer(asker: Key) -> Any:
    """What signs with the key, made once: checking a private key takes longer than all that a
    token takes beside it. Kept as a token is. Raises ValueError for no key."""
    from google.auth.crypt import RSASigner

    made: Any = RSASigner
    with _LOCK:
        kept, until = _SIGNERS.get(asker.digest, (None, 0.0))
    if until > time.monotonic():
        return kept
    signer = made.from_string(asker.private_key, asker.key_id)
    with _LOCK:
        _SIGNERS.pop(asker.digest, None)
        _SIGNERS[asker.digest] = (signer, time.monotonic() + TOKEN_SECONDS)
        while len(_SIGNERS) > SIGNERS_MAX:
            del _SIGNERS[next(iter(_SIGNERS))]
    return signer
