"""A GitHub App as an account: its key buys a token of one installation, kept while it is valid.

The secret of such a connection is JSON:
{"app_id": 1, "installation_id": 2, "private_key": "-----BEGIN…"}
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from connectors.errors import Rejected, Unavailable
from connectors.github.answers import Answer
from connectors.secrets.hiding import hide

JWT_SECONDS = 300  # GitHub takes at most ten minutes
CLOCK_SKEW_SECONDS = 60  # GitHub's own advice: issued a minute ago
RENEW_SECONDS = 300  # before a token ends it is no longer used
TOKENS_MAX = 200  # kept in one process


@dataclass(frozen=True)
class Installation:
    """An app in one organization."""

    app_id: int
    installation_id: int
    private_key: str = field(repr=False)


@dataclass(frozen=True)
class Path:
    """One request of the app itself."""

    verb: str
    path: str
    subject: str
    token: str = field(repr=False)


def parsed(secret: str) -> Installation | None:
    """The app in a secret, None for a token. Raises Rejected for JSON that names no app."""
    if not secret.lstrip().startswith("{"):
        return None
    try:
        said = json.loads(secret)
        app_id, installation_id = int(said["app_id"]), int(said["installation_id"])
        private_key = said["private_key"]
    except (ValueError, KeyError, TypeError, RecursionError):
        private_key = None
    if not isinstance(private_key, str) or not private_key:
        raise Rejected(
            "The secret of the connection is JSON, but not that of a GitHub App.",
            next_step='Write {"app_id": …, "installation_id": …, "private_key": "…"}, or a token.',
            is_secret_refused=True,
        )
    hide(private_key)
    return Installation(app_id, installation_id, private_key)


def signed(installation: Installation) -> str:
    """What proves for some minutes that we have the app's key. Raises Rejected for no key."""
    import jwt

    now = int(time.time())
    claims = {
        "iat": now - CLOCK_SKEW_SECONDS,
        "exp": now + JWT_SECONDS,
        "iss": str(installation.app_id),
    }
    try:
        return jwt.encode(claims, installation.private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise Rejected(
            f"The private key of the GitHub App {installation.app_id} cannot be read.",
            next_step="Give the connection the key in PEM, as GitHub made it.",
            is_secret_refused=True,
        ) from None


def token(installation: Installation, address: str, ask: Callable[[Path], Answer]) -> str:
    """A token of the installation, a new one where none is kept. Raises of the tree."""
    digest = hashlib.sha256(installation.private_key.encode()).hexdigest()
    key = (address, installation.app_id, installation.installation_id, digest)
    with _LOCK:
        kept = _TOKENS.get(key)
    if kept is not None and kept[1] > time.time() + RENEW_SECONDS:
        return kept[0]
    path = f"/app/installations/{installation.installation_id}/access_tokens"
    answer = ask(Path("POST", path, "the installation of the app", signed(installation)))
    made, until = _read(answer)
    hide(made)
    with _LOCK:
        _TOKENS.pop(key, None)
        _TOKENS[key] = (made, until)
        while len(_TOKENS) > TOKENS_MAX:
            del _TOKENS[next(iter(_TOKENS))]
    return made


_TOKENS: dict[tuple[str, int, int, str], tuple[str, float]] = {}
_LOCK = Lock()


def _read(answer: Answer) -> tuple[str, float]:
    try:
        made, until = str(answer.body["token"]), str(answer.body["expires_at"])
        return made, datetime.fromisoformat(until).timestamp()
    except (KeyError, TypeError, ValueError):
        raise Unavailable(
            "GitHub gave no token for the installation of the app.",
            next_step="Nothing was written; ask again later.",
        ) from None
