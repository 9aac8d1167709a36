"""The hands of a person in the Teams side: say, press, fill in, wait, without a browser.

It finds the workspace by `<state>/workspace.json` and uses the standard library alone. Every call
blocks; in asyncio use `asyncio.to_thread`. Looking at cards refreshes them as a Teams client does.
"""

import json
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from bot.workspace.asking import ask
from bot.workspace.teams.card_parts import actions_of, inputs_of
from bot.workspace.teams.presses import CHANGED
from bot.workspace.teams.text import (
    card_text,
    fill_in,
    find_action,
    find_message,
    holds,
    label_of,
    message_text,
    not_there,
)
from bot.workspace.wire import ClientError, Json, object_from

__all__ = ["ClientError", "TeamsClient"]

# Ours: the longest one request waits for news.
WAIT_STEP_SECONDS = 5.0
SUPPORT_OPS = "support-ops"


class TeamsClient:
    """Acts for people in the Teams side of the workspace that `state` holds.

    A conversation is named by its name, its id, or "personal" (one's own with the bot). A marker is
    a message's id or a text on it, such as a run's id. ClientError says what is wrong.
    """

    def __init__(self, state: Path) -> None:
        self._state = state

    def say(
        self,
        text: str,
        as_: str,
        conversation: str = SUPPORT_OPS,
        thread: str | None = None,
        *,
        mention: bool = True,
    ) -> Json:
        """Post a message; {"conversation", "id", "thread"}. `thread` is a marker inside the thread.

        Outside of personal chats the bot hears only what mentions it, so "@Assent" is put in front
        unless `mention` is False or the text mentions it already.
        """
        is_personal = conversation in ("personal", "dm") or conversation.startswith("a:")
        if mention and not is_personal and "@Assent" not in text:
            text = f"@Assent {text}"
        body: Json = {"conversation": conversation, "text": text}
        if thread:
            found, _ = find_message(self.messages(as_, conversation), thread, None)
            body["thread"] = found["thread"]
        return self._post("say", as_, body)

    def edit(self, marker: str, text: str, as_: str) -> None:
        """Change one's own message."""
        self._post("edit", as_, {**self._named(marker, as_), "text": text})

    def delete(self, marker: str, as_: str) -> None:
        """Take one's own message back."""
        self._post("delete", as_, self._named(marker, as_))

    def react(
        self, marker: str, as_: str, reaction: str = "like", *, is_added: bool = True
    ) -> None:
        """Put a reaction on a message, or take it off."""
        body = {**self._named(marker, as_), "reaction": reaction, "is_added": is_added}
        self._post("react", as_, body)

    def install(self, conversation: str, as_: str, *, is_in: bool) -> None:
        """Add the bot to a conversation, or remove it."""
        self._post("install", as_, {"conversation": conversation, "is_in": is_in})

    def messages(self, as_: str, conversation: str | None = None) -> list[Json]:
        """The newest messages as this person sees them now, newest first."""
        query = {"as": as_, **({"conversation": conversation} if conversation else {})}
        found: list[Json] = self._get("recent", query)["messages"]
        return found

    def cards(
        self, marker: str, as_: str, conversation: str | None = None, *, refresh: bool = True
    ) -> list[Json]:
        """The messages with a card that shows `marker`, as this person sees them, newest first."""
        if refresh:
            self.refresh(as_, conversation)
        return [
            message
            for message in self.messages(as_, conversation)
            if message["card"] and _is_about(message, marker)
        ]

    def card(self, marker: str, as_: str, conversation: str | None = None) -> str:
        """The newest card that shows `marker`, as text."""
        found = self.cards(marker, as_, conversation)
        if not found:
            raise ClientError(f"No card shows {marker}.")
        return card_text(found[0]["card"])

    def buttons(self, marker: str, as_: str, conversation: str | None = None) -> list[str]:
        """The titles of the buttons that this person sees on the newest card with `marker`."""
        found = self.cards(marker, as_, conversation)
        if not found:
            raise ClientError(f"No card shows {marker}.")
        return [str(each.action.get("title")) for each in actions_of(found[0]["card"])]

    def refresh(self, as_: str, conversation: str | None = None) -> int:
        """Look at the newest cards; how many refreshed themselves for this person."""
        body: Json = {"conversation": conversation} if conversation else {}
        return int(self._post("refresh", as_, body)["refreshed"])

    def press(
        self,
        title: str,
        as_: str,
        marker: str,
        *,
        inputs: dict[str, object] | None = None,
        on_card: dict[str, object] | None = None,
        conversation: str | None = None,
        is_old_client: bool = False,
        refresh: bool = True,
    ) -> Json:
        """Press a button (by title, id or verb) of the newest card with `marker`; its Answer.

        With `inputs` ({} too) the dialog that opens is filled in and submitted. `on_card` fills in
        inputs that the card itself has.
        """
        if refresh:
            self.refresh(as_, conversation)
        message, placed = find_message(self.messages(as_, conversation), marker, title)
        fields = {str(field["id"]): field for field in placed.inputs}
        body: Json = {
            "conversation": message["conversation"],
            "message": message["id"],
            "action": placed.at,
            "version": message["version"],
            "inputs": fill_in({"body": list(fields.values())}, on_card or {}, "The card"),
            "is_old_client": is_old_client,
        }
        answer: Json = self._post("press", as_, body)["answer"]
        if answer["kind"] == CHANGED["kind"]:
            raise ClientError(str(answer["text"]))
        return self._follow(as_, answer, inputs)

    def extension(
        self,
        marker: str,
        as_: str,
        *,
        inputs: dict[str, object] | None = None,
        conversation: str | None = None,
    ) -> Json:
        """Use "Ask Assent to do this" of a message's menu; its Answer. `inputs` as for `press`."""
        answer: Json = self._post("extension", as_, self._named(marker, as_, conversation))[
            "answer"
        ]
        return self._follow(as_, answer, inputs)

    def dialog(self, as_: str) -> Json | None:
        """The dialog that a person has open."""
        dialog: Json | None = self.state(as_)["dialog"]
        return dialog

    def dialog_text(self, as_: str) -> str:
        """The open dialog as text; empty when none is."""
        dialog = self.dialog(as_)
        return f"{dialog['title']}\n{card_text(dialog['card'])}" if dialog else ""

    def fields(self, as_: str) -> dict[str, str]:
        """What stands in the open dialog's fields, by label."""
        card = self._opened(as_)["card"]
        return {label_of(field): str(field.get("value", "")) for field in inputs_of(card)}

    def fill_and_submit(
        self, as_: str, inputs: dict[str, object], button: str | None = None
    ) -> Json:
        """Fill in the open dialog (by label or id) and submit it; its Answer.

        `button` names the one to press where there are several; else it is the first.
        """
        dialog = self._opened(as_)
        placed = actions_of(dialog["card"])
        chosen = find_action(dialog["card"], button) if button else next(iter(placed), None)
        where = f"The dialog {dialog['title']!r}"
        if chosen is None:
            raise ClientError(not_there(button or "Submit", where, dialog["card"]))
        values = fill_in(dialog["card"], inputs, where)
        body = {"dialog": dialog["id"], "action": chosen.at, "inputs": values}
        answer: Json = self._post("dialog/submit", as_, body)["answer"]
        return answer

    def close(self, as_: str) -> None:
        """Close the open dialog."""
        dialog = self.dialog(as_)
        if dialog is not None:
            self._post("dialog/close", as_, {"dialog": dialog["id"]})

    def thread(self, marker: str, as_: str = "agent", conversation: str | None = None) -> str:
        """The whole thread (or chat) around the newest message with `marker`, as text."""
        messages = self.messages(as_, conversation)
        found, _ = find_message(messages, marker, None)
        place = (found["conversation"], found["thread"])
        those = [each for each in messages if (each["conversation"], each["thread"]) == place]
        return "\n\n".join(message_text(each) for each in reversed(those))

    def channel(self, as_: str, conversation: str = SUPPORT_OPS) -> str:
        """The newest messages of a conversation, oldest first, as text."""
        messages = reversed(self.messages(as_, conversation))
        return "\n\n".join(message_text(each) for each in messages)

    def wait_for(
        self,
        wanted: str | Callable[[Json], bool],
        as_: str = "agent",
        timeout_seconds: float = 10.0,
        conversation: str | None = None,
    ) -> Json:
        """Wait until a message shows a text (or meets a condition); that message."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            number = self._news(0, 0.0)
            for message in self.messages(as_, conversation):
                if _is_wanted(message, wanted):
                    return message
            left = deadline - time.monotonic()
            if left <= 0:
                what = repr(wanted) if isinstance(wanted, str) else "what was waited for"
                raise ClientError(f"After {timeout_seconds:g} s no message shows {what}.")
            self._news(number, min(left, WAIT_STEP_SECONDS))

    def state(self, as_: str) -> Json:
        """Everything that one person sees, as the page asks for it."""
        return self._get("state", {"as": as_})

    def address(self) -> Json:
        """What `workspace.json` says; ClientError when none with Teams was started there."""
        path = self._state / "workspace.json"
        try:
            address = object_from(path.read_bytes())
        except (OSError, ValueError) as error:
            raise ClientError(
                f"There is no workspace in {self._state}; start one with make play."
            ) from error
        if "teams" not in address:
            raise ClientError(f"The workspace in {self._state} has no Teams side.")
        return address

    def control(self, what: str, body: Json | None = None) -> Json:
        """Call a control endpoint: faults, rates, roster, install, token, post, status."""
        path = f"/control/teams/{what}"
        return self._request(path, None if what == "status" else (body or {}))

    def _follow(self, as_: str, answer: Json, inputs: dict[str, object] | None) -> Json:
        if inputs is None:
            return answer
        if answer["kind"] != "dialog":
            raise ClientError(
                f"No dialog opened; the answer was {answer['text'] or answer['kind']}."
            )
        return self.fill_and_submit(as_, inputs)

    def _news(self, after: int, seconds: float) -> int:
        """The number of the newest change, once there is one after `after` or time is up."""
        query = urllib.parse.urlencode({"after": str(after), "seconds": f"{seconds:.3f}"})
        return int(self._request(f"/page/api/wait?{query}", None)["number"])

    def _opened(self, as_: str) -> Json:
        dialog = self.dialog(as_)
        if dialog is None:
            raise ClientError(f"No dialog is open for {as_}.")
        return dialog

    def _named(self, marker: str, as_: str, conversation: str | None = None) -> Json:
        message, _ = find_message(self.messages(as_, conversation), marker, None)
        return {"conversation": message["conversation"], "message": message["id"]}

    def _get(self, path: str, query: dict[str, str]) -> Json:
        return self._request(f"/page/api/teams/{path}?{urllib.parse.urlencode(query)}", None)

    def _post(self, path: str, as_: str, body: Json) -> Json:
        return self._request(f"/page/api/teams/{path}", {"as": as_, **body})

    def _request(self, path: str, body: Json | None) -> Json:
        return ask(self.address(), path, body)


def _is_about(message: Json, marker: str) -> bool:
    if marker in (message["id"], message["thread"]) or holds(message_text(message), marker):
        return True
    placed = actions_of(message["card"])
    return any(holds(json.dumps(each.action.get("data")), marker) for each in placed)


def _is_wanted(message: Json, wanted: str | Callable[[Json], bool]) -> bool:
    return wanted in message_text(message) if isinstance(wanted, str) else wanted(message)
