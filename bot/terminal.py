"""The terminal's way into the local workspace: what a person does in the page, and what they see.

Each command waits for what it caused: an answer, a card that changed, a window that was filled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from bot.workspace.cards import Element, fill_in, find_element, find_message
from bot.workspace.client import ClientError, WorkspaceClient
from bot.workspace.text import message_text
from bot.workspace.wire import Json

ANSWER_SECONDS = 10.0  # how long the bot's first word on a request is waited for
PRESS_SECONDS = 3.0  # how long a press may take to show: Slack gives an acknowledgement as much
RUN_SECONDS = 15.0  # how long a run that is under way is watched
HOME_SECONDS = 2.0  # how long a home page may take to be published anew
POLL_SECONDS = 0.05
PAGES_MAX = 60  # pages of details; a run has a handful

_BUSY = ("PLANNING", "RUNNING")
_LOADING = "loading"  # what a window is called while its content is fetched
_FORM_TEXT = "text"  # the field of a window that takes a person's words
_NEXT_PAGE = "next_page"
_BATCH = "batch"
_LINE = "run_"  # how the blocks of a batch's lines are called
_SKIP = "skip"  # what the terminal calls the steps to leave out
_SKIP_BLOCK = "skip_"  # how the blocks of the form call them
_NO_FIELDS: Mapping[str, object] = {}

_Seen = TypeVar("_Seen")


class Terminal(WorkspaceClient):
    """The workspace's client with what the commands print."""

    def say_and_show(self, text: str, as_: str, channel: str, thread: str | None) -> str:
        """Says it, and the thread once the bot has answered."""
        before = self.thread_messages(thread, as_) if thread else []
        said = self.say(text, as_, channel, thread)
        root = before[0]["ts"] if before else said["ts"]
        return self._answered(said["channel"], root, as_, before, said["ts"])

    def command_and_show(self, text: str, as_: str, channel: str) -> str:
        """The private answer to a slash command; of a request, the thread that it opened."""
        known = {message["ts"] for message in self._recent(as_, channel)}
        self.close(as_)
        if said := self.command(text, as_, channel):
            return said
        if text.split()[1:] == [_BATCH]:
            return self._window(as_)
        opened = _until(
            lambda: [m for m in self._recent(as_, channel) if m["ts"] not in known],
            bool,
            ANSWER_SECONDS,
        )
        if not opened:
            return "Nobody has answered yet; look again with `assent thread`."
        root = opened[-1]
        return self._answered(root["channel"], root["ts"], as_, [], root["ts"])

    def batch_and_show(self, as_: str, channel: str, without: Sequence[str] | None) -> str:
        """What waits for a person side by side; approved where `without` names who is left out."""
        shown = self.command_and_show(f"/assent {_BATCH}", as_, channel)
        view = self.modal(as_)
        if view is None or without is None or not view.get("submit"):
            self.close(as_)
            return shown
        self.submit(as_, _unticked(view, without))
        text = self._window(as_)
        self.close(as_)
        return text

    def press_and_show(
        self,
        button: str,
        as_: str,
        run_id: str,
        words: str | None,
        choice: str | None,
        fields: Mapping[str, object] = _NO_FIELDS,
    ) -> str:
        """Presses, fills in the window that opens, and shows what came of it."""
        self.close(as_)
        before = self.thread(run_id, as_)
        self.press(button, as_, run_id, value=choice)
        view, shown = _until(
            lambda: (self.modal(as_), self.thread(run_id, as_)),
            lambda seen: seen[0] is not None or seen[1] != before,
            PRESS_SECONDS,
        )
        if view is not None:
            text = self._use_window(as_, button, {**_words(words), **fields})
            if text:
                return text
            shown = _until(
                lambda: self.thread(run_id, as_),
                lambda now: now != before and (words or "") in now,  # not what came in between
                PRESS_SECONDS,
            )
        elif shown == before:
            shown += "\n\n(Nothing has changed yet; look again with `assent thread`.)"
        return _until(lambda: self.thread(run_id, as_), _is_calm, RUN_SECONDS) or shown

    def home_page(self, as_: str) -> str:
        """A person's App Home as the bot publishes it when it is opened."""
        stale = (self._state_of(as_)["home"] or {}).get("hash")
        self.home(as_)
        _until(
            lambda: (self._state_of(as_)["home"] or {}).get("hash"),
            lambda now: now not in (None, stale),
            HOME_SECONDS,
        )
        text = self.home(as_)
        if not text:
            raise ClientError("The home page is empty: the bot has not published it. Is it up?")
        return text

    def thread_messages(self, marker: str, as_: str) -> list[Json]:
        """The messages of the thread around `marker`, oldest first."""
        found, _ = find_message(self._recent(as_, None), marker, None)
        root = found.get("thread_ts") or found["ts"]
        query = {"as": as_, "channel": found["channel"], "ts": root}
        messages: list[Json] = self._get("thread", query)["messages"]
        return messages

    def _answered(self, channel: str, ts: str, as_: str, before: list[Json], own: str) -> str:
        """The thread of a root once a message that is not `own` came to it or changed in it."""

        def look() -> list[Json]:
            query = {"as": as_, "channel": channel, "ts": ts}
            messages: list[Json] = self._get("thread", query)["messages"]
            remarks = [m for m in self._recent(as_, channel) if _is_remark(m, own)]
            return messages + remarks[::-1]

        def has_answer(messages: list[Json]) -> bool:
            others = [m for m in messages if m["ts"] not in (ts, own) and m not in before]
            return bool(others) and _is_calm(self._text(messages, as_))

        return self._text(_until(look, has_answer, ANSWER_SECONDS), as_)

    def _text(self, messages: list[Json], as_: str) -> str:
        names = self._names(as_)
        return "\n\n".join(message_text(each, names) for each in messages)

    def _window(self, as_: str) -> str:
        """The open window as text once it says more than that it loads."""
        view = _until(lambda: self.modal(as_), _is_filled, PRESS_SECONDS)
        return self.modal_text(as_) if view is not None else "No window opened."

    def _use_window(self, as_: str, button: str, fields: Mapping[str, object]) -> str:
        """Fills in the window that has opened, or reads it; empty when it was submitted."""
        view = _until(lambda: self.modal(as_), _is_filled, PRESS_SECONDS)
        if view is None:
            return ""
        if not view.get("submit"):
            text = self._pages(as_)
            self.close(as_)
            return text
        if fields:
            inputs = _by_block(view, fields)
            fill_in(view, inputs)  # says which fields there are when it has none
            self.submit(as_, inputs)
            return ""
        text = self.modal_text(as_)
        self.close(as_)
        has_words = any(block.get("block_id") == _FORM_TEXT for block in view["blocks"])
        how = '--words "..."' if has_words else '--set "FIELD=VALUE" or --skip STEP'
        return f"{text}\n\nNothing was sent. Fill it in: assent press {button} ... {how}"

    def _turned(self, as_: str, stale: str) -> None:
        """Waits until the open window shows something else."""
        _until(lambda: (self.modal(as_) or {}).get("hash"), lambda now: now != stale, PRESS_SECONDS)

    def _pages(self, as_: str) -> str:
        """Every page of an open window."""
        texts = [self.modal_text(as_)]
        for _ in range(PAGES_MAX):
            stale = (self.modal(as_) or {}).get("hash", "")
            try:
                self._next_page(as_)
            except ClientError:
                break
            self._use("view-action", lambda: self._next_page(as_), as_, None, None)
            self._turned(as_, stale)
            texts.append(self.modal_text(as_))
        return "\n\n".join(texts)

    def _next_page(self, as_: str) -> tuple[Json, Element]:
        view = self.modal(as_) or {"id": "", "blocks": []}
        return {"view_id": view["id"]}, find_element(view["blocks"], _NEXT_PAGE, "the window")


def fields_of(sets: Sequence[str], skips: Sequence[str]) -> dict[str, object]:
    """What `--set field=value` and `--skip step` fill into a form. Raises ClientError."""
    found: dict[str, object] = {}
    for each in sets:
        name, sign, value = each.partition("=")
        if not (name and sign):
            raise ClientError(f"--set takes FIELD=VALUE, such as amount=35, and not {each!r}.")
        found[name.strip()] = value.strip()
    return {**found, _SKIP: [*skips]} if skips else found


def _words(words: str | None) -> dict[str, object]:
    return {} if words is None else {_FORM_TEXT: words}


def _by_block(view: Json, fields: Mapping[str, object]) -> dict[str, object]:
    """The fields with each step to leave out under the block of the form that offers it."""
    given = dict(fields)
    steps = given.pop(_SKIP, None)
    if not isinstance(steps, list):
        return given
    for block in view["blocks"]:
        if not str(block.get("block_id", "")).startswith(_SKIP_BLOCK):
            continue
        offered = [f"{o['text']['text']} {o['value']}".lower() for o in block["element"]["options"]]
        here = [s for s in steps if any(s.lower() in o for o in offered)]
        given[block["block_id"]] = here
        steps = [s for s in steps if s not in here]
    if steps:
        raise ClientError(f"The window offers no step {steps[0]!r} to leave out.")
    return given


def _unticked(view: Json, without: Sequence[str]) -> dict[str, object]:
    """The lines of a batch to leave out, by their blocks. Raises ClientError for one not there."""
    lines = [b for b in view["blocks"] if str(b.get("block_id", "")).startswith(_LINE)]
    found: dict[str, object] = {}
    for run_id in without:
        named = [b["block_id"] for b in lines if f"({run_id})" in b["text"]["text"]]
        if not named:
            raise ClientError(f"{run_id} is not among the runs that wait there.")
        found[named[0]] = []
    return found


@contextmanager
def client(state: Path) -> Iterator[Terminal]:
    """The client of the workspace in a state folder."""
    yield Terminal(state / "workspace")


def _is_remark(message: Json, since: str) -> bool:
    """Whether something was said privately in the channel, outside of threads, since then."""
    is_private = bool(message.get("visible_to")) and not message.get("thread_ts")
    return is_private and message["ts"] > since


def _is_calm(text: str) -> bool:
    """Whether nothing in a thread is under way."""
    return not any(word in text for word in _BUSY)


def _is_filled(view: Json | None) -> bool:
    return view is not None and view.get("callback_id") != _LOADING


def _until(look: Callable[[], _Seen], is_there: Callable[[_Seen], bool], seconds: float) -> _Seen:
    """What `look` sees once it is there, or what it sees last."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if is_there(seen) or time.monotonic() > deadline:
            return seen
        time.sleep(POLL_SECONDS)
