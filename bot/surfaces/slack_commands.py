"""/assent and the message shortcut: asking without a mention, and asking about Assent itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime

from bot.cards import block_kit, mrkdwn
from bot.cards.block_kit import Rendered
from bot.cards.model import Action, Card
from bot.cards.run_card import run_card
from bot.incoming import Message
from bot.surfaces import slack_absence
from bot.surfaces.errors import Gone, SurfaceError
from bot.surfaces.receiving import NotStoredError
from bot.surfaces.slack_absence import absence
from bot.surfaces.slack_batches import SlackBatches
from bot.surfaces.slack_calls import LOGGER
from bot.surfaces.slack_reviews import SlackReviews
from bot.surfaces.slack_wires import Answer, SlackWires
from bot.surfaces.slack_words import spoken
from store.model.person import Account
from store.model.request import Place
from store.model.values import Json

COMMAND = "/assent"
SHORTCUT = "ask_assent"
QUOTE_UNITS_MAX = 1_000  # ours; the whole text is in the run
HELP = (
    "Besides that:",
    "/assent batch: what waits for you, side by side, to approve together",
    "/assent run R-1001: one run as it stands",
    "/assent review R-1001 right (or wrong, and why): your word on what ran by itself",
    *(f"/assent {line}" for line in slack_absence.HELP),
    "/assent status: what is open, the ledger, the policies",
    "/assent digest: the report of the day so far",
)
_RUN = re.compile(r"run\s+(R-[A-Za-z0-9-]{1,60})", re.IGNORECASE)
_NOT_HERE = "I am not in this channel. Invite me with /invite @Assent, then ask again."
_NOT_NOW = "I could not take that just now; nothing was done. Try again in a minute."


class SlackCommands:
    """One method for the slash command, one for the shortcut. Both answer the person privately."""

    def __init__(self, wires: SlackWires, batches: SlackBatches, reviews: SlackReviews) -> None:
        self._wires, self._batches, self._reviews = wires, batches, reviews

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
            said = _plain(_NOT_NOW)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("a command failed: %s", type(error).__name__)
            said = _plain(_NOT_NOW)
        if asyncio.get_running_loop().time() - started > _LATE_SECONDS:
            await self._wires.sender.respond(_url(body), said)
        return said

    async def _command(self, body: dict[str, Json]) -> Rendered:
        text = spoken(str(body.get("text") or ""), self._wires.directory.workspace.bot_user)
        channel = str(body.get("channel_id") or "")
        if text.lower() in ("", "help"):
            lines = await asyncio.to_thread(self._wires.port.help_text, channel)
            return _plain("\n".join([*lines, *HELP]))
        user, team = str(body.get("user_id") or ""), str(body.get("team_id") or "")
        account = await self._wires.account(user, team)
        if account.refusal:
            return _plain(f"I cannot do that for you: {account.refusal}.")
        raw = str(body.get("text") or "")
        if reply := await asyncio.to_thread(absence, self._wires.port, account, raw):
            return _plain(reply.text)
        place = Place(surface="slack", team=account.team, channel=channel, thread="")
        trigger = str(body.get("trigger_id") or "")
        if text.lower() == "batch":
            is_open = await self._batches.open(trigger, user)
            return _plain("" if is_open else "The window did not open in time; ask again.")
        if text.lower().split(maxsplit=1)[0] == "review":
            return _plain(await self._reviews.by_command(text, account))
        return await self._said(text, account, place, trigger)

    async def _said(self, text: str, account: Account, place: Place, trigger: str) -> Rendered:
        port = self._wires.port
        if text.lower() == "status":
            status = await asyncio.to_thread(port.status)
            return _plain(status) if isinstance(status, str) else block_kit.render(status)
        if text.lower() == "digest":
            return block_kit.render(await asyncio.to_thread(port.digest_text, place))
        if found := _RUN.fullmatch(text):
            return await self._run(found[1].upper())
        return await self._request(text, account, place, (f"trigger:{trigger}",), is_quoted=True)

    async def _run(self, run_id: str) -> Rendered:
        view = await asyncio.to_thread(self._wires.port.view, run_id)
        if view is None:
            return _plain(f"I know no run {run_id}.")
        return block_kit.render(_without_verbs(run_card(view)))

    async def _shortcut(self, body: dict[str, Json]) -> Rendered:
        message, home = body.get("message") or {}, self._wires.directory.workspace
        user = body.get("user") or {}
        text = spoken(str(message.get("text") or ""), home.bot_user)
        if message.get("user") == home.bot_user or not text:
            return _plain("There is nothing in that message that I could do.")
        account = await self._wires.account(
            str(user.get("id") or ""), str(user.get("team_id") or "")
        )
        if account.refusal:
            return _plain(f"I cannot do that for you: {account.refusal}.")
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


# A result that took longer than this may have missed the acknowledgement; it is said again by URL.
_LATE_SECONDS = 2.2


def _announcement(account: Account, text: str, is_quoted: bool) -> Rendered:
    name = mrkdwn.strong(account.display_name, 120)
    if not is_quoted:
        said = f"{name} asks me to do this."
    else:
        said = f"{name} asks:\n>{mrkdwn.escape(text, QUOTE_UNITS_MAX)}"
    text = f"{mrkdwn.escape(account.display_name, 120)} asks"
    return Rendered(tuple(block_kit.sections(said.split("\n"))), text)


def _url(body: dict[str, Json]) -> str:
    return str(body.get("response_url") or "")


def _without_verbs(card: Card) -> Card:
    """The card for one reader: what is decided is decided on the card in the thread."""
    return replace(card, buttons=tuple(b for b in card.buttons if b.action is Action.DETAILS))


def _plain(text: str) -> Rendered:
    return Rendered((), mrkdwn.paragraph(text, 2_900) if text else "")
