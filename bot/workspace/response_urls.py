"""Response URLs: five answers within half an hour to one command or click."""

import secrets
from dataclasses import dataclass

from bot.workspace.limits import RESPONSE_URL_SECONDS, RESPONSE_URL_USES
from bot.workspace.messages import Message
from bot.workspace.storage import Storage
from bot.workspace.wire import SlackError


@dataclass(frozen=True)
class ResponseUrl:
    """Whom an answer is for, and the message that it may replace."""

    user: str
    channel: str
    message_ts: str | None
    thread_ts: str | None


class ResponseUrls:
    """Hands out secrets and counts their use."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def issue(self, user: str, channel: str, message: Message | None, now: float) -> str:
        """A new secret; expired ones go."""
        self._storage.run("DELETE FROM response_urls WHERE expires_at < ?", now)
        secret = secrets.token_urlsafe(24)
        self._storage.run(
            "INSERT INTO response_urls VALUES (?, ?, ?, ?, ?, ?, ?)",
            secret,
            user,
            channel,
            message.ts if message else None,
            message.thread_ts if message else None,
            RESPONSE_URL_USES,
            now + RESPONSE_URL_SECONDS,
        )
        return secret

    def use(self, secret: str, now: float) -> ResponseUrl:
        """Count one use; SlackError used_url or expired_url."""
        row = self._storage.row(
            "SELECT user, channel, message_ts, thread_ts, uses_left, expires_at"
            " FROM response_urls WHERE secret = ?",
            secret,
        )
        if row is None or now > float(str(row[5])):
            raise SlackError("expired_url")
        if int(str(row[4])) < 1:
            raise SlackError("used_url")
        self._storage.run(
            "UPDATE response_urls SET uses_left = uses_left - 1 WHERE secret = ?", secret
        )
        texts = [str(value) if value is not None else None for value in row[2:4]]
        return ResponseUrl(str(row[0]), str(row[1]), texts[0], texts[1])
