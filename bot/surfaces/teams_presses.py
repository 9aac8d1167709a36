"""Buttons: what somebody pressed, who they are at that moment, and what the flow says.

A press is answered with the card as it stands for that person, with the flow's reply as a line that
nobody else sees. What a button carries names a run and a digest; who pressed it and where is the
channel service's word. Teams waits three seconds: what takes longer goes on, and is said later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.cards import adaptive, adaptive_pages, press
from bot.cards.adaptive_buttons import LOOK
from bot.cards.adaptive_pages import REVIEW_RIGHT
from bot.cards.press import Press
from bot.cards.run_card import run_card
from bot.incoming import Reply
from bot.surfaces import teams_answers, words
from bot.surfaces.clicking import VERBS
from bot.surfaces.receiving import ACK_SECONDS, NotStoredError
from bot.surfaces.teams_origin import Origin, member_of
from bot.surfaces.teams_origin import words as words_of
from bot.surfaces.teams_parts import LOGGER, TeamsParts
from bot.surfaces.teams_wire import Activity, Answer
from bot.view import RunView, Stance
from store.model.person import Account
from store.model.values import Json

# learn.microsoft.com, Universal Actions: an answer in under three seconds. The press has the most
# of it, the drawing of the card the rest.
PRESS_SECONDS = ACK_SECONDS - 0.4
DRAW_SECONDS = 0.7


class TeamsPresses:
    """One method for Action.Execute, one for the messages that old clients send instead."""

    def __init__(self, parts: TeamsParts) -> None:
        self._parts = parts

    async def on_action(self, activity: Activity, origin: Origin) -> Answer:
        """A verdict, or a look at how the run stands for the person who looks."""
        action = member_of(activity.get("value"), "action")
        verb, pressed = pressed_in({**member_of(action, "data"), "verb": action.get("verb")})
        if pressed is None:
            return teams_answers.error(words.UNKNOWN_BUTTON)
        if verb == LOOK:
            return await self._drawn(origin, pressed.run_id, "", ACK_SECONDS)
        work = self._work(origin, verb, pressed)
        if work is None:
            return teams_answers.error(words.UNKNOWN_BUTTON)
        said = await self._within(origin, work)
        if verb == REVIEW_RIGHT:
            return await self._home(origin, said)
        return await self._drawn(origin, pressed.run_id, said, DRAW_SECONDS)

    async def on_message(self, activity: Activity, origin: Origin) -> None:
        """Action.Submit of a client without Action.Execute: there is no answer, so what the flow
        says is said to the person, and the card is redrawn for everybody."""
        data = activity.get("value")
        verb, pressed = pressed_in(data if isinstance(data, dict) else {})
        work = self._work(origin, verb, pressed) if pressed else None
        if work is None:
            self._parts.whisper(origin, words.UNKNOWN_BUTTON)
            return
        reply = await work
        self._parts.whisper(origin, reply.text)

    def _work(self, origin: Origin, verb: str, pressed: Press) -> Coroutine[Any, Any, Reply] | None:
        if verb == REVIEW_RIGHT:
            return self._review(origin, pressed.run_id)
        known = VERBS.get(verb)
        return self._parts.press(origin, known, pressed, pressed.text) if known else None

    async def _review(self, origin: Origin, run_id: str) -> Reply:
        account, _ = await self._parts.who(origin)
        return await self._parts.clicking.review(account, run_id, True, "")

    async def _within(self, origin: Origin, work: Coroutine[Any, Any, Reply]) -> str:
        """The flow's reply; where it takes too long, that it goes on."""
        try:
            pressing = self._parts.background.spawn(work)
        except NotStoredError:
            return words.NOT_NOW
        done, _ = await asyncio.wait({pressing}, timeout=PRESS_SECONDS)
        if not done:
            self._parts.later(origin, pressing)
            return words.STILL_AT_IT
        return pressing.result().text

    async def _drawn(self, origin: Origin, run_id: str, said: str, seconds: float) -> Answer:
        """The card as it stands for one person; where it cannot be drawn in time, only words."""
        try:
            async with asyncio.timeout(seconds):
                return await self._draw(origin, run_id, said)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must get an answer
            LOGGER.warning("%s was not drawn for a person: %s", run_id, type(error).__name__)
            return teams_answers.message(said or words.NOT_READ)

    async def _draw(self, origin: Origin, run_id: str, said: str) -> Answer:
        account = await self._parts.directory.accounts.sender(origin)
        shown = await self._parts.clicking.look(account, run_id)
        if isinstance(shown, str):
            return teams_answers.message(said or shown)
        stance = await self._stance(account, shown)
        drawn = adaptive.render(run_card(shown, stance), said=said)
        return teams_answers.card(drawn.card, origin.address)

    async def _stance(self, account: Account, shown: RunView) -> Stance | None:
        """What the person is to the run; None, the card for everybody, where that is not known."""
        try:
            return await asyncio.to_thread(self._parts.port.stance, account, shown.run.id)
        except Exception as error:  # noqa: BLE001 - it grants nothing, so nothing is lost
            LOGGER.warning("no stance to %s: %s", shown.run.id, type(error).__name__)
            return None

    async def _home(self, origin: Origin, said: str) -> Answer:
        try:
            async with asyncio.timeout(DRAW_SECONDS):
                account = await self._parts.directory.accounts.sender(origin)
                if account.refusal:
                    return teams_answers.message(said)
                shown = await asyncio.to_thread(self._parts.port.home, account)
        except Exception as error:  # noqa: BLE001 - as for a run
            LOGGER.warning("a home page was not drawn: %s", type(error).__name__)
            return teams_answers.message(said)
        return teams_answers.card(adaptive_pages.home(shown, said=said).card, origin.address)


def pressed_in(data: dict[str, Json]) -> tuple[str, Press | None]:
    """The verb and the press that a button's data names; nothing else of it is read."""
    return words_of(data.get("verb")), press.read(words_of(data.get("press")))
