"""What somebody asks Assent about itself in Teams, as a message; the answer follows as messages.

Help stands where it was asked. Teams shows nothing in a channel to one person alone, and guests may
read along there: what shows runs and how Assent is goes to the asker's own chat, and nowhere else.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bot.cards import adaptive, adaptive_batch, adaptive_pages
from bot.cards.adaptive import Rendered
from bot.cards.model import Card
from bot.surfaces import words
from bot.surfaces.asked import Command, Commands, What, command
from bot.surfaces.teams_origin import Origin
from bot.surfaces.teams_parts import LOGGER, TeamsParts
from bot.surfaces.teams_words import Heard
from store.model.person import Account

PREFIX = ""  # a command is said after the mention, or by itself in a personal chat
_CONFIDED = frozenset({What.STATUS, What.DIGEST, What.RUN, What.HOME, What.BATCH})


class TeamsCommands:
    """Answers every command; what is no command is a request, and not for here."""

    def __init__(self, parts: TeamsParts) -> None:
        self._parts = parts
        self._commands = Commands(parts.port, parts.clicking, PREFIX)

    async def answer(self, said: Command, heard: Heard, account: Account) -> None:
        """Says the answer; a failure is said, too."""
        try:
            shown = await self._shown(said, heard, account)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("a command (%s) failed: %s", said.what, type(error).__name__)
            self._parts.say(heard.origin.place, words.NOT_NOW)
            return
        if said.what is What.HELP:
            self._parts.say(heard.origin.place, shown)
        elif said.what in _CONFIDED and account.refusal is None:
            self._parts.confide(heard.origin, shown)
        else:
            self._parts.whisper(heard.origin, shown)

    async def hello(self, at: Origin) -> str:
        """What the bot says where it was added: to one person everything, among many two lines."""
        if at.kind != "personal":
            return f"{words.HELLO}\n{words.ASK_FOR_HELP}"
        return f"{words.HELLO}\n\n{await self._commands.help(at.place)}"

    async def _shown(self, said: Command, heard: Heard, account: Account) -> str | Rendered:
        if said.what is What.AWAY:
            said = await self._pointed(said, heard)
        if said.what is What.BATCH:
            return await self._batch(account)
        if said.what is What.HOME:
            return await self._home(account)
        answer = await self._commands.answer(said, account, heard.origin.place)
        return adaptive.render(answer) if isinstance(answer, Card) else answer or ""

    async def _pointed(self, said: Command, heard: Heard) -> Command:
        """The absence with its mentions as accounts: a name is never one."""
        addresses = [each.address for each in heard.mentions if not each.user]
        accounts = self._parts.directory.accounts
        users = await accounts.users_of(addresses, heard.origin.conversation)
        return command(heard.pointing(users))

    async def _batch(self, account: Account) -> str | Rendered:
        views = await self._parts.clicking.batch(account)
        if isinstance(views, str):
            return views
        return adaptive_batch.offer(views, datetime.now(UTC))

    async def _home(self, account: Account) -> Rendered:
        if account.refusal:
            return adaptive_pages.home_refusal(account.refusal)
        return adaptive_pages.home(await asyncio.to_thread(self._parts.port.home, account))
