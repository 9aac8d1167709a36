"""The Teams surface against a Teams-compatible workspace, over the wire."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from msrest.universal_http.requests import ClientRetryPolicy
from sqlalchemy import text

from bot.cards import adaptive
from bot.cards.run_card import run_card
from bot.settings import Teams
from bot.surfaces.listening import Listener
from bot.surfaces.teams import BotFramework
from bot.surfaces.teams_accounts import TeamsAccounts
from bot.surfaces.teams_directory import TeamsDirectory
from bot.surfaces.teams_surface import TeamsSurface
from bot.surfaces.teams_tokens import AppTokens
from bot.surfaces.thread_directory import ThreadDirectory
from bot.view import Stance
from bot.workspace.server import WorkspaceServer, start
from bot.workspace.settings import WorkspaceSettings
from bot.workspace.teams import seed
from bot.workspace.teams.client import TeamsClient
from bot.workspace.teams.text import card_text
from policies.roles import TEAMS, RoleBook
from policies.settings_file import Role
from store.database import Database
from store.model.request import Place
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.conftest import Memory

T = TypeVar("T")
ROSTERS = {
    "support": "19:support@thread.tacv2",
    "support-lead": "19:supportleads@thread.tacv2",
    "finance-lead": "19:financeleads@thread.tacv2",
}
SUPPORT_OPS = "19:supportops@thread.tacv2"
RUN = "R-20391"

# The SDK looks for 999 codes among these for each client: the same, found at once.
ClientRetryPolicy.safe_codes = frozenset(ClientRetryPolicy.safe_codes)


@dataclass
class TeamsWorld:
    """A workspace, the surface connected to it, and people's hands on it."""

    server: WorkspaceServer
    surface: TeamsSurface
    memory: Memory
    people: TeamsClient
    directory: TeamsDirectory
    threads: ThreadDirectory
    db: Database
    teams: Teams
    removed: list[str]
    rosters: dict[str, str]

    async def do(self, act: Callable[..., T], *given: Any, **named: Any) -> T:
        """What a person does, by the workspace's blocking client."""
        return await asyncio.to_thread(act, *given, **named)

    async def until(self, ready: Callable[[], T], timeout_seconds: float = 6.0) -> T:
        async with asyncio.timeout(timeout_seconds):
            while not (found := ready()):
                await asyncio.sleep(0.01)
        return found

    async def said(self, wanted: str, as_: str, conversation: str | None = None) -> dict[str, Any]:
        """The message that shows a text, once it is there."""
        return await self.do(self.people.wait_for, wanted, as_, 6.0, conversation)

    async def ask(self, text: str, as_: str = "agent", **named: Any) -> Any:
        """A request, once it is stored."""
        before = len(self.memory.messages)
        await self.do(self.people.say, text, as_, **named)
        await self.until(lambda: len(self.memory.messages) > before)
        return self.memory.messages[-1]

    async def forge(self, activity: dict[str, Any], **claims: Any) -> dict[str, Any]:
        """Any activity, sent as the channel service sends it; its status and body."""
        return await self.do(self.people.control, "post", {"activity": activity, "claims": claims})

    def invoke(self, name: str, value: Any, as_: str = "lead", **more: Any) -> dict[str, Any]:
        """An invoke of a person in the channel, to be forged."""
        return {
            "type": "invoke",
            "name": name,
            "id": "f:1",
            "channelId": "msteams",
            "serviceUrl": self.teams.services[0],
            "from": {
                "id": seed.address(as_),
                "name": as_,
                "aadObjectId": seed.OBJECT_IDS[as_],
            },
            "recipient": {"id": seed.BOT_ID, "name": "Assent"},
            "conversation": {
                "id": f"{SUPPORT_OPS};messageid=1700000000000",
                "conversationType": "channel",
                "tenantId": seed.TENANT_ID,
            },
            "channelData": {"tenant": {"id": seed.TENANT_ID}},
            "value": value,
            **more,
        }

    async def fault(self, *routes: str, kind: str = "status", **named: Any) -> None:
        """What the next calls of some routes meet."""
        body = {"kind": kind, "calls": 50, "routes": list(routes), "status": 500, **named}
        await self.do(self.people.control, "faults", body)

    async def card(self, story: str = "waiting_1_of_2", thread: str = "") -> str:
        """Posts a run's card into the channel; the message's id."""
        self.memory.shown[RUN] = STORIES[story]
        shown = adaptive.render(run_card(STORIES[story]))
        return await self.surface.post(self.place(thread), shown)

    async def seen(self, as_: str, marker: str = RUN) -> str:
        """The newest card with a marker as a person sees it, without looking at it anew."""
        found = await self.do(self.people.cards, marker, as_, refresh=False)
        return card_text(found[0]["card"])

    async def click(self, number: int = 1) -> Any:
        """The newest click, once there are so many."""
        await self.until(lambda: len(self.memory.clicks) >= number)
        return self.memory.clicks[-1]

    def place(self, thread: str = "", channel: str = SUPPORT_OPS) -> Place:
        return Place(surface=TEAMS, team=seed.TENANT_ID, channel=channel, thread=thread)


@asynccontextmanager
async def connected(state: Path, http_port: int, app_secret: str = "") -> AsyncIterator[TeamsWorld]:
    """A workspace and a surface that know each other already: the first of a process is installed
    everywhere by the workspace's events, the others begin with a copy of what it kept."""
    if _first_day.get("folder") is None:
        folder = Path(tempfile.mkdtemp(prefix="assent-teams-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        async with _opened(folder, http_port, ""):
            pass
        _first_day["folder"] = folder
    if not state.exists():
        shutil.copytree(_first_day["folder"], state)
    async with _opened(state, http_port, app_secret) as world:
        yield world


_first_day: dict[str, Path] = {}


@asynccontextmanager
async def _opened(state: Path, http_port: int, app_secret: str) -> AsyncIterator[TeamsWorld]:
    url = f"http://127.0.0.1:{http_port}/api/messages"
    settings = WorkspaceSettings(
        state=state,
        teams_messages_url=url,
        teams_retry_delays_seconds=(0.05, 0.1, 0.2, 0.4),
    )
    async with AsyncExitStack() as stack:
        server = await start(settings)
        stack.push_async_callback(server.stop)
        address = server.address["teams"]
        teams = Teams(
            app_id=address["app_id"],
            app_secret=app_secret or address["app_secret"],
            tenant=address["tenant_id"],
            tenants=(address["tenant_id"],),
            services=tuple(address["services"]),
            login=address["login"],
            metadata=address["metadata"],
        )
        db = Database(f"sqlite:///{state / 'assent.db'}")
        db.migrate()
        stack.callback(db.close)
        with db.begin() as tx:  # the port is another one in each copy
            tx.execute(
                text("UPDATE conversations SET service_url = :here"), {"here": teams.services[0]}
            )
        memory, removed, rosters = Memory(default_stance=Stance.MAY_APPROVE), [], dict(ROSTERS)
        tokens = AppTokens(teams)
        framework = BotFramework(teams, tokens)

        def book() -> RoleBook:
            return RoleBook({name: Role(teams_roster=each) for name, each in rosters.items()})

        accounts = TeamsAccounts(framework, teams, db, lambda: book().rosters)
        directory = TeamsDirectory(accounts, book, lambda account: f"P-{account.user}")
        threads = ThreadDirectory(directory, TEAMS, "Teams")
        surface = TeamsSurface(
            memory,
            teams,
            tokens,
            framework,
            directory,
            threads,
            db,
            lambda: datetime.now(UTC),
            on_removed=removed.append,
        )
        await surface.connect()
        stack.push_async_callback(surface.close)
        listener = Listener("127.0.0.1", http_port)
        await listener.start(surface.routes())
        stack.push_async_callback(listener.close)
        memory.shown[RUN] = STORIES["waiting_1_of_2"]
        people = TeamsClient(state)
        world = TeamsWorld(
            server, surface, memory, people, directory, threads, db, teams, removed, rosters
        )
        side = server.workspace.teams
        await world.until(lambda: not side.outbox.waiting())  # where it was installed
        yield world
