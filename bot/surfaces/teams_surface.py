"""Teams: what people say and press goes to the flow, what the flow says goes back. Nothing else.

Activities come through the door (teams_http.py) and the seam to the SDK (teams.py); here each goes
to whoever answers it. An invoke always gets an answer: somebody looks at a spinner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.cards.adaptive import Rendered
from bot.ports import Clock
from bot.settings import MESSAGES_PATH, Teams
from bot.surfaces import teams_answers, words
from bot.surfaces.clicking import Clicking
from bot.surfaces.port import Port
from bot.surfaces.receiving import NotStoredError, Receiving
from bot.surfaces.teams import BotFramework
from bot.surfaces.teams_commands import TeamsCommands
from bot.surfaces.teams_directory import TeamsDirectory
from bot.surfaces.teams_events import TeamsEvents
from bot.surfaces.teams_extension import TeamsExtension
from bot.surfaces.teams_forms import TeamsForms
from bot.surfaces.teams_http import TeamsDoor
from bot.surfaces.teams_origin import Origin, is_bot, origin
from bot.surfaces.teams_origin import words as words_of
from bot.surfaces.teams_pace import Paces
from bot.surfaces.teams_parts import LOGGER, MESSAGE_SECONDS, TeamsParts
from bot.surfaces.teams_presses import TeamsPresses
from bot.surfaces.teams_sender import TeamsSender
from bot.surfaces.teams_tokens import AppTokens, ChannelTokens
from bot.surfaces.teams_wire import Activity, Answer, Claims
from bot.surfaces.thread_directory import ThreadDirectory
from store.database import Database
from store.model.request import Place

Invoked = Callable[[Activity, Origin], Awaitable[Answer]]
EXECUTE = "adaptiveCard/action"
_NOT_OURS = 501  # as the SDK answers to an invoke that nobody takes


class TeamsSurface:
    """One bot in Teams. It is served by an application that takes `routes`; use it on one loop."""

    def __init__(
        self,
        port: Port,
        teams: Teams,
        tokens: AppTokens,
        framework: BotFramework,
        directory: TeamsDirectory,
        threads: ThreadDirectory,
        db: Database,
        clock: Clock,
        *,
        paces: Paces | None = None,
        on_removed: Callable[[str], None] | None = None,
    ) -> None:
        self._tokens, self._framework, self._threads = tokens, framework, threads
        self._channel_tokens = ChannelTokens(teams)
        self._door = TeamsDoor(self._channel_tokens, teams, self._turn)
        self._sender = TeamsSender(framework, teams, db, clock, paces or Paces())
        self._parts = TeamsParts(
            port=port,
            teams=teams,
            directory=directory,
            sender=self._sender,
            db=db,
            clock=clock,
            receiving=Receiving(port, MESSAGE_SECONDS),
            clicking=Clicking(port),
            on_removed=on_removed or _nobody,
        )
        presses, dialogs = TeamsPresses(self._parts), TeamsForms(self._parts)
        extension = TeamsExtension(self._parts)
        self._events = TeamsEvents(self._parts, TeamsCommands(self._parts), presses)
        self._invokes: dict[str, Invoked] = {
            EXECUTE: presses.on_action,
            "task/fetch": dialogs.on_fetch,
            "task/submit": dialogs.on_submit,
            "composeExtension/fetchTask": extension.on_fetch,
            "composeExtension/submitAction": extension.on_submit,
        }

    async def connect(self) -> None:
        """Checks that the login gives the bot a token, and answers for people. Raises SurfaceError,
        which says which setting is wrong."""
        try:
            await self._tokens.token()
            self._threads.bind(asyncio.get_running_loop())
        except BaseException:
            await self.close()
            raise

    async def start(self) -> None:
        """Nothing: Teams comes through `routes`."""

    async def close(self) -> None:
        """Finishes what is under way, lets every connection go."""
        await self._parts.background.close()
        self._parts.receiving.close()
        await self._channel_tokens.close()
        await self._framework.close()
        await self._tokens.close()

    def routes(self) -> list[web.RouteDef]:
        """The HTTP door, for an aiohttp application that serves several surfaces."""
        return [web.route("*", MESSAGES_PATH, self._door.handle)]

    async def post(self, place: Place, rendered: Rendered) -> str:
        """Posts into the place's thread; the message's id. Raises SurfaceError."""
        return await self._sender.post(place, rendered)

    async def update(self, place: Place, message: str, rendered: Rendered) -> None:
        """Replaces a message of ours. Raises SurfaceError."""
        await self._sender.update(place, message, rendered)

    async def tell(self, user: str, text: str) -> None:
        """Says something to one person in their chat with the bot. Raises SurfaceError."""
        await self._sender.tell(user, text)

    async def _turn(self, activity: Activity, claims: Claims) -> Answer | None:
        return await self._framework.turn(activity, claims, self._handle)

    async def _handle(self, activity: Activity) -> Answer | None:
        """One activity of the channel service. Raises NotStoredError for what Teams is to send
        again."""
        match activity.get("type"):
            case "message":
                await self._events.on_message(activity)
            case "conversationUpdate" | "installationUpdate":
                await self._events.on_update(activity)
            case "invoke":
                return await self._invoked(activity)
        return None

    async def _invoked(self, activity: Activity) -> Answer:
        name = words_of(activity.get("name"))
        handle, at = self._invokes.get(name), origin(activity)
        if handle is None:
            return Answer(_NOT_OURS)
        try:
            if at is None or is_bot(activity, self._parts.bot_id):
                return _said(name, words.UNKNOWN_BUTTON)
            self._parts.background.spawn(self._keep(at))
            answer = await handle(activity, at)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must get an answer
            LOGGER.error("an invoke (%s) failed: %s", name, type(error).__name__)
            return _said(name, words.NOT_NOW)
        return answer

    async def _keep(self, at: Origin) -> None:
        """Keeps where something was pressed, and by whom, beside the answer: the card that a first
        press changes is to be theirs, too. Where the store is away or Teams does not say, the next
        press is kept."""
        try:
            await self._parts.seen(at)
            await self._parts.met(at, await self._parts.asker(at))
        except NotStoredError as error:
            LOGGER.warning("%s", error)


def _said(name: str, text: str) -> Answer:
    return teams_answers.message(text) if name == EXECUTE else teams_answers.said(text)


def _nobody(conversation: str) -> None:
    """Nobody but the log hears of it."""
