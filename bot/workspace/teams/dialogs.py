"""Dialogs (task modules): each person's open one, and what the bot's answer does with it."""

import secrets
from dataclasses import dataclass

from bot.workspace.feed import Feed
from bot.workspace.storage import Storage, column, document
from bot.workspace.teams import limits
from bot.workspace.teams.card_check import check_card
from bot.workspace.teams.card_parts import version_of
from bot.workspace.teams.messages import CARD
from bot.workspace.teams.roster import Person
from bot.workspace.wire import Json, Refused


@dataclass(frozen=True)
class Origin:
    """Where a dialog came from. `command` is that of a message extension, else empty."""

    conversation: str
    message: str
    thread: str
    command: str = ""


@dataclass(frozen=True)
class Dialog:
    """One person's open dialog."""

    id: str
    origin: Origin
    title: str
    height: int | str
    width: int | str
    card: Json

    def shown(self) -> Json:
        """As the page reads it."""
        return {
            "id": self.id,
            "title": self.title,
            "height": self.height,
            "width": self.width,
            "card": self.card,
            "version": version_of(self.card),
        }


class Dialogs:
    """Opens, replaces and closes them, and shows them."""

    def __init__(self, storage: Storage, feed: Feed) -> None:
        self._storage = storage
        self._feed = feed

    def of(self, person: Person) -> Dialog | None:
        """The dialog that a person has open."""
        row = self._storage.row("SELECT document FROM teams_dialogs WHERE alias = ?", person.alias)
        if row is None:
            return None
        stored = document(row[0])
        return Dialog(**{**stored, "origin": Origin(**stored["origin"])})

    def open(self, person: Person, dialog: Dialog) -> None:
        """Show a dialog, in the place of any other that is open."""
        stored = {**vars(dialog), "origin": vars(dialog.origin)}
        self._storage.run(
            "INSERT OR REPLACE INTO teams_dialogs VALUES (?, ?)", person.alias, column(stored)
        )
        self._show(person, dialog)

    def close(self, person: Person) -> None:
        """Close a person's dialog."""
        self._storage.run("DELETE FROM teams_dialogs WHERE alias = ?", person.alias)
        self._show(person, None)

    def follow(self, person: Person, origin: Origin, answer: object) -> Json:
        """Do what the bot answered to a fetch or submit; the page's Answer.

        `{"task": {"type": "continue"}}` opens or replaces the dialog, "message" shows a text, and
        nothing at all closes it. Refused (502) for what Teams would not show.
        """
        if answer in (None, "", {}):
            self.close(person)
            return {"kind": "closed", "text": ""}
        task = answer.get("task") if isinstance(answer, dict) else None
        if not isinstance(task, dict):
            raise _not_shown("the answer has no task")
        if task.get("type") == "message":
            text = task.get("value")
            if not isinstance(text, str):
                raise _not_shown("a task's message must be text")
            self.close(person)
            return {"kind": "message", "text": text}
        if task.get("type") != "continue":
            raise _not_shown(f"{task.get('type')!r} is no type of task")
        self.open(person, _dialog(origin, task.get("value")))
        return {"kind": "dialog", "text": ""}

    def _show(self, person: Person, dialog: Dialog | None) -> None:
        body = {"dialog": dialog.shown() if dialog else None}
        self._feed.publish("teams_dialog", body, audience=person.feed_id)


def _dialog(origin: Origin, value: object) -> Dialog:
    if not isinstance(value, dict):
        raise _not_shown("a task to continue with needs a value")
    card = value.get("card")
    if not isinstance(card, dict) or card.get("contentType") != CARD:
        raise _not_shown(f"value.card must be an attachment of type {CARD}")
    faults = check_card(card.get("content"))
    if faults:
        raise _not_shown("; ".join(faults))
    title = value.get("title") or ""
    if not isinstance(title, str) or len(title) > limits.DIALOG_TITLE_CHARACTERS:
        raise _not_shown(f"a title is text of at most {limits.DIALOG_TITLE_CHARACTERS} characters")
    return Dialog(
        secrets.token_hex(8),
        origin,
        title,
        _size(value.get("height", "medium")),
        _size(value.get("width", "medium")),
        card["content"],
    )


def _size(value: object) -> int | str:
    if isinstance(value, str) and value.lower() in limits.DIALOG_SIZES:
        return value.lower()
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise _not_shown(f"a size is a number of pixels or one of {', '.join(limits.DIALOG_SIZES)}")


def _not_shown(why: str) -> Refused:
    return Refused(f"Assent answered with a dialog that Teams refuses: {why}.", 502)
