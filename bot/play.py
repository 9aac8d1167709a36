"""`make play`: the local workspace and the bot, as two processes under one roof.

The bot is the one that runs in production; only its addresses and tokens differ.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import click

from bot.errors import CommandError
from bot.settings import EVENTS_PATH, MESSAGES_PATH, READY, SlackMode

PR_SET_PDEATHSIG = 1  # prctl(2)
START_SECONDS_MAX = 60.0  # the first start migrates and seeds; later ones take under 5 s
STOP_SECONDS_MAX = 10.0
WATCH_SECONDS = 0.5  # how often it is looked whether both still run
RESTARTS_MAX = 20  # times that a bot which ended is started again before a person is asked
BOT = "The bot"
_MODEL = "ASSENT_ANTHROPIC_"  # the bot's alone
_OURS = ("ASSENT_SLACK_", "ASSENT_TEAMS_")  # what the workspace says itself


class Playground:
    """The two processes over one state folder.

    `delivery` is how Slack's side reaches the bot: "socket" (the bot connects to the workspace) or
    "http" (the workspace calls the bot, signed). Teams' side always calls. `environ` are further
    settings of the bot, `workspace_arguments` those of the
    workspace; `log` is the file that both write their errors to, standard error without one.
    """

    def __init__(
        self,
        state: Path,
        port: int = 0,
        *,
        delivery: SlackMode = "socket",
        environ: Mapping[str, str] | None = None,
        log: Path | None = None,
        workspace_arguments: tuple[str, ...] = (),
    ) -> None:
        self._workspace_arguments = workspace_arguments
        self.state, self._port = state.absolute(), port
        self._delivery, self._environ, self._log = delivery, dict(environ or {}), log
        self._http_port = free_port()
        self.workspace: subprocess.Popen[str] | None = None
        self.bot: subprocess.Popen[str] | None = None

    @property
    def workspace_folder(self) -> Path:
        return self.state / "workspace"

    def _url(self, path: str) -> str:
        """Where the bot listens."""
        return f"http://127.0.0.1:{self._http_port}{path}"

    def start(self) -> Mapping[str, Any]:
        """Starts both and returns what the workspace says of itself. Raises CommandError."""
        workspace = self.start_workspace()
        self.start_bot(workspace)
        return workspace

    def start_workspace(self) -> Mapping[str, Any]:
        """Starts the workspace alone, on the port of its last start. Raises CommandError."""
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        told = self.workspace_folder / "workspace.json"
        before = told.stat().st_mtime_ns if told.exists() else 0
        reached = ("--delivery", "http", "--request-url", self._url(EVENTS_PATH))
        self.workspace = _process(
            "bot.workspace",
            *("--state", str(self.workspace_folder), "--port", str(self._port)),
            *("--teams-messages-url", self._url(MESSAGES_PATH)),
            *(reached if self._delivery == "http" else ()),
            *self._workspace_arguments,
            log=self._log,
        )
        _wait(
            lambda: told.exists() and told.stat().st_mtime_ns != before,
            self.workspace,
            "the workspace",
        )
        workspace: Mapping[str, Any] = json.loads(told.read_text())
        return workspace

    def start_bot(self, workspace: Mapping[str, Any]) -> None:
        """Starts the bot and waits until it answers."""
        environ = {
            **bot_environment(self.state, workspace),
            "ASSENT_SLACK_MODE": self._delivery,
            "ASSENT_HTTP_PORT": str(self._http_port),
            **self._environ,
        }
        self.bot = _process("bot", "run", environ=environ, log=self._log)
        is_ready = threading.Event()
        threading.Thread(target=_listen, args=(self.bot, is_ready), daemon=True).start()
        _wait(is_ready.is_set, self.bot, "the bot")

    def stop(self) -> None:
        """Stops both, the bot first, and waits for them."""
        for process in (self.bot, self.workspace):
            if process is None or process.poll() is not None:
                continue
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ended(self) -> str | None:
        """Which of the two has ended by itself, if any."""
        for name, process in (("The workspace", self.workspace), (BOT, self.bot)):
            if process is not None and process.poll() is not None:
                return name
        return None


def play(state: Path, port: int) -> int:
    """Runs until Ctrl-C."""
    playground = Playground(state, port)
    is_stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        is_stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    click.echo(f"Everything that is kept stands in {playground.state}")
    try:
        workspace = playground.start()
        click.echo(f"\n  Open   {workspace['page_url']}\n")
        for line in first_words(os.environ.get("ASSENT_BUNDLE")):
            click.echo(line)
        click.echo("  Stop   Ctrl-C; `make play` goes on where it stopped\n")
        restarts = 0
        while not is_stopping.wait(WATCH_SECONDS):
            ended = playground.ended()
            if ended is None:
                continue
            if ended != BOT or restarts == RESTARTS_MAX:
                raise CommandError(f"{ended} has ended by itself; run `make play` again.")
            restarts += 1
            click.echo("The bot has ended by itself. Starting it again; nothing is lost.")
            playground.start_bot(workspace)
    finally:
        playground.stop()
    click.echo("Stopped. Nothing is lost; `make play` goes on.")
    return 0


def first_words(bundle: str | None) -> tuple[str, ...]:
    """What to try: with a bundle of one's own its first example that plans something."""
    if not bundle:
        return (
            "  Say    @Assent refund $40 on order 1043, arrived damaged",
            "  Then   switch to Lee Park, the support lead, and approve it: here, or in Teams",
        )
    from policies import document

    for file in sorted((Path(bundle) / "workflows").glob("*.yml")):
        workflow = document.read(file.name, file.read_bytes()).tree
        for example in workflow.get("examples", ()):
            if example.get("plan"):
                return (
                    f"  Say    @Assent {example['say']}",
                    "  Then   switch to who may approve it, as its card says: here, or in Teams",
                )
    return ("  Say    @Assent help",)


def bot_environment(state: Path, workspace: Mapping[str, Any]) -> dict[str, str]:
    """What tells the bot where the local workspace is: addresses and tokens, nothing else."""
    teams = workspace["teams"]
    return {
        "ASSENT_STATE": str(state),
        "ASSENT_SLACK_BOT_TOKEN": workspace["bot_token"],
        "ASSENT_SLACK_APP_TOKEN": workspace["app_token"],
        "ASSENT_SLACK_SIGNING_SECRET": workspace["signing_secret"],
        "ASSENT_SLACK_MODE": "socket",
        "ASSENT_SLACK_API_BASE": workspace["api_base"],
        "ASSENT_TEAMS_APP_ID": teams["app_id"],
        "ASSENT_TEAMS_APP_SECRET": teams["app_secret"],
        "ASSENT_TEAMS_TENANT": teams["tenant_id"],
        "ASSENT_TEAMS_SERVICES": ",".join(teams["services"]),
        "ASSENT_TEAMS_LOGIN": teams["login"],
        "ASSENT_TEAMS_METADATA": teams["metadata"],
    }


def free_port() -> int:
    """A port of the loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _process(
    module: str,
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> subprocess.Popen[str]:
    """A child in a session of its own, so that Ctrl-C reaches the parent alone."""
    left_out = _OURS if module == "bot" else (*_OURS, _MODEL)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    with contextlib.ExitStack() as opened:
        return subprocess.Popen(  # noqa: S603 - our own modules, no shell
            [sys.executable, "-m", module, *arguments],
            env={**inherited, **(environ or {})},
            stdout=subprocess.PIPE if environ else subprocess.DEVNULL,
            stderr=opened.enter_context(log.open("a")) if log else None,
            text=True,
            start_new_session=True,
            # one system call in the child, no lock and no allocation of ours
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )


def _end_with_parent() -> None:
    """In the child: a parent that is killed takes it along, so that the folder is free again."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _listen(process: subprocess.Popen[str], is_ready: threading.Event) -> None:
    assert process.stdout is not None, "the bot's output is a pipe"
    for line in process.stdout:
        if line.strip() == READY:
            is_ready.set()


def _wait(is_up: Callable[[], bool], process: subprocess.Popen[str], name: str) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not is_up():
        if process.poll() is not None:
            raise CommandError(f"{name} could not start; the lines above say why.")
        if time.monotonic() > deadline:
            raise CommandError(f"{name} did not start within {START_SECONDS_MAX:g} s.")
        time.sleep(0.02)
