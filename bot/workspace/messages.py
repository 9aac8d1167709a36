"""Messages and threads: stored, changed, removed, and told to whoever looks on."""

import secrets
from dataclasses import dataclass

from bot.workspace import seed
from bot.workspace.feed import Feed
from bot.workspace.storage import Row, Storage, column, document
from bot.workspace.wire import Json

# A page shows this many of a channel's newest messages at first; older ones load on demand.
HISTORY_MESSAGES = 100


@dataclass(frozen=True)
class Message:
    """A stored message. `visible_to` names the one person who sees an ephemeral one."""

    channel: str
    ts: str
    thread_ts: str | None
    visible_to: str | None
    body: Json

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, with an id on every block and element."""
        found: list[Json] = self.body.get("blocks") or []
        return found

    def shown(self) -> Json:
        """The message as the page reads it."""
        return {**self.body, "channel": self.channel, "visible_to": self.visible_to}


class MessageLog:
    """Every message of the workspace. A timestamp is the name of a message in its channel."""

    def __init__(self, storage: Storage, feed: Feed) -> None:
        self._storage = storage
        self._feed = feed
        row = storage.row("SELECT max(ts) FROM messages")
        self._newest_ts = str(row[0]) if row and row[0] else "0"

    def next_ts(self, now: float) -> str:
        """A timestamp that no message has, later than every other."""
        ts = f"{now:.6f}"
        if ts <= self._newest_ts:
            seconds, _, micros = self._newest_ts.partition(".")
            total = int(seconds) * 1_000_000 + int(micros or 0) + 1
            ts = f"{total // 1_000_000}.{total % 1_000_000:06d}"
        self._newest_ts = ts
        return ts

    def post(
        self,
        channel: str,
        body: Json,
        now: float,
        *,
        thread_ts: str | None = None,
        visible_to: str | None = None,
    ) -> Message:
        """Store a new message and show it."""
        ts = self.next_ts(now)
        body = {"type": "message", "ts": ts, "team": seed.TEAM_ID, **body}
        if thread_ts:
            body["thread_ts"] = thread_ts
        message = Message(channel, ts, thread_ts, visible_to, body)
        self._write(message)
        if thread_ts and visible_to is None:
            self._refresh_parent(channel, thread_ts)
        return message

    def get(self, channel: str, ts: str) -> Message | None:
        """One message."""
        row = self._storage.row(f"{_SELECT} WHERE channel = ? AND ts = ?", channel, ts)
        return _message(row) if row else None

    def change(self, message: Message, fields: Json) -> Message:
        """Replace fields of a message's body; a field that is None goes away."""
        body = {k: v for k, v in {**message.body, **fields}.items() if v is not None}
        changed = Message(message.channel, message.ts, message.thread_ts, message.visible_to, body)
        self._write(changed)
        return changed

    def remove(self, message: Message) -> None:
        """Delete a message."""
        self._storage.run(
            "DELETE FROM messages WHERE channel = ? AND ts = ?", message.channel, message.ts
        )
        self._feed.publish(
            "message_deleted",
            {"channel": message.channel, "ts": message.ts, "thread_ts": message.thread_ts},
            channel=message.channel,
            audience=message.visible_to,
        )
        if message.thread_ts and message.visible_to is None:
            self._refresh_parent(message.channel, message.thread_ts)

    def history(
        self,
        channel: str,
        viewer: str | None,
        *,
        before: str | None = None,
        count: int = HISTORY_MESSAGES,
    ) -> list[Message]:
        """The newest messages outside threads, oldest first, as `viewer` sees them."""
        rows = self._storage.rows(
            f"{_SELECT} WHERE channel = ? AND (thread_ts IS NULL OR thread_ts = ts)"
            " AND (visible_to IS NULL OR visible_to = ?) AND ts < ? ORDER BY ts DESC LIMIT ?",
            channel,
            viewer,
            before or "9999999999.999999",
            count,
        )
        return [_message(row) for row in reversed(rows)]

    def thread(self, channel: str, thread_ts: str, viewer: str | None) -> list[Message]:
        """The root of a thread and its replies, oldest first."""
        rows = self._storage.rows(
            f"{_SELECT} WHERE channel = ? AND (ts = ? OR thread_ts = ?)"
            " AND (visible_to IS NULL OR visible_to = ?) ORDER BY ts",
            channel,
            thread_ts,
            thread_ts,
            viewer,
        )
        return [_message(row) for row in rows]

    def newest(self, viewer: str, channel: str | None, count: int) -> list[Message]:
        """The newest messages, in one or in all of a person's conversations, newest first."""
        rows = self._storage.rows(
            _NEWEST,
            viewer,
            channel,
            channel,
            viewer,
            count,
        )
        return [_message(row) for row in rows]

    def _write(self, message: Message) -> None:
        self._storage.run(
            "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?)",
            message.channel,
            message.ts,
            message.thread_ts,
            message.visible_to,
            column(message.body),
        )
        self._feed.publish(
            "message", message.shown(), channel=message.channel, audience=message.visible_to
        )

    def _refresh_parent(self, channel: str, thread_ts: str) -> None:
        parent = self.get(channel, thread_ts)
        if parent is None:
            return
        rows = self._storage.rows(
            "SELECT ts, json_extract(document, '$.user') FROM messages"
            " WHERE channel = ? AND thread_ts = ? AND ts <> ? AND visible_to IS NULL ORDER BY ts",
            channel,
            thread_ts,
            thread_ts,
        )
        users = list(dict.fromkeys(str(row[1]) for row in rows))
        fields: Json = {
            "thread_ts": thread_ts if rows else None,
            "reply_count": len(rows) or None,
            "reply_users": users or None,
            "reply_users_count": len(users) or None,
            "latest_reply": str(rows[-1][0]) if rows else None,
        }
        self.change(parent, fields)


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks with an id on every block and interactive element, as Slack gives them."""
    return [_block_with_ids(block) for block in blocks]


def _block_with_ids(block: Json) -> Json:
    named = {**block, "block_id": block.get("block_id") or _short_id()}
    place = {"section": "accessory", "input": "element"}.get(str(named["type"]), "")
    if named.get(place):
        named[place] = _element_with_id(named[place])
    if named["type"] == "actions":
        named["elements"] = [_element_with_id(element) for element in named["elements"]]
    return named


def _element_with_id(element: Json) -> Json:
    if element.get("type") == "image":
        return element
    return {**element, "action_id": element.get("action_id") or _short_id()}


def _short_id() -> str:
    return secrets.token_urlsafe(4)


_SELECT = "SELECT channel, ts, thread_ts, visible_to, document FROM messages"
_NEWEST = (
    "SELECT channel, ts, thread_ts, visible_to, document FROM messages"
    " WHERE channel IN (SELECT channel FROM members WHERE user = ?)"
    " AND (? IS NULL OR channel = ?) AND (visible_to IS NULL OR visible_to = ?)"
    " ORDER BY ts DESC LIMIT ?"
)


def _message(row: Row) -> Message:
    thread_ts = str(row[2]) if row[2] is not None else None
    visible_to = str(row[3]) if row[3] is not None else None
    return Message(str(row[0]), str(row[1]), thread_ts, visible_to, document(row[4]))
