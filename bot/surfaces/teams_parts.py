"""What every Teams handler needs: the flow, the directory, the sender, the store of conversations,
and work after the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.cards.adaptive import Rendered
from bot.cards.press import Press
from bot.incoming import Reply, Verb
from bot.ports import Clock
from bot.settings import Teams
from bot.surfaces import words
from bot.surfaces.clicking import Clicking, Pressed, Values
from bot.surfaces.errors import SurfaceError
from bot.surfaces.port import Port
from bot.surfaces.receiving import Background, NotStoredError, Receiving
from bot.surfaces.teams_directory import TeamsDirectory
from bot.surfaces.teams_origin import Origin
from bot.surfaces.teams_sender import TeamsSender
from policies.roles import TEAMS
from store import conversations, deliveries
from store.conversations import Conversation
from store.database import Database
from store.errors import StoreError
from store.model.person import Account, Person
from store.model.request import Place

# Teams waits 15 s for an answer to a message (learn.microsoft.com), and the store gives up a write
# after ten: what is not stored by then is not going to be.
MESSAGE_SECONDS = 11.0
SENDER_SECONDS = 5.0  # how long the question may take who wrote a message
LOGGER = logging.getLogger(__name__)


@dataclass
class TeamsParts:
    """The parts that the handlers share."""

    port: Port
    teams: Teams
    directory: TeamsDirectory
    sender: TeamsSender
    db: Database
    clock: Clock
    receiving: Receiving
    clicking: Clicking
    on_removed: Callable[[str], None]  # told the id of a conversation, on a worker thread
    background: Background = field(default_factory=Background)

    @property
    def bot_id(self) -> str:
        """The bot as activities name it."""
        return f"28:{self.teams.app_id}"

    async def seen(self, origin: Origin) -> bool:
        """Keeps the conversation; whether the bot is new in it. Raises NotStoredError where the
        store is away: an answer could not find its way then."""
        try:
            return await asyncio.to_thread(self._see, origin)
        except StoreError as error:
            raise NotStoredError(
                f"a conversation was not stored: {type(error).__name__}"
            ) from error

    async def met(self, origin: Origin, account: Account) -> None:
        """Keeps whom we met there, who is shown cards of their own from then on: nobody whom we do
        not serve. A failure is logged; the next sight keeps it."""
        if not origin.user or account.refusal:
            return
        try:
            await asyncio.to_thread(self._meet, origin)
        except StoreError as error:
            LOGGER.warning("a contact was not stored: %s", type(error).__name__)

    async def left(self, conversation: str) -> None:
        """Keeps that the bot was removed from a conversation: nothing is sent there any more."""
        try:
            await asyncio.to_thread(self._leave, conversation)
        except StoreError as error:
            raise NotStoredError(f"a removal was not stored: {type(error).__name__}") from error

    async def asker(self, origin: Origin) -> Account:
        """Who sent a message. Raises NotStoredError where Teams does not say."""
        try:
            async with asyncio.timeout(SENDER_SECONDS):
                return await self.directory.accounts.sender(origin)
        except (SurfaceError, TimeoutError) as error:
            raise NotStoredError(f"Teams did not say who {origin.address} is") from error

    async def who(self, origin: Origin) -> tuple[Account, Person | None]:
        """Who pressed, with the roles of this moment; without a person where Teams does not say,
        which refuses."""
        person = await self.directory.clicking(origin)
        if person is not None:
            return person.account, person
        return self.directory.accounts.unknown(origin), None

    async def press(
        self,
        origin: Origin,
        verb: Verb,
        press: Press,
        text: str = "",
        *,
        values: Values = (),
        skip: tuple[str, ...] = (),
    ) -> Reply:
        """Applies a press by the person as the directory describes them at this moment."""
        account, person = await self.who(origin)
        pressed = Pressed(
            account, person, verb, press, origin.place, origin.message, text, values, skip
        )
        return await self.clicking.press(pressed)

    def whisper(self, origin: Origin, said: str | Rendered) -> None:
        """Says something to one person, after the answer: in their own chat with the bot where
        there is one, else where it happened. A failure is logged."""
        if said:
            self.background.spawn(self._whisper(origin, said))

    def confide(self, origin: Origin, said: str | Rendered) -> None:
        """As whisper, for what must not stand where others read: where the person's own chat cannot
        be had, only that is said where they asked."""
        if said:
            self.background.spawn(self._confide(origin, said))

    def later(self, origin: Origin, pressing: asyncio.Task[Reply]) -> None:
        """Says what becomes of a press that outlasted its answer."""
        self.background.spawn(self._later(origin, pressing))

    def say(self, place: Place, said: str | Rendered) -> None:
        """Says something in a place, to all who read there, after the answer."""
        if said:
            self.background.spawn(self._say_or_log(place, said))

    async def own_place(self, origin: Origin) -> Place | None:
        """The chat of one person with the bot, None where there is none."""
        if origin.kind == "personal":
            return origin.place
        own = await asyncio.to_thread(self._own, origin.user) if origin.user else None
        if own is None:
            return None
        return Place(surface=TEAMS, team=own.team, channel=own.id, thread="")

    async def _later(self, origin: Origin, pressing: asyncio.Task[Reply]) -> None:
        self.whisper(origin, (await pressing).text)

    async def _whisper(self, origin: Origin, said: str | Rendered) -> None:
        own = await self.own_place(origin)
        if own is not None and own != origin.place:
            try:
                await self._say(own, said)
            except (SurfaceError, StoreError) as error:
                LOGGER.info("%s is not reached in their own chat: %s", origin.user, error)
            else:
                return
        await self._say_or_log(origin.place, said)

    async def _confide(self, origin: Origin, said: str | Rendered) -> None:
        if origin.kind == "personal":
            await self._say_or_log(origin.place, said)
            return
        try:
            await self._say(await self.sender.own(origin.user), said)
        except (SurfaceError, StoreError) as error:
            LOGGER.info("%s is not reached in their own chat: %s", origin.user, error)
            await self._say_or_log(origin.place, words.ASK_IN_OUR_CHAT)
        else:
            await self._say_or_log(origin.place, words.IN_OUR_CHAT)

    async def _say_or_log(self, place: Place, said: str | Rendered) -> None:
        try:
            await self._say(place, said)
        except (SurfaceError, StoreError) as error:
            LOGGER.warning("nothing could be said in %s: %s", place.channel, error)

    async def _say(self, place: Place, said: str | Rendered) -> None:
        if isinstance(said, str):
            await self.sender.say(place, said)
        else:
            await self.sender.post(place, said)

    def _see(self, origin: Origin) -> bool:
        now, place = self.clock(), origin.place.channel
        with self.db.read() as cx:
            seen = _named(conversations.get(cx, TEAMS, place), origin)
            if conversations.is_remembered(cx, seen, now):
                return False
        with self.db.begin() as tx:
            known = conversations.get(tx, TEAMS, place)
            is_back = conversations.is_gone(tx, TEAMS, place)
            conversations.remember(tx, seen, now)
            if is_back:
                deliveries.show_again(tx, TEAMS, place, now)
        return known is None or is_back

    def _meet(self, origin: Origin) -> None:
        now = self.clock()
        with self.db.read() as cx:
            if conversations.is_met(cx, origin.contact, now):
                return
        with self.db.begin() as tx:
            conversations.meet(tx, origin.contact, now)

    def _leave(self, conversation: str) -> None:
        with self.db.begin() as tx:
            conversations.leave(tx, TEAMS, conversation, self.clock())
        self.on_removed(conversation)

    def _own(self, user: str) -> Conversation | None:
        try:
            with self.db.read() as cx:
                return conversations.personal_of(cx, TEAMS, user)
        except StoreError:
            return None


def _named(known: Conversation | None, origin: Origin) -> Conversation:
    """The conversation as it is seen now, with the name that it had where none is said."""
    seen = origin.conversation
    return seen if seen.name or known is None else seen.model_copy(update={"name": known.name})
