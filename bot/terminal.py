"""The terminal's way into the local workspace: what a person does in the page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.workspace.client import WorkspaceClient

ANSWER_SECONDS_MAX = 10.0  # how long `say` waits for the bot's first word
SETTLE_SECONDS = 0.4  # a press is answered by an updated card; this long to let it arrive
FORM_TEXT = "text"  # the block of a form in which a person says something in their own words


class Terminal(WorkspaceClient):
    """The workspace's client with what the commands print."""

    def answer_to(self, said: Any, as_: str) -> str:
        """The thread of a message once the bot has answered in it."""
        channel, ts = said["channel"], said["ts"]
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while True:
            text = self.thread(ts, as_, channel)
            if "\n\n" in text or time.monotonic() > deadline:
                return text
            time.sleep(0.1)

    def press_and_show(
        self, button: str, as_: str, run_id: str, reason: str | None, choice: str | None
    ) -> str:
        """Presses, fills in the reason where a window asks for one, and shows the thread."""
        inputs: dict[str, object] | None = None
        if reason is not None:
            inputs = {FORM_TEXT: reason}
        modal = self.press(button, as_, run_id, value=choice, inputs=inputs)
        if modal is not None:
            return self.modal_text(as_)
        time.sleep(SETTLE_SECONDS)
        return self.thread(run_id, as_)


@contextmanager
def client(state: Path) -> Iterator[Terminal]:
    """The client of the workspace in a state folder."""
    yield Terminal(state / "workspace")
