"""Submitted forms: what was filled in becomes a press, and a refusal stays in the form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.cards import forms
from bot.cards.forms import FormKind, Submission
from bot.incoming import Reply
from bot.surfaces import slack_forms, slack_views, words
from bot.surfaces.receiving import ACK_SECONDS
from bot.surfaces.slack_calls import LOGGER
from bot.surfaces.slack_clicks import SlackClicks
from bot.surfaces.slack_reviews import SlackReviews
from bot.surfaces.slack_views import Origin
from bot.surfaces.slack_wires import Answer, SlackWires
from bot.view import RunView
from store.model.values import Json

_SUBMIT_SECONDS = ACK_SECONDS - 0.4  # what the form was made of was read from the store before
_MADE_OF_THE_RUN = (FormKind.REJECT, FormKind.EDIT)  # choices and ticks are places in its form


class SlackSubmissions:
    """One method: a submitted form."""

    def __init__(self, wires: SlackWires, clicks: SlackClicks, reviews: SlackReviews) -> None:
        self._wires, self._clicks, self._reviews = wires, clicks, reviews

    async def on_form(self, body: dict[str, Json]) -> Answer:
        """A refusal stays in the form where it comes in time, else it is said."""
        view = body.get("view") or {}
        kind = FormKind(str(view.get("callback_id")))
        origin = slack_views.origin(str(view.get("private_metadata") or ""))
        if origin is None:
            return _refused(body, {forms.error_field(kind, None, ""): forms.UNKNOWN_FORM})
        shown = None
        if kind in _MADE_OF_THE_RUN:
            try:
                shown = await self._clicks.clicking.view(origin.press.run_id)
            except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
                LOGGER.error("a form could not be read: %s", type(error).__name__)
                return _refused(body, {forms.error_field(kind, None, ""): words.STORE_AWAY})
        values = (view.get("state") or {}).get("values")
        filled = slack_forms.filled(forms.fields(kind, shown), values)
        submitted = forms.read(kind, shown, filled)
        if submitted.errors:
            return _refused(body, submitted.errors)
        return await self._submit(body, origin, kind, submitted, shown)

    async def _submit(
        self,
        body: dict[str, Json],
        origin: Origin,
        kind: FormKind,
        submitted: Submission,
        shown: RunView | None,
    ) -> Answer:
        submission = self._wires.background.spawn(self._give(body, origin, submitted))
        done, _ = await asyncio.wait({submission}, timeout=_SUBMIT_SECONDS)
        if not done:
            self._wires.background.spawn(self._say_later(body, origin, submission))
            return {}
        reply = submission.result()
        if reply.is_refusal:
            return _refused(body, {forms.error_field(kind, shown, reply.text): reply.text})
        if reply.text:
            self._clicks.say(body, reply.text, origin)
        return {}

    async def _give(self, body: dict[str, Json], origin: Origin, submitted: Submission) -> Reply:
        if submitted.verb is None:
            return await self._reviews.give(body, origin.press.run_id, False, submitted.text)
        return await self._clicks.press(
            body,
            submitted.verb,
            origin,
            submitted.text,
            values=submitted.values,
            skip=submitted.skip,
        )

    async def _say_later(
        self, body: dict[str, Json], origin: Origin, submission: asyncio.Task[Reply]
    ) -> None:
        reply = await submission
        if reply.text:
            self._clicks.say(body, reply.text, origin)


def _refused(body: dict[str, Json], errors: Mapping[str, str]) -> Answer:
    """The form stays, with each error beside its field."""
    shown = (body.get("view") or {}).get("blocks")
    return {"response_action": "errors", "errors": slack_forms.errors(errors, shown)}
