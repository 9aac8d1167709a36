"""The chats that are switched on: first who people are there, then, over the flow, what they say
and see. Of a chat that is switched off nothing is loaded: its SDK is a fifth of a start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Protocol

from aiohttp import web

from bot.people.directories import Directories
from bot.ports import Clock
from bot.publisher import Screen
from bot.settings import Settings, SettingsError, Slack, Teams
from bot.surfaces.port import Port
from bot.surfaces.thread_directory import ThreadDirectory
from policies.roles import SLACK, TEAMS, RoleBook
from store import people
from store.database import Database
from store.model.person import Account


class Surface(Protocol):
    """One chat as the process holds it."""

    async def connect(self) -> None:
        """Checks that the chat takes us, and answers for people. Raises SurfaceError."""
        ...

    async def start(self) -> None:
        """Hears people from now on, unless they come through `routes`. Raises SurfaceError."""
        ...

    async def close(self) -> None:
        """Finishes what is under way."""
        ...

    def routes(self) -> list[web.RouteDef]:
        """What it is spoken to by HTTP; nothing where it is not."""
        ...


Opened = tuple[Surface, Screen[Any]]


class Chats:
    """Slack, Teams or both. `book` gives the roles of the bundle in force; `removed` is told of a
    conversation in Teams that the bot was removed from."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        book: Callable[[], RoleBook],
        clock: Clock,
        removed: Callable[[str], None],
    ) -> None:
        self._db, self._book, self._clock, self._removed = db, book, clock, removed
        self._threads: dict[str, ThreadDirectory] = {}
        self._openers: dict[str, Callable[[Port], Opened]] = {}
        if settings.slack is not None:
            self._add_slack(settings.slack)
        if settings.teams is not None:
            self._add_teams(settings.teams)
        self.directory = Directories(self._threads)
        self.screens: Mapping[str, Screen[Any]] = {}
        self._surfaces: tuple[Surface, ...] = ()

    def open(self, port: Port) -> None:
        """Builds the surfaces over the flow."""
        opened = {name: opener(port) for name, opener in self._openers.items()}
        self._surfaces = tuple(surface for surface, _ in opened.values())
        self.screens = {name: screen for name, (_, screen) in opened.items()}

    async def connect(self) -> None:
        """Every chat takes us, or SurfaceError says which does not, and none is held."""
        async with AsyncExitStack() as connected:
            for surface in self._surfaces:
                await surface.connect()
                connected.push_async_callback(surface.close)
            connected.pop_all()

    async def start(self) -> None:
        """Every chat is heard."""
        for surface in self._surfaces:
            await surface.start()

    async def close(self) -> None:
        """Lets every chat go."""
        for surface in self._surfaces:
            await surface.close()

    def routes(self) -> list[web.RouteDef]:
        """What the chats are spoken to by HTTP."""
        return [route for surface in self._surfaces for route in surface.routes()]

    def _add_slack(self, slack: Slack) -> None:
        from bot.cards import block_kit
        from bot.surfaces.slack import SlackSurface
        from bot.surfaces.slack_calls import make_client
        from bot.surfaces.slack_directory import SlackDirectory

        client = make_client(slack)
        directory = SlackDirectory(client, self._book, self._identify)
        threads = ThreadDirectory(directory, SLACK, "Slack")

        def opener(port: Port) -> Opened:
            surface = SlackSurface(port, slack, client, directory, threads)
            return surface, Screen(block_kit.render, surface.post, surface.update, surface.tell)

        self._threads[SLACK], self._openers[SLACK] = threads, opener

    def _add_teams(self, teams: Teams) -> None:
        from bot.cards import adaptive
        from bot.surfaces.teams import BotFramework
        from bot.surfaces.teams_accounts import TeamsAccounts
        from bot.surfaces.teams_directory import TeamsDirectory
        from bot.surfaces.teams_surface import TeamsSurface
        from bot.surfaces.teams_tokens import AppTokens

        tokens = AppTokens(teams)
        framework = BotFramework(teams, tokens)
        accounts = TeamsAccounts(framework, teams, self._db, self._rosters)
        directory = TeamsDirectory(accounts, self._book, self._identify)
        threads = ThreadDirectory(directory, TEAMS, "Teams")

        def opener(port: Port) -> Opened:
            surface = TeamsSurface(
                port,
                teams,
                tokens,
                framework,
                directory,
                threads,
                self._db,
                self._clock,
                on_removed=self._removed,
            )
            return surface, Screen(adaptive.render, surface.post, surface.update, surface.tell)

        self._threads[TEAMS], self._openers[TEAMS] = threads, opener

    def _rosters(self) -> Iterable[str]:
        return self._book().rosters

    def _identify(self, account: Account) -> str:
        """The stable id of the human behind an account. Mostly a read: people who were seen before
        hold no writer up."""
        with self._db.read() as cx:
            if known := people.known(cx, account):
                return known
        with self._db.begin() as tx:
            return people.person_for(tx, account)


def refuse_none(settings: Settings) -> None:
    """Raises SettingsError where no chat is switched on."""
    if settings.slack is None and settings.teams is None:
        raise SettingsError(
            "no chat is switched on: set ASSENT_SLACK_BOT_TOKEN (docs/how-to/slack.md),"
            " ASSENT_TEAMS_APP_ID (docs/how-to/teams.md) or both, or try `make play`"
        )
