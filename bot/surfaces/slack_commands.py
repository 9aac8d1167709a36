"""/assent and the message shortcut: asking without a mention, and asking about Assent itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime

from bot.cards import block_kit, mrkdwn
from bot.cards.block_kit import Rendered
from bot.incoming import Message
from bot.surfaces import words
from bot.surfaces.asked import Command, Commands, What, command
from bot.surfaces.clicking import Clicking
from bot.surfaces.errors import Gone, SurfaceError
from bot.surfaces.receiving import ACK_SECONDS, NotStoredError
from bot.surfaces.slack_absence import accounts
from bot.surfaces.slack_batches import SlackBatches
from bot.surfaces.slack_calls import LOGGER
from bot.surfaces.slack_homes import publish_home
from bot.surfaces.slack_wires import Answer, SlackWires
from store.model.person import Account
from store.model.request import Place
from store.model.values import Json

COMMAND = "/assent"
SHORTCUT = "ask_assent"
QUOTE_UNITS_MAX = 1_000  # ours; the whole text is in the run
_NOT_HERE = "I am not in this channel. Invite me with /invite @Assent, then ask again."
_AT_HOME = "Your page is the Home tab of this app; it is drawn anew."


class SlackCommands:
    """One method for the slash command, one for the shortcut. Both answer the person privately."""

    def __init__(self, wires: SlackWires, batches: SlackBatches) -> None:
        self._wires, self._batches = wires, batches
        self._commands = Commands(wires.port, Clicking(wires.port), f"{COMMAND} ")

    async def on_command(self, body: dict[str, Json]) -> Answer:
        """help, status, digest, batch, run R-...; anything else is a request in this channel."""
        return await self._answer(body, self._command(body))

    async def on_shortcut(self, body: dict[str, Json]) -> Answer:
        """The shortcut: a message becomes the request of the person who pointed at it."""
        told = await self._answer(body, self._shortcut(body))
        if told:
            said = Rendered(tuple(told.get("blocks") or ()), told["text"])
            self._wires.background.spawn(self._wires.sender.respond(_url(body), said))
        return {}

    async def _answer(self, body: dict[str, Json], work: Coroutine[None, None, Rendered]) -> Answer:
        """The result as an acknowledgement, or later through the response URL."""
        said = await self._wires.background.within_ack(self._guarded(body, work))
        if said is None or not (said.text or said.blocks):
            return {}
        answer: Answer = {"response_type": "ephemeral", "text": said.text}
        return {**answer, "blocks": list(said.blocks)} if said.blocks else answer

    async def _guarded(
        self, body: dict[str, Json], work: Coroutine[None, None, Rendered]
    ) -> Rendered:
        started = asyncio.get_running_loop().time()
        try:
            said = await work
        except (SurfaceError, NotStoredError) as error:
            LOGGER.warning("a command was not carried out: %s", error)
            said = _plain(words.NOT_NOW)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("a command failed: %s", type(error).__name__)
            said = _plain(words.NOT_NOW)
        if asyncio.get_running_loop().time() - started > ACK_SECONDS:
            # It may have missed the acknowledgement; it is said again by URL.
            await self._wires.sender.respond(_url(body), said)
        return said

    async def _command(self, body: dict[str, Json]) -> Rendered:
        said = await self._said(str(body.get("text") or ""))
        home = self._wires.directory.workspace
        place = Place(
            surface="slack", team=home.team, channel=str(body.get("channel_id") or ""), thread=""
        )
        if said.what is What.HELP:
            return _plain(await self._commands.help(place))
        user, team = str(body.get("user_id") or ""), str(body.get("team_id") or "")
        account = await self._wires.account(user, team)
        if account.refusal:
            return _plain(words.not_from_you(account.refusal))
        place = place.model_copy(update={"team": account.team})
        trigger = str(body.get("trigger_id") or "")
        if said.what is What.BATCH:
            is_open = await self._batches.open(trigger, user)
            return _plain("" if is_open else words.NOT_OPENED_ASKED)
        if said.what is What.HOME:
            self._wires.background.spawn(publish_home(self._wires, user))
            return _plain(_AT_HOME)
        answer = await self._commands.answer(said, account, place)
        if answer is None:
            keys = (f"trigger:{trigger}",)
            return await self._request(said.text, account, place, keys, is_quoted=True)
        return _plain(answer) if isinstance(answer, str) else block_kit.render(answer)

    async def _said(self, raw: str) -> Command:
        """The command; who stands in for somebody is told by the account that was mentioned."""
        said = command(await self._wires.spoken(raw))
        by_account = command(accounts(raw))
        return by_account if said.what is by_account.what is What.AWAY else said

    async def _shortcut(self, body: dict[str, Json]) -> Rendered:
        message, home = body.get("message") or {}, self._wires.directory.workspace
        user = body.get("user") or {}
        text = await self._wires.spoken(str(message.get("text") or ""))
        if message.get("user") == home.bot_user or not text:
            return _plain(words.NOTHING_TO_DO)
        account = await self._wires.account(
            str(user.get("id") or ""), str(user.get("team_id") or "")
        )
        if account.refusal:
            return _plain(words.not_from_you(account.refusal))
        channel, ts = str((body.get("channel") or {}).get("id") or ""), str(message.get("ts") or "")
        thread = str(message.get("thread_ts") or ts)
        place = Place(surface="slack", team=account.team, channel=channel, thread=thread)
        minute = (
            int(datetime.now(UTC).timestamp()) // 60
        )  # a second use within it is a double click
        key = f"shortcut:{home.team}:{channel}:{ts}:{account.user}:{minute}"
        return await self._request(text, account, place, (key,), is_quoted=False)

    async def _request(
        self, text: str, account: Account, place: Place, keys: tuple[str, ...], *, is_quoted: bool
    ) -> Rendered:
        """Says in the channel who asked for what, then stores it: the thread is known by then."""
        try:
            ts = await self._wires.sender.post(place, _announcement(account, text, is_quoted))
        except Gone:
            return _plain(_NOT_HERE)
        settled = place if place.thread else place.model_copy(update={"thread": ts})
        reply = await self._wires.receiving.receive(
            Message(
                account=account,
                place=settled,
                message=ts,
                text=text,
                event_keys=keys,
                received_at=datetime.now(UTC),
            )
        )
        return _plain(reply.text)


def _announcement(account: Account, text: str, is_quoted: bool) -> Rendered:
    said = words.asks(mrkdwn.strong(account.display_name, 120), is_quoted=is_quoted)
    if is_quoted:
        said += f"\n>{mrkdwn.escape(text, QUOTE_UNITS_MAX)}"
    notice = f"{mrkdwn.escape(account.display_name, 120)} asks"
    return Rendered(tuple(block_kit.sections(said.split("\n"))), notice)


def _url(body: dict[str, Json]) -> str:
    return str(body.get("response_url") or "")


def _plain(text: str) -> Rendered:
    return Rendered((), mrkdwn.paragraph(text, 2_900) if text else "")
