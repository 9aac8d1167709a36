"""Messages of the Teams side as they were sent, and what single people see instead of a card."""

from dataclasses import dataclass, replace

from bot.workspace.storage import Row, Storage, column, document
from bot.workspace.teams import limits
from bot.workspace.teams.card_parts import version_of
from bot.workspace.teams.mentions import Mention
from bot.workspace.teams.roster import Person
from bot.workspace.wire import Json

CARD = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True)
class Message:
    """A stored message. `thread` is the root's id in a channel, empty elsewhere.

    `body` holds: alias (None: the bot), name, at (ms), activity (as the bot sent it) or text (as
    the person typed it) with mentions, is_edited, is_deleted, reactions.
    """

    conversation: str
    id: str
    thread: str
    body: Json

    @property
    def is_bots(self) -> bool:
        """Whether the bot sent it."""
        return self.body["alias"] is None

    @property
    def text(self) -> str:
        """What it says, without its card."""
        if self.is_bots:
            return str(self.body["activity"].get("text") or "")
        return str(self.body["text"])

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Who is named in a person's text, in order."""
        return tuple(Mention(**each) for each in self.body.get("mentions", []))

    @property
    def card(self) -> Json | None:
        """The card that everybody sees who has no view of their own."""
        for attachment in (self.body.get("activity") or {}).get("attachments") or []:
            if attachment.get("contentType") == CARD:
                content: Json = attachment["content"]
                return content
        return None

    @property
    def revision(self) -> int:
        """How often the bot has changed it."""
        return int(self.body.get("revision", 0))


@dataclass(frozen=True)
class OwnView:
    """What one person sees of a message: a card of their own, and what the last press answered."""

    card: Json | None = None
    said: Json | None = None


class MessageLog:
    """Every message of the Teams side. Ids are digits: milliseconds, each used once."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        row = storage.row("SELECT max(id) FROM teams_messages")
        self._newest = int(str(row[0])) if row and row[0] else 0

    def next_id(self, now: float) -> str:
        """An id that no message has, later than every other."""
        self._newest = max(int(now * 1000), self._newest + 1)
        return str(self._newest)

    def post(self, conversation: str, thread: str | None, body: Json, now: float) -> Message:
        """Store a new message; `thread` None begins one."""
        number = self.next_id(now)
        full = {"at": int(now * 1000), "reactions": {}, **body}
        message = Message(conversation, number, number if thread is None else thread, full)
        self.write(message)
        return message

    def write(self, message: Message) -> None:
        """Store a message as it is now."""
        self._storage.run(
            "INSERT OR REPLACE INTO teams_messages VALUES (?, ?, ?, ?)",
            message.conversation,
            message.id,
            message.thread,
            column(message.body),
        )

    def change(self, message: Message, fields: Json) -> Message:
        """Replace fields of a message's body."""
        changed = replace(message, body={**message.body, **fields})
        self.write(changed)
        return changed

    def get(self, conversation: str, message_id: str) -> Message | None:
        """One message."""
        row = self._storage.row(
            f"{_SELECT} WHERE conversation = ? AND id = ?", conversation, message_id
        )
        return _message(row) if row else None

    def remove(self, message: Message) -> None:
        """Delete a message and what single people see of it."""
        where = (message.conversation, message.id)
        self._storage.together(
            [
                ("DELETE FROM teams_messages WHERE conversation = ? AND id = ?", where),
                ("DELETE FROM teams_own_views WHERE conversation = ? AND message = ?", where),
            ]
        )

    def history(
        self,
        conversation: str,
        before: str | None = None,
        count: int = limits.HISTORY_MESSAGES,
    ) -> list[Message]:
        """The newest messages of a conversation, threads included, oldest first."""
        rows = self._storage.rows(
            f"{_SELECT} WHERE conversation = ? AND id < ? ORDER BY id DESC LIMIT ?",
            conversation,
            before or _LAST,
            count,
        )
        return [_message(row) for row in reversed(rows)]

    def newest(self, alias: str, conversation: str | None, count: int) -> list[Message]:
        """The newest messages that a person can see, newest first."""
        rows = self._storage.rows(_NEWEST, alias, conversation, conversation, count)
        return [_message(row) for row in rows]

    def own_view(self, message: Message, alias: str) -> OwnView:
        """What this person sees of a message; empty where they see what everybody does."""
        row = self._storage.row(
            "SELECT document FROM teams_own_views"
            " WHERE conversation = ? AND message = ? AND alias = ?",
            message.conversation,
            message.id,
            alias,
        )
        if row is None:
            return OwnView()
        stored = document(row[0])
        return OwnView(stored.get("card"), stored.get("said"))

    def set_own_view(self, message: Message, alias: str, view: OwnView) -> None:
        """Show this person something of their own, until the bot updates the message."""
        self._storage.run(
            "INSERT OR REPLACE INTO teams_own_views VALUES (?, ?, ?, ?)",
            message.conversation,
            message.id,
            alias,
            column({"card": view.card, "said": view.said}),
        )

    def forget_own_views(self, message: Message) -> None:
        """The message changed for everybody."""
        self._storage.run(
            "DELETE FROM teams_own_views WHERE conversation = ? AND message = ?",
            message.conversation,
            message.id,
        )

    def seen_card(self, message: Message, alias: str) -> Json | None:
        """The card that this person sees of a message."""
        return self.own_view(message, alias).card or message.card

    def shown(self, message: Message, person: Person) -> Json:
        """The message as the page reads it for one person."""
        view = self.own_view(message, person.alias)
        card = view.card or message.card
        activity = message.body.get("activity") or {}
        is_deleted = bool(message.body.get("is_deleted"))
        return {
            "conversation": message.conversation,
            "id": message.id,
            "thread": message.thread,
            "from": {"alias": message.body["alias"], "name": message.body["name"]},
            "is_bot": message.is_bots,
            "at": message.body["at"],
            "text": "" if is_deleted else message.text,
            "text_format": activity.get("textFormat")
            or ("markdown" if message.is_bots else "plain"),
            "card": card,
            "version": version_of(card),
            "is_own_view": view.card is not None,
            "refresh": refreshes_for(card, person.address),
            "said": view.said,
            "summary": str(activity.get("summary") or ""),
            "is_edited": bool(message.body.get("is_edited")),
            "is_deleted": is_deleted,
            "reactions": message.body["reactions"],
        }


def refreshes_for(card: Json | None, address: str) -> bool:
    """Whether a card asks for automatic refresh when this person looks at it."""
    refresh = (card or {}).get("refresh") or {}
    return address in (refresh.get("userIds") or [])


_SELECT = "SELECT conversation, id, thread, document FROM teams_messages"
_NEWEST = (
    "SELECT conversation, id, thread, document FROM teams_messages"
    " WHERE conversation IN (SELECT conversation FROM teams_members WHERE alias = ?)"
    " AND (? IS NULL OR conversation = ?) ORDER BY id DESC LIMIT ?"
)
_LAST = "9" * 20


def _message(row: Row) -> Message:
    return Message(str(row[0]), str(row[1]), str(row[2]), document(row[3]))
