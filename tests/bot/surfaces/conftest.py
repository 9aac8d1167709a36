"""The Slack surface against a Slack-compatible workspace, over the wire, in both modes."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.cards.digest import digest_card
from bot.cards.model import Card
from bot.incoming import Click, Message, Reply
from bot.settings import EVENTS_PATH, Slack
from bot.surfaces.home import HomeView
from bot.surfaces.listening import Listener
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack_calls import make_client
from bot.surfaces.slack_directory import SlackDirectory
from bot.surfaces.thread_directory import ThreadDirectory
from bot.view import RunView, Stance
from bot.workspace.client import WorkspaceClient
from bot.workspace.server import WorkspaceServer, start
from bot.workspace.settings import WorkspaceSettings
from policies.roles import RoleBook
from policies.settings_file import Role
from store.model.person import Account
from store.model.request import Place
from tests.bot.cards.stories import DIGEST, STORIES

T = TypeVar("T")
HANDLES = {"support": "support", "support-lead": "support-leads", "finance-lead": "finance-leads"}


def book(handles: dict[str, str]) -> RoleBook:
    """Roles that are user groups and nothing else."""
    return RoleBook({role: Role(group=handle) for role, handle in handles.items()})


@dataclass
class Memory:
    """A flow that remembers what it was told. `reply` is its answer, `failing` breaks its store."""

    messages: list[Message] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    reviews: list[tuple[str, str, bool, str]] = field(default_factory=list)
    to_review: tuple[RunView, ...] = ()
    absences: list[tuple[str, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    shown: dict[str, RunView] = field(default_factory=dict)
    reply: Reply = field(default_factory=lambda: Reply(""))
    stances: dict[str, Stance] = field(default_factory=dict)
    default_stance: Stance = Stance.ONLOOKER
    failing: Exception | None = None
    delay_seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, message: Message) -> Reply:
        self._work()
        with self.lock:
            if self.seen & set(message.event_keys):
                return Reply("")
            self.seen |= set(message.event_keys)
            self.messages.append(message)
        return self.reply

    def press(self, click: Click) -> Reply:
        self._work()
        self.clicks.append(click)
        return self.reply

    def view(self, run_id: str) -> RunView | None:
        return self.shown.get(run_id)

    def stance(self, account: Account, run_id: str) -> Stance:
        return self.stances.get(account.user, self.default_stance)

    def home(self, account: Account) -> HomeView:
        runs = tuple(self.shown.values())
        return HomeView(waiting_for_me=runs, asked_by_me=runs, to_review=self.to_review)

    def batch(self, account: Account) -> tuple[RunView, ...]:
        return tuple(view for view in self.shown.values() if view.run.proposal is not None)

    def review(self, account: Account, run_id: str, is_right: bool, reason: str) -> Reply:
        self.reviews.append((account.user, run_id, is_right, reason))
        return self.reply if self.reply.text else Reply("Thank you; that is in the record.")

    def digest_text(self, place: Place) -> Card:
        return digest_card(DIGEST)

    def status(self) -> str:
        return "1 run waits, ledger 88,431 <!channel>"

    def help_text(self, place: Place) -> tuple[str, ...]:
        return ("I can refund a payment:", "refund $40 on order 1043, damaged")

    def away(self, account: Account, text: str) -> Reply:
        self.absences.append((account.user, text))
        return Reply(f"{account.display_name} is away.")

    def back(self, account: Account) -> Reply:
        self.absences.append((account.user, "back"))
        return Reply("Welcome back.")

    def _work(self) -> None:
        if self.delay_seconds:
            threading.Event().wait(self.delay_seconds)
        if self.failing is not None:
            raise self.failing


@dataclass
class World:
    """A workspace, the surface connected to it, and people's hands on it."""

    server: WorkspaceServer
    surface: SlackSurface
    memory: Memory
    people: WorkspaceClient
    directory: SlackDirectory
    threads: ThreadDirectory
    handles: dict[str, str]
    channel: str
    events_url: str

    async def do(self, act: Callable[..., T], *given: Any, **named: Any) -> T:
        """What a person does, by the workspace's blocking client."""
        return await asyncio.to_thread(act, *given, **named)

    async def until(self, ready: Callable[[], T], timeout_seconds: float = 6.0) -> T:
        async with asyncio.timeout(timeout_seconds):
            while not (found := ready()):
                await asyncio.sleep(0.01)
        return found

    def place(self, thread: str = "") -> Place:
        team = str(self.server.address["team_id"])
        return Place(surface="slack", team=team, channel=self.channel, thread=thread)


def slack_settings(server: WorkspaceServer, mode: Any) -> Slack:
    address = server.address
    return Slack(
        bot_token=address["bot_token"],
        app_token=address["app_token"],
        signing_secret=address["signing_secret"],
        mode=mode,
        api_base=address["api_base"],
    )


@asynccontextmanager
async def connected(state: Path, mode: str, http_port: int) -> AsyncIterator[World]:
    settings = WorkspaceSettings(state=state, retry_delays_seconds=(0.0, 0.1, 0.2))
    if mode == "http":
        url = f"http://127.0.0.1:{http_port}/slack/events"
        settings = replace(settings, delivery="http", request_url=url)
    async with AsyncExitStack() as stack:
        server = await start(settings)
        stack.push_async_callback(server.stop)
        slack, memory = slack_settings(server, mode), Memory()
        client = make_client(slack)
        handles = dict(HANDLES)
        directory = SlackDirectory(
            client, lambda: book(handles), lambda account: f"P-{account.user}"
        )
        threads = ThreadDirectory(directory, "slack", "Slack")
        surface = SlackSurface(memory, slack, client, directory, threads, posts_per_second=50.0)
        await surface.start()
        stack.push_async_callback(surface.close)
        listener = Listener("127.0.0.1", http_port)
        if routes := surface.routes():
            await listener.start(routes)
        stack.push_async_callback(listener.close)
        memory.shown["R-20391"] = STORIES["waiting_1_of_2"]
        channel = server.address["channels"]["support-ops"]
        people = WorkspaceClient(state)
        events_url = f"{listener.address}{EVENTS_PATH}"
        yield World(
            server, surface, memory, people, directory, threads, handles, channel, events_url
        )


@pytest.fixture
def http_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, http_port: int
) -> AsyncIterator[World]:
    async with connected(tmp_path / "state", request.param, http_port) as made:
        yield made


@pytest.fixture
async def one_world(tmp_path: Path, http_port: int) -> AsyncIterator[World]:
    """For what does not depend on how Slack delivers."""
    async with connected(tmp_path / "state", "socket", http_port) as made:
        yield made


@pytest.fixture
async def teams(tmp_path: Path, http_port: int) -> AsyncIterator[Any]:
    """The Teams surface, its workspace and people's hands there."""
    from tests.bot.surfaces import teams_world  # it stands on Memory, which stands here

    async with teams_world.connected(tmp_path / "state", http_port) as made:
        yield made
