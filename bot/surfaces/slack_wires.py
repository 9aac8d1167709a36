"""What every Slack handler needs: the flow, the client, the directory, and work after the ack."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot.surfaces.errors import SurfaceError
from bot.surfaces.port import Port
from bot.surfaces.receiving import ACK_SECONDS, Background, NotStoredError, Receiving
from bot.surfaces.slack_directory import SlackDirectory
from bot.surfaces.slack_sender import SlackSender
from bot.surfaces.slack_words import mentioned, spoken
from store.model.person import Account
from store.model.values import Json

Answer = dict[str, Json]  # what an acknowledgement carries; empty: only that it arrived


@dataclass
class SlackWires:
    """The parts that the handlers share."""

    port: Port
    client: AsyncWebClient
    directory: SlackDirectory
    sender: SlackSender
    background: Background = field(default_factory=Background)
    receiving: Receiving = field(init=False)

    def __post_init__(self) -> None:
        self.receiving = Receiving(self.port)

    async def account(self, user: str, shown_team: str = "") -> Account:
        """Who sent something, for a request. Raises NotStoredError where Slack does not say."""
        try:
            async with asyncio.timeout(ACK_SECONDS):
                account = await self.directory.account(user)
        except (SurfaceError, TimeoutError) as error:
            raise NotStoredError(f"Slack did not say who {user} is") from error
        return self.seen_from_here(account, shown_team)

    async def spoken(self, raw: str) -> str:
        """Slack's text as the person typed it, with those whom it mentions by name."""
        bot_user = self.directory.workspace.bot_user
        names = await self.directory.names(mentioned(raw, bot_user))
        return spoken(raw, bot_user, names)

    def seen_from_here(self, account: Account, shown_team: str) -> Account:
        """The account, a stranger where the event itself names a foreign workspace."""
        home = self.directory.workspace
        if shown_team in ("", home.team) or home.enterprise or account.is_stranger:
            return account
        return account.model_copy(update={"is_stranger": True, "team": shown_team})
