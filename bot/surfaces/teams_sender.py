"""Messages out to Teams: in order and no faster than Teams takes them, updated in place."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.cards.adaptive import Rendered
from bot.cards.legible import cut, legible
from bot.ports import Clock
from bot.settings import Teams
from bot.surfaces.errors import Busy, Gone, SurfaceError
from bot.surfaces.teams import BotFramework
from bot.surfaces.teams_pace import Paces
from bot.surfaces.teams_wire import Activity
from store import conversations, deliveries
from store.conversations import Contact, Conversation
from store.database import Database
from store.errors import StoreError
from store.model.request import Place

TEAMS: Final = "teams"
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
REFRESH_USERS_MAX = 60  # Microsoft's documentation of Universal Actions: user ids of a refresh
SAID_CHARACTERS_MAX = 4_000  # ours; what is said in passing is short
REMOVED = "403"  # what Teams answers to a bot that was removed, or whom somebody blocked
PROBE_SECONDS = 3_600.0  # ours; Teams tells a team's first channel alone that the bot is back
LEFT_KEPT_MAX = 1_000

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Address:
    """How a conversation is reached, and who is shown cards of their own there."""

    service_url: str
    is_channel: bool
    seen: tuple[str, ...]


class TeamsSender:
    """Posts and updates. All methods raise SurfaceError, or StoreError where the store is away."""

    def __init__(
        self,
        framework: BotFramework,
        teams: Teams,
        db: Database,
        clock: Clock,
        paces: Paces | None = None,
    ) -> None:
        self._framework, self._teams, self._db, self._clock = framework, teams, db, clock
        self._paces = paces or Paces()
        self._probe_at: OrderedDict[str, float] = OrderedDict()

    async def post(self, place: Place, rendered: Rendered) -> str:
        """Posts a card into the place's thread (none, in a channel: a new one); the message's id.

        A message whose fate Teams left open is not posted again here: Busy, and the caller decides.
        """
        address = await asyncio.to_thread(self._address, place.channel)
        return await self._posted(place, address, _card(rendered, address.seen))

    async def update(self, place: Place, message: str, rendered: Rendered) -> None:
        """Replaces a message of ours. Raises Gone where it was deleted."""
        address = await asyncio.to_thread(self._address, place.channel)
        activity = _card(rendered, address.seen) | {"id": message}
        async with self._turn(place.channel, is_post=False):
            await self._framework.update(address.service_url, _thread(place), message, activity)

    async def say(self, place: Place, text: str) -> str:
        """Says a few words in a place's thread, to all who read there; the message's id."""
        address = await asyncio.to_thread(self._address, place.channel)
        return await self._posted(place, address, _words(text))

    async def reply(self, service_url: str, place: Place, text: str) -> str:
        """As `say`, where somebody spoke just now: asks nothing of the store, which may be away."""
        address = _Address(service_url, _is_channel(place.channel), ())
        return await self._posted(place, address, _words(text))

    async def tell(self, user: str, text: str) -> None:
        """Says something to one person in their chat with the bot."""
        await self.say(await self.own(user), text)

    async def own(self, user: str) -> Place:
        """A person's chat with the bot, which is begun if need be. Raises SurfaceError."""
        own = await asyncio.to_thread(self._personal, user) or await self._begun(user)
        return Place(surface=TEAMS, team=own.team, channel=own.id, thread="")

    async def tell_or_log(self, user: str, text: str) -> None:
        """As tell; a failure is logged and nothing is raised."""
        if not text:
            return
        try:
            await self.tell(user, text)
        except (SurfaceError, StoreError) as error:
            LOGGER.warning("nothing could be said to %s in Teams: %s", user, error)

    async def _posted(self, place: Place, address: _Address, activity: Activity) -> str:
        async with self._turn(place.channel):
            if place.thread or not address.is_channel:
                return await self._framework.send(address.service_url, _thread(place), activity)
            thread, message = await self._framework.begin(
                address.service_url,
                {
                    "isGroup": True,
                    "bot": {"id": self._bot},
                    "channelData": {"channel": {"id": place.channel}},
                    "tenantId": place.team or self._teams.tenant,
                    "activity": activity,
                },
            )
        return message or thread.partition(";messageid=")[2]

    async def _begun(self, user: str) -> Conversation:
        """A person's own chat, begun now. Raises Gone where the bot was removed from it."""
        met = await asyncio.to_thread(self._met, user)
        tenant = met.team if met else self._teams.tenant
        service_url = met.service_url if met else self._teams.services[0]
        async with self._turn(user):
            own, _ = await self._framework.begin(
                service_url,
                {
                    "isGroup": False,
                    "bot": {"id": self._bot},
                    "members": [{"id": met.address if met else user}],
                    "tenantId": tenant,
                    "channelData": {"tenant": {"id": tenant}},
                },
            )
        conversation = Conversation(
            surface=TEAMS,
            team=tenant,
            id=own,
            kind="personal",
            service_url=service_url,
            user=user,
        )
        await asyncio.to_thread(self._remember, conversation)
        return conversation

    @asynccontextmanager
    async def _turn(self, conversation: str, *, is_post: bool = True) -> AsyncIterator[None]:
        """The time to make a call in; a conversation that the bot was removed from is left, as a
        post finds out: of an update Teams says the same where the message is not the bot's."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._paces.take_turn(conversation, loop.time()))
        try:
            yield
            if self._probe_at.pop(conversation, None) is not None:
                await asyncio.to_thread(self._reopen, conversation)
        except Busy as busy:
            if busy.code == "429":
                self._paces.hold(conversation, loop.time() + busy.retry_after_seconds)
            raise
        except Gone as gone:
            if gone.code == REMOVED and is_post:
                await asyncio.to_thread(self._leave, conversation)
            raise

    @property
    def _bot(self) -> str:
        return f"28:{self._teams.app_id}"

    def _address(self, conversation: str) -> _Address:
        with self._db.read() as cx:
            if conversations.is_gone(cx, TEAMS, conversation):
                self._probe(conversation)
            known = conversations.get(cx, TEAMS, conversation) or self._unseen(conversation)
            seen = conversations.seen_in(cx, TEAMS, conversation, REFRESH_USERS_MAX)
        return _Address(
            known.service_url, known.kind == "channel", tuple(each.address for each in seen)
        )

    def _personal(self, user: str) -> Conversation | None:
        with self._db.read() as cx:
            return conversations.personal_of(cx, TEAMS, user)

    def _met(self, user: str) -> Contact | None:
        with self._db.read() as cx:
            return conversations.contact(cx, TEAMS, user)

    def _remember(self, conversation: Conversation) -> None:
        with self._db.begin() as tx:
            if conversations.is_gone(tx, TEAMS, conversation.id):
                raise Gone("the person removed the bot", REMOVED)
            conversations.remember(tx, conversation, self._clock())

    def _probe(self, conversation: str) -> None:
        """Lets a message try, once in a while, whether the bot is back. Raises Gone."""
        now = time.monotonic()
        probe_at = self._probe_at.setdefault(conversation, now + PROBE_SECONDS)
        if now < probe_at:
            raise Gone("the bot was removed from there; add Assent again, then ask again", REMOVED)
        self._probe_at[conversation] = now + PROBE_SECONDS

    def _leave(self, conversation: str) -> None:
        LOGGER.info("the bot was removed from %s", conversation)
        self._probe_at[conversation] = time.monotonic() + PROBE_SECONDS
        while len(self._probe_at) > LEFT_KEPT_MAX:
            self._probe_at.popitem(last=False)
        with self._db.begin() as tx:
            if conversation.startswith("19:") and not conversations.get(tx, TEAMS, conversation):
                conversations.remember(tx, self._unseen(conversation), self._clock())
            conversations.leave(tx, TEAMS, conversation, self._clock())

    def _reopen(self, conversation: str) -> None:
        with self._db.begin() as tx:
            known = conversations.get(tx, TEAMS, conversation)
            if known is not None:
                conversations.remember(tx, known, self._clock())
                deliveries.show_again(tx, TEAMS, conversation, self._clock())

    def _unseen(self, conversation: str) -> Conversation:
        """A conversation that only the bundle names: nobody has spoken to the bot there."""
        return Conversation(
            surface=TEAMS,
            team=self._teams.tenant,
            id=conversation,
            kind="channel" if _is_channel(conversation) else "group",
            service_url=self._teams.services[0],
        )


def _card(rendered: Rendered, seen: tuple[str, ...]) -> Activity:
    """A message that is a card; where it can be seen differently, those who were seen are named."""
    card = dict(rendered.card)
    if seen and isinstance(card.get("refresh"), dict):
        card["refresh"] = {**card["refresh"], "userIds": list(seen)}
    return {
        "type": "message",
        "summary": rendered.text,
        "attachments": [{"contentType": CARD_TYPE, "content": card}],
    }


def _words(text: str) -> Activity:
    said = cut(legible(text), SAID_CHARACTERS_MAX)
    return {"type": "message", "text": said, "textFormat": "plain"}


def _thread(place: Place) -> str:
    """The conversation that a place's messages stand in."""
    return f"{place.channel};messageid={place.thread}" if place.thread else place.channel


def _is_channel(conversation: str) -> bool:
    """Whether the id of a conversation that nothing is known of is that of a channel."""
    return conversation.endswith(("@thread.tacv2", "@thread.skype"))
