"""Submitted forms: what was filled in becomes a press, and a refusal stays in the form."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.incoming import Reply, Verb
from bot.surfaces import slack_forms, slack_views
from bot.surfaces.receiving import ACK_SECONDS
from bot.surfaces.slack_clicks import SlackClicks, Values
from bot.surfaces.slack_views import Origin
from bot.surfaces.slack_wires import Answer, SlackWires
from bot.view import RunView
from store.model.values import Json

_SUBMIT_SECONDS = ACK_SECONDS - 0.4  # what the form was made of was read from the store before
_UNKNOWN_FORM = "I do not know that form any more; nothing was done. Close it and press again."
_NO_WORDS = "Say something, or close this."
_NO_REASON = "Choose a reason or say one; who asked reads it."
_NO_CHANGE = "Nothing is changed. Change something, or close this."
_SAID = {
    slack_forms.ANSWER: Verb.ANSWER,
    slack_forms.ASK: Verb.ASK,
    slack_forms.REPLY: Verb.REPLY,
}


@dataclass(frozen=True)
class _Filled:
    """A form as it was filled in. `lacking` says what is missing, beside the fields of `errors`."""

    verb: Verb
    text: str = ""
    values: Values = ()
    skip: tuple[str, ...] = ()
    lacking: str = ""


class SlackSubmissions:
    """One method: a submitted form."""

    def __init__(self, wires: SlackWires, clicks: SlackClicks) -> None:
        self._wires, self._clicks = wires, clicks

    async def on_form(self, body: dict[str, Json]) -> Answer:
        """Reject, answer, edit, ask, reply. A refusal stays in the form where it comes in time."""
        view = body.get("view") or {}
        origin = slack_views.origin(str(view.get("private_metadata") or ""))
        callback = str(view.get("callback_id"))
        values = (view.get("state") or {}).get("values")
        if origin is None:
            return _refused(callback, None, _UNKNOWN_FORM)
        shown = None
        if callback in (slack_forms.REJECT, slack_forms.EDIT):
            shown = await self._clicks.view(origin.press.run_id)
        filled = _filled(callback, shown, values)
        if filled.lacking:
            return _refused(callback, shown, filled.lacking)
        return await self._submit(body, origin, filled, shown)

    async def _submit(
        self, body: dict[str, Json], origin: Origin, filled: _Filled, shown: RunView | None
    ) -> Answer:
        pressing = self._clicks.press(
            body, filled.verb, origin, filled.text, values=filled.values, skip=filled.skip
        )
        submission = self._wires.background.spawn(pressing)
        done, _ = await asyncio.wait({submission}, timeout=_SUBMIT_SECONDS)
        if not done:
            self._wires.background.spawn(self._say_later(body, origin, submission))
            return {}
        reply = submission.result()
        if reply.is_refusal:
            callback = str((body.get("view") or {}).get("callback_id"))
            return _refused(callback, shown, reply.text)
        if reply.text:
            self._clicks.say(body, reply.text, origin)
        return {}

    async def _say_later(
        self, body: dict[str, Json], origin: Origin, submission: asyncio.Task[Reply]
    ) -> None:
        reply = await submission
        if reply.text:
            self._clicks.say(body, reply.text, origin)


def _filled(callback: str, shown: RunView | None, values: Json) -> _Filled:
    if callback == slack_forms.REJECT:
        text = slack_forms.reason_of(values, shown.reject_reasons if shown else ())
        return _Filled(Verb.REJECT, text, lacking="" if text else _NO_REASON)
    if callback == slack_forms.EDIT:
        return _edited(shown, values)
    text = slack_forms.text_of(values)
    return _Filled(_SAID[callback], text, lacking="" if text else _NO_WORDS)


def _edited(shown: RunView | None, values: Json) -> _Filled:
    """The fields that hold something else than the plan does, and every step that is ticked."""
    if shown is None:
        return _Filled(Verb.EDIT, lacking=_UNKNOWN_FORM)
    held = {field.name: field.value for field in shown.fields}
    typed = slack_forms.edited(shown, values)
    changed = tuple((name, text) for name, text in typed if text != held.get(name))
    skip = slack_forms.left_out(shown, values)
    skipped = shown.run.proposal.skipped if shown.run.proposal else ()
    is_same = not changed and {*skip} == {*skipped}
    return _Filled(Verb.EDIT, values=changed, skip=skip, lacking=_NO_CHANGE if is_same else "")


def _refused(callback: str, shown: RunView | None, text: str) -> Answer:
    if callback == slack_forms.EDIT:
        errors = slack_forms.edit_errors(shown, text)
    else:
        errors = slack_forms.errors(text)
    return {"response_action": "errors", "errors": errors}
