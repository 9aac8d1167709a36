"""Tokens both ways: what we sign for the bot, and what the bot shows to the connector."""

import hmac
import secrets
from collections.abc import Callable

import jwt

from bot.workspace.storage import Storage
from bot.workspace.teams import limits, seed
from bot.workspace.teams.keys import Keys
from bot.workspace.wire import Json

# learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"


class ChannelTokens:
    """Signs what we send to the bot."""

    def __init__(self, keys: Keys, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._clock = clock

    def token(self, service_url: str, changes: Json | None = None) -> str:
        """A token for one delivery; `changes` replace claims (None takes one away)."""
        now = int(self._clock())
        claims: Json = {
            "serviceurl": service_url,
            "nbf": now,
            "exp": now + limits.CHANNEL_TOKEN_SECONDS,
            "iss": ISSUER,
            "aud": seed.APP_ID,
        }
        claims = {k: v for k, v in {**claims, **(changes or {})}.items() if v is not None}
        key = self._keys.current()
        headers = {"kid": key.kid, "x5t": key.kid}
        return jwt.encode(claims, key.private, algorithm="RS256", headers=headers)


class AccessTokens:
    """The bot's own tokens: given for its secret, shown with every call to the connector."""

    def __init__(self, storage: Storage, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._clock = clock
        self.app_secret = storage.meta("teams_app_secret") or secrets.token_urlsafe(30)
        storage.remember("teams_app_secret", self.app_secret)

    def is_secret(self, app_id: str, secret: str) -> bool:
        """Whether these are the bot's credentials."""
        is_secret = hmac.compare_digest(secret.encode(), self.app_secret.encode())
        return is_secret and app_id.lower() == seed.APP_ID

    def issue(self) -> str:
        """A new token; expired ones go."""
        now = self._clock()
        self._storage.run("DELETE FROM teams_access WHERE expires_at < ?", now)
        token = f"local.{secrets.token_urlsafe(32)}"
        self._storage.run(
            "INSERT INTO teams_access VALUES (?, ?)", token, now + limits.ACCESS_SECONDS
        )
        return token

    def is_valid(self, token: str) -> bool:
        """Whether the bot may act with it."""
        row = self._storage.row("SELECT expires_at FROM teams_access WHERE token = ?", token)
        return row is not None and float(str(row[0])) > self._clock()

    def revoke_all(self) -> None:
        """Every token is unknown from now on, as after a secret was changed."""
        self._storage.run("DELETE FROM teams_access")
