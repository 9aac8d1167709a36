"""The message extension "ask": a message becomes the request of the person who points at it.

Its text stands in a dialog, to be asked for as it is or put better. What is asked for is said in
the conversation first, so that everybody there reads who asked for what; then it is stored.
"""

from __future__ import annotations

import asyncio

from bot.cards import adaptive_forms
from bot.cards.legible import cut, one_line
from bot.incoming import Message
from bot.surfaces import teams_answers, words
from bot.surfaces.errors import Gone
from bot.surfaces.receiving import ACK_SECONDS
from bot.surfaces.teams_origin import Origin, is_message_id, member_of
from bot.surfaces.teams_origin import words as words_of
from bot.surfaces.teams_parts import LOGGER, TeamsParts
from bot.surfaces.teams_wire import Activity, Answer
from bot.surfaces.teams_words import spoken
from store.model.person import Account
from store.model.request import Place
from store.model.values import Json

QUOTE_CHARACTERS_MAX = 1_000  # ours; the whole text is in the run
NAME_CHARACTERS_MAX = 120
DOUBLE_SECONDS = 60  # a second use of one message by one person within it is a double click


class TeamsExtension:
    """One method opens the dialog, one takes what is asked for."""

    def __init__(self, parts: TeamsParts) -> None:
        self._parts = parts

    async def on_fetch(self, activity: Activity, origin: Origin) -> Answer:
        """The dialog with a message's text; of no message, an empty one."""
        message = member_of(activity.get("value"), "messagePayload")
        try:
            async with asyncio.timeout(ACK_SECONDS):
                account = await self._parts.directory.accounts.sender(origin)
        except Gone:
            return teams_answers.said(words.NOT_IN_TEAMS_HERE)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.warning("a dialog was not shown: %s", type(error).__name__)
            return teams_answers.said(words.NOT_NOW)
        if account.refusal:
            return teams_answers.said(words.not_from_you(account.refusal))
        text = spoken(message, self._parts.teams.app_id)
        if message and (not text or self._is_ours(message)):
            return teams_answers.said(words.NOTHING_TO_DO)
        return teams_answers.dialog(adaptive_forms.request_dialog(text, _pointed_at(message)))

    async def on_submit(self, activity: Activity, origin: Origin) -> Answer:
        """What was asked for in the dialog."""
        data = member_of(activity.get("value"), "data")
        text = words_of(data.get(adaptive_forms.REQUEST)).strip()
        if data.get(adaptive_forms.FORM) != adaptive_forms.REQUEST or not text:
            return teams_answers.said(words.NOTHING_TO_DO)
        asking = self._parts.background.spawn(self._ask(origin, data, text))
        done, _ = await asyncio.wait({asking}, timeout=ACK_SECONDS)
        if not done:
            self._parts.background.spawn(self._say_later(origin, asking))
            return teams_answers.closed()
        said = asking.result()
        return teams_answers.said(said) if said else teams_answers.closed()

    async def _ask(self, origin: Origin, data: dict[str, Json], text: str) -> str:
        """What to say to whoever asked; empty where the card says it."""
        try:
            await self._parts.seen(origin)
            account = await self._parts.asker(origin)
            if account.refusal:
                return words.not_from_you(account.refusal)
            return await self._request(origin, account, data, text)
        except Gone:
            return words.NOT_IN_TEAMS_HERE
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("what was asked for was not taken: %s", type(error).__name__)
            return words.NOT_NOW

    async def _request(
        self, origin: Origin, account: Account, data: dict[str, Json], text: str
    ) -> str:
        """Says in the conversation who asked for what, then stores it: the thread is known then."""
        place = _place(origin, data)
        message = await self._parts.sender.say(place, _announcement(account, text))
        if origin.kind == "channel" and not place.thread:
            place = place.model_copy(update={"thread": message})
        now = self._parts.clock()
        minute = int(now.timestamp()) // DOUBLE_SECONDS
        of = words_of(data.get(_MESSAGE))[:200]
        key = f"shortcut:{place.channel}:{of or message}:{account.user}:{minute}"
        reply = await self._parts.receiving.receive(
            Message(
                account=account,
                place=place,
                message=message,
                text=text,
                event_keys=(key,),
                received_at=now,
            )
        )
        return reply.text

    async def _say_later(self, origin: Origin, asking: asyncio.Task[str]) -> None:
        self._parts.whisper(origin, await asking)

    def _is_ours(self, message: dict[str, Json]) -> bool:
        """Whether the message is the bot's own: it asks for nothing."""
        application = member_of(member_of(message, "from"), "application")
        named = words_of(application.get("id")).lower().removeprefix("28:")
        return named == self._parts.teams.app_id


_MESSAGE, _THREAD = "message", "thread"


def _pointed_at(message: dict[str, Json]) -> dict[str, str]:
    """The message and its thread, to travel with the dialog. They say where the request is asked
    for within the conversation, and grant nothing."""
    own, root = message.get("id"), message.get("replyToId") or message.get("id")
    if not (is_message_id(own) and is_message_id(root)):
        return {}
    return {_MESSAGE: words_of(own), _THREAD: words_of(root)}


def _place(origin: Origin, data: dict[str, Json]) -> Place:
    """The conversation is the service's word; the thread within it is the message's."""
    thread = data.get(_THREAD)
    if origin.kind != "channel" or origin.place.thread or not is_message_id(thread):
        return origin.place
    return origin.place.model_copy(update={"thread": words_of(thread)})


def _announcement(account: Account, text: str) -> str:
    name = cut(one_line(account.display_name), NAME_CHARACTERS_MAX)
    return f"{words.asks(name, is_quoted=True)}\n\n“{cut(text, QUOTE_CHARACTERS_MAX)}”"
