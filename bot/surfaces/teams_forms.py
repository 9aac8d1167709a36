"""Dialogs: a button fetches one, a submitted one becomes a press, and a refusal stays in it.

A dialog carries its press and what was filled in; the run is read again for each, and nothing of
what comes back is believed that is not a field, a choice or a tick of the run as it stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.cards import adaptive_batch, adaptive_dialogs, adaptive_forms, adaptive_pages, forms, press
from bot.cards.adaptive_dialogs import Dialog
from bot.cards.adaptive_pages import REVIEW_BATCH
from bot.cards.batch import Outcome
from bot.cards.forms import Filled, Form, FormKind, Submission
from bot.cards.model import Action
from bot.cards.press import Press
from bot.incoming import Reply
from bot.surfaces import teams_answers, words
from bot.surfaces.clicking import FORMS
from bot.surfaces.receiving import ACK_SECONDS, NotStoredError
from bot.surfaces.teams_origin import Origin, is_message_id, member_of
from bot.surfaces.teams_origin import words as words_of
from bot.surfaces.teams_parts import LOGGER, TeamsParts
from bot.surfaces.teams_presses import pressed_in
from bot.surfaces.teams_wire import Activity, Answer
from store.model.person import Account
from store.model.values import Json

SUBMIT_SECONDS = ACK_SECONDS - 0.4  # what the form was made of was read from the store before

_MESSAGE = "message"  # the name under which a dialog carries it


class TeamsForms:
    """One method for task/fetch, one for task/submit."""

    def __init__(self, parts: TeamsParts) -> None:
        self._parts = parts

    async def on_fetch(self, activity: Activity, origin: Origin) -> Answer:
        """The dialog that a button opens."""
        data = member_of(activity.get("value"), "data")
        verb, pressed = pressed_in(data)
        if verb == REVIEW_BATCH:
            return await self._in_time(words.TOGETHER, self._batch(origin))
        if pressed is None or not (verb == Action.DETAILS or verb in FORMS):
            return teams_answers.said(words.UNKNOWN_BUTTON)
        if kind := FORMS.get(verb):
            return await self._in_time(forms.heading(kind), self._form(origin, kind, pressed))
        return await self._in_time(words.DETAILS, self._details(origin, pressed, 0))

    async def on_submit(self, activity: Activity, origin: Origin) -> Answer:
        """A dialog that was filled in, or whose page is turned."""
        data = member_of(activity.get("value"), "data")
        verb, pressed = pressed_in(data)
        if data.get(adaptive_forms.FORM) == adaptive_batch.BATCH:
            return await self._approve(origin, adaptive_batch.ticked(data))
        if pressed is not None and verb == adaptive_pages.PAGE:
            number = int(pressed.text) if pressed.text.isdecimal() else 0
            return await self._in_time(words.DETAILS, self._details(origin, pressed, number))
        kind = adaptive_forms.kind(data)
        if kind is None or pressed is None:
            return teams_answers.said(forms.UNKNOWN_FORM)
        try:
            return await self._submitted(_opened_on(origin, data), kind, pressed, data)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("a form of %s failed: %s", pressed.run_id, type(error).__name__)
            return teams_answers.said(words.STORE_AWAY)

    async def _in_time(self, heading: str, work: Coroutine[Any, Any, Dialog]) -> Answer:
        """A dialog, or in place of it that it cannot be had now."""
        try:
            async with asyncio.timeout(ACK_SECONDS):
                return teams_answers.dialog(await work)
        except TimeoutError:
            return teams_answers.said(words.NOT_OPENED)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.warning("a dialog (%s) was not shown: %s", heading, type(error).__name__)
            return teams_answers.dialog(adaptive_dialogs.message(heading, words.NOT_READ))

    async def _details(self, origin: Origin, pressed: Press, number: int) -> Dialog:
        account = await self._account(origin)
        shown = await self._parts.clicking.look(account, pressed.run_id)
        if isinstance(shown, str):
            return adaptive_dialogs.message(words.DETAILS, shown)
        return adaptive_pages.details_dialog(shown, number)

    async def _form(self, origin: Origin, kind: FormKind, pressed: Press) -> Dialog:
        account = await self._account(origin)
        made = await self._parts.clicking.form(account, kind, pressed)
        if isinstance(made, str):
            return adaptive_dialogs.message(forms.heading(kind), made)
        return adaptive_forms.render(made, _hidden(pressed, origin))

    async def _batch(self, origin: Origin) -> Dialog:
        views = await self._parts.clicking.batch(await self._account(origin))
        if isinstance(views, str):
            return adaptive_dialogs.message(words.TOGETHER, views)
        return adaptive_batch.form(views, datetime.now(UTC))

    async def _account(self, origin: Origin) -> Account:
        return await self._parts.directory.accounts.sender(origin)

    async def _submitted(
        self, origin: Origin, kind: FormKind, pressed: Press, data: dict[str, Json]
    ) -> Answer:
        async with asyncio.timeout(ACK_SECONDS):
            shown = await self._parts.clicking.view(pressed.run_id)
        filled = adaptive_forms.filled(forms.fields(kind, shown), data)
        submission = forms.read(kind, shown, filled)
        made = (
            forms.form(kind, shown, pressed.digest)
            if shown is not None
            else words.no_run(pressed.run_id)
        )
        if submission.errors:
            return _again(kind, made, _hidden(pressed, origin), filled, dict(submission.errors))
        pressing = self._parts.background.spawn(self._give(origin, pressed, submission))
        done, _ = await asyncio.wait({pressing}, timeout=SUBMIT_SECONDS)
        if not done:
            self._parts.later(origin, pressing)
            return teams_answers.closed()
        reply = pressing.result()
        if reply.is_refusal:
            beside = forms.error_field(kind, shown, reply.text)
            return _again(kind, made, _hidden(pressed, origin), filled, {beside: reply.text})
        return teams_answers.said(reply.text) if reply.text else teams_answers.closed()

    async def _give(self, origin: Origin, pressed: Press, submission: Submission) -> Reply:
        if submission.verb is None:
            account, _ = await self._parts.who(origin)
            review = self._parts.clicking.review
            return await review(account, pressed.run_id, False, submission.text)
        return await self._parts.press(
            origin,
            submission.verb,
            pressed,
            submission.text,
            values=submission.values,
            skip=submission.skip,
        )

    async def _approve(self, origin: Origin, pairs: tuple[Press, ...]) -> Answer:
        """Each ticked line is pressed for itself; what outlasts the dialog is said later."""
        if not pairs:
            return _message(words.NOTHING_TICKED)
        try:
            approving = self._parts.background.spawn(self._press_each(origin, pairs))
        except NotStoredError:
            return _message(words.NOT_NOW)
        done, _ = await asyncio.wait({approving}, timeout=ACK_SECONDS)
        if not done:
            self._parts.background.spawn(self._tell_outcomes(origin, approving))
            return _message(words.STILL_AT_IT)
        return teams_answers.dialog(adaptive_batch.outcome(approving.result()))

    async def _press_each(self, origin: Origin, pairs: tuple[Press, ...]) -> tuple[Outcome, ...]:
        account, person = await self._parts.who(origin)
        return await self._parts.clicking.approve(account, person, origin.place, pairs)

    async def _tell_outcomes(
        self, origin: Origin, approving: asyncio.Task[tuple[Outcome, ...]]
    ) -> None:
        self._parts.whisper(origin, words.recorded_unseen(await approving))


def _again(
    kind: FormKind,
    made: Form | str,
    hidden: dict[str, str],
    filled: Filled,
    errors: dict[str, str],
) -> Answer:
    """The same dialog with what was wrong, and with what was typed."""
    if isinstance(made, str):
        said = "\n".join(dict.fromkeys((*errors.values(), made)))
        return teams_answers.dialog(adaptive_dialogs.message(forms.heading(kind), said))
    again = adaptive_forms.render(made, hidden, typed=filled, errors=errors)
    return teams_answers.dialog(again)


def _message(text: str) -> Answer:
    return teams_answers.dialog(adaptive_dialogs.message(words.TOGETHER, text))


def _hidden(pressed: Press, origin: Origin) -> dict[str, str]:
    """What travels with a dialog: a submission names no message that it was opened on."""
    return {"press": press.write(pressed), _MESSAGE: origin.message}


def _opened_on(origin: Origin, data: dict[str, Json]) -> Origin:
    """The submission's origin, with the message of the card that the dialog was opened on. It only
    says where a card stands: one that is known to be another run's is not taken for this one's."""
    message = data.get(_MESSAGE)
    if origin.message or not is_message_id(message):
        return origin
    return replace(origin, message=words_of(message))
