"""Messages out to Slack: posted in order and no faster than Slack takes them, updated in place."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.cards import mrkdwn
from bot.cards.block_kit import Rendered
from bot.surfaces.errors import Busy, SurfaceError
from bot.surfaces.slack_calls import CALL_TIMEOUT_SECONDS, LOGGER, call
from store.model.request import Place

POSTS_PER_SECOND = 1.0  # docs.slack.dev, rate limits: about one message a second a channel
POSTS_BURST = 4  # ours: "short bursts are allowed", without a figure
QUEUE_SECONDS_MAX = 5.0  # ours; a post that would wait longer is given back to the caller
CHANNELS_KEPT_MAX = 1_000  # channels whose pace is remembered; an idle one starts afresh anyway
EPHEMERAL_UNITS_MAX = 2_900  # ours; what is said in passing is short


@dataclass
class _Pace:
    """One channel's token bucket. Waiters keep their order: asyncio locks are fair."""

    tokens: float = float(POSTS_BURST)
    at: float = 0.0
    waiting: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SlackSender:
    """Posts and updates. All methods raise SurfaceError alone."""

    def __init__(self, client: AsyncWebClient, posts_per_second: float = POSTS_PER_SECOND) -> None:
        self._client = client
        self._posts_per_second = posts_per_second
        self._paces: OrderedDict[str, _Pace] = OrderedDict()

    async def post(self, place: Place, rendered: Rendered) -> str:
        """Posts into the place's thread (an empty thread: the channel); the message's timestamp."""
        await self._take_turn(place.channel)
        data = await call(
            "chat.postMessage",
            self._client.chat_postMessage(
                channel=place.channel,
                thread_ts=place.thread or None,
                text=rendered.text,
                blocks=list(rendered.blocks) or None,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return str(data["ts"])

    async def update(self, place: Place, ts: str, rendered: Rendered) -> None:
        """Replaces a message of ours, blocks and text both."""
        await call(
            "chat.update",
            self._client.chat_update(
                channel=place.channel, ts=ts, text=rendered.text, blocks=list(rendered.blocks)
            ),
        )

    async def whisper(self, place: Place, user: str, text: str) -> None:
        """Says something to one person in a place; in their own conversation as a message."""
        said = mrkdwn.paragraph(text, EPHEMERAL_UNITS_MAX)
        if place.channel.startswith("D"):
            await self.post(place, Rendered((), said))
            return
        await call(
            "chat.postEphemeral",
            self._client.chat_postEphemeral(
                channel=place.channel, user=user, text=said, thread_ts=place.thread or None
            ),
        )

    async def tell(self, user: str, text: str) -> None:
        """Says something to one person in their conversation with the app."""
        said = mrkdwn.paragraph(text, EPHEMERAL_UNITS_MAX)
        await call("chat.postMessage", self._client.chat_postMessage(channel=user, text=said))

    async def respond(self, response_url: str, rendered: Rendered) -> None:
        """Answers through a response URL. A failure is logged: the person can ask again."""
        if not (response_url and rendered.text):
            return
        hook = AsyncWebhookClient(response_url, timeout=CALL_TIMEOUT_SECONDS, logger=LOGGER)
        try:
            await hook.send(
                text=rendered.text,
                blocks=list(rendered.blocks) or None,
                response_type="ephemeral",
                replace_original=False,
            )
        except (TimeoutError, aiohttp.ClientError, OSError):
            LOGGER.warning("an answer to a person could not be delivered; Slack did not take it")

    async def whisper_or_log(self, place: Place, user: str, text: str) -> None:
        """As whisper; where Slack does not take it, the person's own conversation is tried."""
        if not text:
            return
        try:
            await self.whisper(place, user, text)
        except SurfaceError:
            await self.tell_or_log(user, text)

    async def tell_or_log(self, user: str, text: str) -> None:
        """As tell; a failure is logged."""
        try:
            await self.tell(user, text)
        except SurfaceError as error:
            LOGGER.warning("nothing could be said to %s: %s", user, error)

    async def _take_turn(self, channel: str) -> None:
        """Waits for the channel's turn. Raises Busy where the queue is longer than it may be."""
        pace = self._pace(channel)
        if pace.waiting / self._posts_per_second > QUEUE_SECONDS_MAX:
            raise Busy(
                f"{pace.waiting} messages wait for {channel} already",
                "queue_full",
                pace.waiting / self._posts_per_second,
            )
        pace.waiting += 1
        try:
            async with pace.lock:
                now = asyncio.get_running_loop().time()
                earned = (now - pace.at) * self._posts_per_second if pace.at else 0.0
                pace.tokens = min(float(POSTS_BURST), pace.tokens + earned)
                if pace.tokens < 1.0:
                    await asyncio.sleep((1.0 - pace.tokens) / self._posts_per_second)
                    pace.tokens = 1.0
                pace.tokens -= 1.0
                pace.at = asyncio.get_running_loop().time()
        finally:
            pace.waiting -= 1

    def _pace(self, channel: str) -> _Pace:
        pace = self._paces.setdefault(channel, _Pace())
        self._paces.move_to_end(channel)
        while len(self._paces) > CHANNELS_KEPT_MAX:
            self._paces.popitem(last=False)
        return pace
