"""The terminal client: say, press, command, thread, wait and home, without a browser.

It finds the workspace by `<state>/workspace.json` and uses the standard library alone, so that a
command line starts fast. Every call blocks; in asyncio use `asyncio.to_thread`.
"""

import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from bot.workspace.asking import ask
from bot.workspace.cards import (
    Element,
    fill_in,
    find_element,
    find_message,
    option_value,
    viewed_names,
)
from bot.workspace.text import blocks_text, message_text
from bot.workspace.wire import ClientError, Json, RedrawnError, object_from

__all__ = ["ClientError", "WorkspaceClient"]

# Ours: how long a modal may take to open after the click that asks for it.
MODAL_SECONDS = 5.0
LOOKS_MAX = 3  # ours: at what is drawn anew between a look and the press
# Ours: the longest one request waits for news.
WAIT_STEP_SECONDS = 5.0


class WorkspaceClient:
    """Acts for people in the workspace that `state` holds; ClientError says what is wrong."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._known_names: dict[str, dict[str, str]] = {}

    def say(
        self,
        text: str,
        as_: str,
        channel: str = "support-ops",
        thread: str | None = None,
        *,
        mention: bool = True,
    ) -> Json:
        """Post a message; {"channel", "ts"}. `thread` is a ts or a marker inside the thread.

        In a channel the bot hears only what mentions it, so "@Assent" is put in front unless
        `mention` is False or the text mentions it already.
        """
        is_direct = channel in ("dm", "assent")
        target = self._direct(as_) if is_direct else channel
        if mention and not is_direct and "@assent" not in text.lower():
            text = f"@Assent {text}"
        body: Json = {"as": as_, "channel": target, "text": text}
        if thread:
            body["thread_ts"] = self._thread_ts(thread, as_)
        return self._post("say", body)

    def dm(self, text: str, as_: str) -> Json:
        """Say something to the bot in private."""
        return self.say(text, as_, "dm")

    def command(self, text: str, as_: str, channel: str = "support-ops") -> str:
        """Call a slash command; the text it was answered with at once (empty when none)."""
        answer = self._post("command", {"as": as_, "channel": channel, "text": text})
        if not answer["ts"]:
            return ""
        for message in self._recent(as_, answer["channel"]):
            if message["ts"] == answer["ts"]:
                return message_text(message, self._names(as_))
        return ""

    def press(
        self,
        action: str,
        as_: str,
        marker: str,
        *,
        value: object = None,
        inputs: dict[str, object] | None = None,
        channel: str | None = None,
    ) -> Json | None:
        """Press `action` (its label or action id) on the newest message with `marker`.

        `value` is the choice of a menu, by text or value. With `inputs` ({} too) the modal that
        opens is filled in by label, block id or action id and submitted. Answers the modal that is
        open afterwards, if any.
        """

        def found() -> tuple[Json, Element]:
            message, element = find_message(self._recent(as_, channel), marker, action)
            return {"channel": message["channel"], "ts": message["ts"]}, element

        return self._use("press", found, as_, value, inputs)

    def press_home(
        self,
        action: str,
        as_: str,
        *,
        value: object = None,
        inputs: dict[str, object] | None = None,
    ) -> Json | None:
        """Press something on the person's App Home; as `press` otherwise."""

        def found() -> tuple[Json, Element]:
            view = self._state_of(as_)["home"]
            if view is None:
                raise ClientError("The App Home is empty: the bot has not published it yet.")
            return {"view_id": view["id"]}, find_element(view["blocks"], action, "the App Home")

        return self._use("view-action", found, as_, value, inputs)

    def submit(self, as_: str, inputs: dict[str, object]) -> Json | None:
        """Fill in and submit the modal that is open; the modal that is open afterwards, if any."""
        view = self.modal(as_)
        if view is None:
            raise ClientError(f"No window is open for {as_}.")
        values = fill_in(view, inputs)
        self._post("view-submit", {"as": as_, "view_id": view["id"], "values": values})
        return self.modal(as_)

    def close(self, as_: str) -> None:
        """Close the modal that is open."""
        view = self.modal(as_)
        if view is not None:
            self._post("view-close", {"as": as_, "view_id": view["id"]})

    def shortcut(
        self,
        as_: str,
        marker: str,
        callback_id: str = "ask_assent",
        *,
        inputs: dict[str, object] | None = None,
        channel: str | None = None,
    ) -> Json | None:
        """Use a message shortcut on the newest message with `marker`; `inputs` as for `press`."""
        message, _ = find_message(self._recent(as_, channel), marker, None)
        body = {"channel": message["channel"], "ts": message["ts"], "callback_id": callback_id}
        before = self.modal(as_)
        self._post("shortcut", {"as": as_, **body})
        return self._follow(as_, before, inputs)

    def modal(self, as_: str) -> Json | None:
        """The top modal that a person has open."""
        views: list[Json] = self._state_of(as_)["views"]
        return views[-1] if views else None

    def modal_text(self, as_: str) -> str:
        """The top modal as text; empty when none is open."""
        view = self.modal(as_)
        if view is None:
            return ""
        return f"{view['title']['text']}\n{blocks_text(view['blocks'], self._names(as_))}"

    def home(self, as_: str) -> str:
        """Open the App Home (the bot is told) and read what it shows now."""
        self._post("home", {"as": as_, "tab": "home"})
        view = self._state_of(as_)["home"]
        return blocks_text(view["blocks"], self._names(as_)) if view else ""

    def thread(self, marker: str, as_: str = "agent", channel: str | None = None) -> str:
        """The whole thread around the newest message with `marker` (or a ts), as text."""
        message, _ = find_message(self._recent(as_, channel), marker, None)
        query = {
            "as": as_,
            "channel": message["channel"],
            "ts": message.get("thread_ts") or message["ts"],
        }
        names = self._names(as_)
        messages = self._get("thread", query)["messages"]
        return "\n\n".join(message_text(each, names) for each in messages)

    def channel(self, as_: str, channel: str = "support-ops") -> str:
        """The newest messages of a conversation, threads included, oldest first, as text."""
        target = self._direct(as_) if channel == "dm" else channel
        names = self._names(as_)
        messages = reversed(self._recent(as_, target))
        return "\n\n".join(message_text(each, names) for each in messages)

    def wait_for(
        self,
        wanted: str | Callable[[Json], bool],
        as_: str = "agent",
        timeout_seconds: float = 10.0,
        channel: str | None = None,
    ) -> Json:
        """The newest message that contains a text or satisfies a predicate, once there is one."""
        deadline = time.monotonic() + timeout_seconds
        number = 0
        while True:
            names = self._names(as_)
            for message in self._recent(as_, channel):
                if _is_wanted(message, wanted, names):
                    return message
            left = deadline - time.monotonic()
            if left <= 0:
                what = repr(wanted) if isinstance(wanted, str) else "what was waited for"
                raise ClientError(f"After {timeout_seconds:g} s no message shows {what}.")
            seconds = min(left, WAIT_STEP_SECONDS)
            number = int(
                self._get("wait", {"after": str(number), "seconds": f"{seconds:.3f}"})["number"]
            )

    def address(self) -> Json:
        """What `workspace.json` says; ClientError when no workspace was started there."""
        path = self._state / "workspace.json"
        try:
            return object_from(path.read_bytes())
        except (OSError, ValueError) as error:
            raise ClientError(
                f"There is no workspace in {self._state}; start one with make play."
            ) from error

    def control(self, what: str, body: Json | None = None) -> Json:
        """Call a control endpoint: faults, drop-sockets, verify-url, bot-membership, status."""
        if what == "status":
            return self._request("/control/status", None)
        return self._request(f"/control/{what}", body or {})

    def _use(
        self,
        path: str,
        found: Callable[[], tuple[Json, Element]],
        as_: str,
        value: object,
        inputs: dict[str, object] | None,
    ) -> Json | None:
        """Press what is found; where it was drawn anew meanwhile, it is looked for again."""
        before = self.modal(as_)
        for look in range(1, LOOKS_MAX + 1):
            where, used = found()
            body = {
                **where,
                "as": as_,
                "value": used.option or option_value(used.element, value),
                "block_id": used.block_id,
                "action_id": used.element["action_id"],
            }
            try:
                self._post(path, body)
                break
            except RedrawnError:
                if look == LOOKS_MAX:
                    raise
        return self._follow(as_, before, inputs)

    def _follow(
        self, as_: str, before: Json | None, inputs: dict[str, object] | None
    ) -> Json | None:
        if inputs is None:
            return self.modal(as_)
        self._wait_for_fields(as_, before["id"] if before else None, inputs)
        return self.submit(as_, inputs)

    def _wait_for_fields(self, as_: str, other_than: str | None, inputs: dict[str, object]) -> None:
        """Until the new modal has every field: an app opens it empty and fills it a moment later.

        Returns without them after MODAL_SECONDS; `submit` then says what the modal lacks.
        """
        deadline = time.monotonic() + MODAL_SECONDS
        view = self.wait_for_modal(as_, other_than)
        while time.monotonic() < deadline:
            try:
                fill_in(view, inputs)
                return
            except ClientError:
                state = self._state_of(as_)
                view = state["views"][-1] if state["views"] else view
                self._get("wait", {"after": str(state["number"]), "seconds": "0.1"})

    def wait_for_modal(self, as_: str, other_than: str | None = None) -> Json:
        """The modal that is open, once one is (another than the view `other_than`)."""
        deadline = time.monotonic() + MODAL_SECONDS
        while time.monotonic() < deadline:
            state = self._state_of(as_)
            if state["views"] and state["views"][-1]["id"] != other_than:
                view: Json = state["views"][-1]
                return view
            self._get("wait", {"after": str(state["number"]), "seconds": "0.5"})
        raise ClientError(f"No window opened within {MODAL_SECONDS:g} s of pressing the button.")

    def _thread_ts(self, thread: str, as_: str) -> str:
        message, _ = find_message(self._recent(as_, None), thread, None)
        return str(message.get("thread_ts") or message["ts"])

    def _direct(self, as_: str) -> str:
        return str(self.address()["direct_messages"].get(as_, as_))

    def _recent(self, as_: str, channel: str | None) -> list[Json]:
        query = {"as": as_}
        if channel:
            query["channel"] = self._direct(as_) if channel == "dm" else channel
        messages: list[Json] = self._get("recent", query)["messages"]
        return messages

    def _names(self, as_: str) -> dict[str, str]:
        if as_ not in self._known_names:
            self._known_names[as_] = viewed_names(self._state_of(as_))
        return self._known_names[as_]

    def _state_of(self, as_: str) -> Json:
        return self._get("state", {"as": as_})

    def _get(self, path: str, query: dict[str, str]) -> Json:
        return self._request(f"/page/api/{path}?{urllib.parse.urlencode(query)}", None)

    def _post(self, path: str, body: Json) -> Json:
        return self._request(f"/page/api/{path}", body)

    def _request(self, path: str, body: Json | None) -> Json:
        return ask(self.address(), path, body)


def _is_wanted(message: Json, wanted: str | Callable[[Json], bool], names: dict[str, str]) -> bool:
    return wanted in message_text(message, names) if isinstance(wanted, str) else wanted(message)
