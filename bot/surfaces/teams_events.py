"""Messages to the bot become requests; where it is added and removed is kept.

A message is stored before it is acknowledged. Teams does not reliably deliver again what was not
taken: where the store is away, whoever asked is told in the conversation, and it ends there.
"""

from __future__ import annotations

from bot.incoming import Message
from bot.surfaces import words
from bot.surfaces.asked import What, command
from bot.surfaces.errors import SurfaceError
from bot.surfaces.receiving import NotStoredError
from bot.surfaces.teams_commands import TeamsCommands
from bot.surfaces.teams_origin import Origin, about, member_of, origin
from bot.surfaces.teams_origin import words as words_of
from bot.surfaces.teams_parts import LOGGER, TeamsParts
from bot.surfaces.teams_presses import TeamsPresses
from bot.surfaces.teams_wire import Activity
from bot.surfaces.teams_words import Heard, heard
from store.errors import StoreError

MEMBERS_LOOKED_AT_MAX = 200  # of one update; the bot is among them or it is not about the bot
_GONE_EVENTS = frozenset({"channelDeleted", "teamDeleted", "teamHardDeleted"})
_NAMED_EVENTS = frozenset({"channelCreated", "channelRenamed", "channelRestored"})


class TeamsEvents:
    """One method for what people say, one for what becomes of conversations."""

    def __init__(self, parts: TeamsParts, commands: TeamsCommands, presses: TeamsPresses) -> None:
        self._parts, self._commands, self._presses = parts, commands, presses

    async def on_message(self, activity: Activity) -> None:
        """A mention, a message in a personal chat, or a press of a client that knows no better."""
        said = heard(activity, self._parts.bot_id)
        if said is None:
            await self._pressed(activity)
            return
        try:
            await self._taken(said)
        except NotStoredError as error:
            LOGGER.warning("a message was not taken: %s", error)
            await self._refuse(said.origin, error)

    async def on_update(self, activity: Activity) -> None:
        """The bot was added somewhere, or removed; a channel has another name, or is gone."""
        at = origin(activity)
        if at is None:
            return
        event = words_of(member_of(activity, "channelData").get("eventType"))
        if self._is_about_us(activity, "membersRemoved", "remove"):
            await self._left(at)
        elif self._is_about_us(activity, "membersAdded", "add"):
            if await self._parts.seen(at):
                self._parts.background.spawn(self._greet(at))
        elif event in _GONE_EVENTS:
            await self._left(about(activity, at))
        elif event in _NAMED_EVENTS:
            await self._parts.seen(about(activity, at))

    async def _taken(self, said: Heard) -> None:
        parts = self._parts
        await parts.seen(said.origin)
        account = await parts.asker(said.origin)
        await parts.met(said.origin, account)
        asked = command(said.text)
        if asked.what is not What.REQUEST:
            parts.background.spawn(self._commands.answer(asked, said, account))
            return
        reply = await parts.receiving.receive(
            Message(
                account=account,
                place=said.origin.place,
                message=said.origin.message,
                text=said.text,
                event_keys=said.event_keys,
                received_at=parts.clock(),
            )
        )
        parts.whisper(said.origin, reply.text)

    async def _refuse(self, at: Origin, error: NotStoredError) -> None:
        """Says that a message was not taken; only where that fails, too, Teams is to try again."""
        try:
            await self._parts.sender.reply(at.service_url, at.place, words.NOT_NOW)
        except (SurfaceError, StoreError) as failure:
            raise error from failure

    async def _pressed(self, activity: Activity) -> None:
        at = origin(activity)
        is_press = activity.get("type") == "message" and isinstance(activity.get("value"), dict)
        if at is not None and is_press:
            await self._presses.on_message(activity, at)

    def _is_about_us(self, activity: Activity, members: str, action: str) -> bool:
        """Whether the bot is among those who came or went, or its installation did."""
        if activity.get("type") == "installationUpdate":
            return words_of(activity.get("action")) in (action, f"{action}-upgrade")
        listed = activity.get(members)
        return any(
            isinstance(each, dict) and words_of(each.get("id")).lower() == self._parts.bot_id
            for each in (listed[:MEMBERS_LOOKED_AT_MAX] if isinstance(listed, list) else [])
        )

    async def _greet(self, at: Origin) -> None:
        self._parts.say(at.place, await self._commands.hello(at))

    async def _left(self, at: Origin) -> None:
        """The bot was removed: nothing is sent there any more until it is added again."""
        LOGGER.error(
            "the bot was removed from %s (%s). Nothing is lost; runs that were asked for there"
            " stand on the page of whoever asked. Add Assent again to see their cards there.",
            at.place.channel,
            at.kind,
        )
        await self._parts.left(at.place.channel)
