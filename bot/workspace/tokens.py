"""Tokens and what they may do."""

import secrets
from dataclasses import dataclass

from bot.workspace.storage import Storage
from bot.workspace.wire import SlackError


@dataclass(frozen=True)
class Token:
    """A bot's or an app's token with its scopes."""

    value: str
    kind: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """SlackError missing_scope when the token lacks it."""
        if scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise SlackError("missing_scope", needed=scope, provided=provided)


class Tokens:
    """The tokens that this workspace gave out; they stay the same over restarts."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def lasting(self, kind: str, scopes: tuple[str, ...]) -> Token:
        """The workspace's own bot or app token, made at the first start, with these scopes now."""
        value = self._storage.meta(f"{kind}_token")
        if value is None:
            value = _made(kind)
            self._storage.remember(f"{kind}_token", value)
        return self._keep(Token(value, kind, frozenset(scopes)))

    def issue(self, kind: str, scopes: tuple[str, ...]) -> Token:
        """Another token, for instance one with fewer scopes."""
        return self._keep(Token(_made(kind), kind, frozenset(scopes)))

    def revoke(self, value: str) -> None:
        """From now on the token is unknown."""
        self._storage.run("DELETE FROM tokens WHERE token = ?", value)

    def check(self, value: str | None) -> Token:
        """The token behind a bearer; SlackError not_authed or invalid_auth."""
        if not value:
            raise SlackError("not_authed")
        row = self._storage.row("SELECT kind, scopes FROM tokens WHERE token = ?", value)
        if row is None:
            raise SlackError("invalid_auth")
        return Token(value, str(row[0]), frozenset(str(row[1]).split(",")))

    def _keep(self, token: Token) -> Token:
        self._storage.run(
            "INSERT OR REPLACE INTO tokens VALUES (?, ?, ?)",
            token.value,
            token.kind,
            ",".join(sorted(token.scopes)),
        )
        return token


def _made(kind: str) -> str:
    prefix = {"bot": "xoxb", "app": "xapp"}[kind]
    return f"{prefix}-local-{secrets.token_hex(20)}"
