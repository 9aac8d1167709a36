"""Buttons: what somebody pressed, who they are at that moment, and what the flow says.

A press is applied before it is acknowledged where that takes less than Slack waits, so that what
Slack shows as done is stored. The card itself is redrawn from the store by whoever posts cards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine

from bot.cards import block_kit, press
from bot.cards.block_kit import Block
from bot.cards.model import Action
from bot.cards.remarks import open_questions
from bot.incoming import Verb
from bot.surfaces import slack_batch, slack_forms, slack_modals, slack_views
from bot.surfaces.errors import SurfaceError
from bot.surfaces.slack_batches import SlackBatches
from bot.surfaces.slack_calls import LOGGER, call
from bot.surfaces.slack_clicks import NOT_READ, SlackClicks, origin_of
from bot.surfaces.slack_reviews import SlackReviews
from bot.surfaces.slack_submissions import SlackSubmissions
from bot.surfaces.slack_views import Origin
from bot.surfaces.slack_wires import Answer, SlackWires
from bot.view import RunView
from store.model.run import Status
from store.model.values import Json

ACTIONS = re.compile(
    r"^(approve|reject|details|cancel|answer_form|happened|did_not|ask_again|answer_[0-9]{1,3}"
    r"|edit|ask|reply|withdraw|more|next_page|previous_page|open_card|review_batch|review_right|review_wrong|include)$"
)
_FORMS = (
    slack_forms.REJECT,
    slack_forms.ANSWER,
    slack_forms.EDIT,
    slack_forms.ASK,
    slack_forms.REPLY,
    slack_forms.REVIEW,
    slack_batch.BATCH,
)
VIEWS = re.compile(f"^({'|'.join(_FORMS)})$")

_Fill = Callable[[RunView, Origin], Block]
Work = Coroutine[None, None, None]
_VERBS: dict[str, Verb] = {
    Action.APPROVE: Verb.APPROVE,
    Action.CANCEL: Verb.CANCEL,
    Action.ANSWER: Verb.ANSWER,
    Action.HAPPENED: Verb.HAPPENED,
    Action.DID_NOT: Verb.DID_NOT,
    Action.ASK_AGAIN: Verb.ASK_AGAIN,
    Action.WITHDRAW: Verb.WITHDRAW,
}
_UNKNOWN_BUTTON = "I do not know that button any more; nothing was done. Ask again if it is needed."
_NOT_OPENED = "The window did not open in time; press the button again."


class SlackPresses:
    """One method for buttons, one for submitted modals."""

    def __init__(self, wires: SlackWires) -> None:
        self._wires = wires
        self._clicks = SlackClicks(wires)
        self._submissions = SlackSubmissions(wires, self._clicks)
        self.batches = SlackBatches(wires, self._clicks)
        self.reviews = SlackReviews(wires, self._clicks)

    async def on_action(self, body: dict[str, Json]) -> Answer:
        """A button. Modals open at once, because their trigger lives for three seconds."""
        action_id, value = _pressed(body)
        pressed = press.read(value)
        if action_id == slack_modals.OPEN_CARD:
            return {}
        if work := self._after_ack(body, action_id, pressed):
            self._wires.background.spawn(work)
            return {}
        verb = _VERBS.get(re.sub(r"_[0-9]+$", "", action_id))
        if pressed is None or verb is None:
            self._clicks.say(body, _UNKNOWN_BUTTON)
            return {}
        origin = origin_of(body, pressed)
        await self._wires.background.within_ack(
            self._press_and_say(body, verb, origin, pressed.text)
        )
        return {}

    def _after_ack(  # noqa: PLR0911 - one way for each button
        self, body: dict[str, Json], action_id: str, pressed: press.Press | None
    ) -> Work | None:
        """What a button opens, turns or counts; None where it is a verdict on a run."""
        if action_id == slack_modals.REVIEW_BATCH:
            return self._open_batch(body)
        if action_id == slack_batch.INCLUDE:
            return self.batches.on_tick(body)
        if pressed is None:
            return None
        if action_id in _PAGES:
            return self._turn_page(body, pressed)
        if action_id == slack_modals.REVIEW_RIGHT:
            return self.reviews.by_button(body, pressed)
        if action_id in _WINDOWS:
            heading, fill = _WINDOWS[action_id]
            return self._open(body, origin_of(body, pressed), heading, fill)
        return None

    async def on_submission(self, body: dict[str, Json]) -> Answer:
        """A submitted modal."""
        if (body.get("view") or {}).get("callback_id") == slack_batch.BATCH:
            return await self.batches.on_submission(body)
        if (body.get("view") or {}).get("callback_id") == slack_forms.REVIEW:
            return await self.reviews.by_form(body)
        return await self._submissions.on_form(body)

    async def _press_and_say(
        self, body: dict[str, Json], verb: Verb, origin: Origin, text: str
    ) -> None:
        reply = await self._clicks.press(body, verb, origin, text)
        if reply.text:
            self._clicks.say(body, reply.text, origin)

    async def _open_batch(self, body: dict[str, Json]) -> None:
        user = str((body.get("user") or {}).get("id") or "")
        if not await self.batches.open(str(body.get("trigger_id")), user):
            self._clicks.say(body, _NOT_OPENED)

    async def _open(self, body: dict[str, Json], origin: Origin, heading: str, fill: _Fill) -> None:
        """Opens a modal at once and fills it from the store."""
        client = self._wires.client
        try:
            opened = await call(
                "views.open",
                client.views_open(
                    trigger_id=str(body.get("trigger_id")), view=slack_views.loading(heading)
                ),
            )
            filled = await self._filled(body, origin, heading, fill)
            view_id = (opened.get("view") or {}).get("id")
            await call("views.update", client.views_update(view_id=view_id, view=filled))
        except SurfaceError as error:
            LOGGER.warning("a modal of %s was not shown: %s", origin.press.run_id, error)
            self._clicks.say(body, _NOT_OPENED, origin)

    async def _filled(
        self, body: dict[str, Json], origin: Origin, heading: str, fill: _Fill
    ) -> Block:
        account = await self._wires.directory.account(str((body.get("user") or {}).get("id")))
        if account.refusal:
            return slack_views.message(heading, f"I cannot show this to you: {account.refusal}.")
        try:
            shown = await self._clicks.view(origin.press.run_id)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("%s could not be read: %s", origin.press.run_id, type(error).__name__)
            return slack_views.message(heading, NOT_READ)
        if shown is None:
            return slack_views.message(heading, f"I know no run {origin.press.run_id}.")
        return fill(shown, origin)

    async def _turn_page(self, body: dict[str, Json], pressed: press.Press) -> None:
        shown = await self._clicks.view(pressed.run_id)
        number = int(pressed.text) if pressed.text.isdecimal() else 0
        view_id = (body.get("view") or {}).get("id")
        if shown is None or not view_id:
            return
        page = slack_modals.details_page(shown, number)
        try:
            await call("views.update", self._wires.client.views_update(view_id=view_id, view=page))
        except SurfaceError as error:
            LOGGER.warning("a page of %s was not shown: %s", pressed.run_id, error)


def _details(view: RunView, _origin: Origin) -> Block:
    return slack_modals.details_page(view, 0)


def _reject_form(view: RunView, origin: Origin) -> Block:
    return slack_forms.reject_form(view, origin) if _waits(view) else _too_late("Reject", view)


def _edit_form(view: RunView, origin: Origin) -> Block:
    if not _waits(view):
        return _too_late("Edit", view)
    if not (view.fields or view.skippable):
        return slack_views.message("Edit", "Nothing about this plan can be edited.")
    return slack_forms.edit_form(view, origin)


def _ask_form(view: RunView, origin: Origin) -> Block:
    return slack_forms.ask_form(view, origin) if _waits(view) else _too_late("Ask", view)


def _reply_form(view: RunView, origin: Origin) -> Block:
    if not _waits(view):
        return _too_late("Reply", view)
    if not open_questions(view):
        return slack_views.message("Reply", "Nobody waits for a reply any more.")
    return slack_forms.reply_form(view, origin)


def _answer_form(view: RunView, origin: Origin) -> Block:
    question = view.run.question
    is_open = view.run.status is Status.ASKING and question is not None
    if not is_open or question is None or question.slot != origin.press.digest:
        return slack_views.message("Answer", "This question is answered already.")
    return slack_forms.answer_form(view, origin)


_PAGES = (slack_modals.NEXT_PAGE, slack_modals.PREVIOUS_PAGE)
_WINDOWS: dict[str, tuple[str, _Fill]] = {
    Action.DETAILS: ("Details", _details),
    Action.REJECT: ("Reject", _reject_form),
    Action.EDIT: ("Edit", _edit_form),
    Action.ASK: ("Ask", _ask_form),
    Action.REPLY: ("Reply", _reply_form),
    Action.ANSWER_FORM: ("Answer", _answer_form),
    slack_modals.REVIEW_WRONG: ("It was wrong", slack_forms.review_form),
}


def _pressed(body: dict[str, Json]) -> tuple[str, str]:
    """The action id and the value; of a menu those of the chosen option."""
    action = (body.get("actions") or [{}])[0]
    action_id, value = str(action.get("action_id")), str(action.get("value") or "")
    if action_id == block_kit.MENU:
        return press.read_option(str((action.get("selected_option") or {}).get("value") or ""))
    return action_id, value


def _waits(view: RunView) -> bool:
    return view.run.status is Status.WAITING


def _too_late(heading: str, view: RunView) -> Block:
    said = f"{view.run.id} is {view.run.status} already; its card shows how it stands."
    return slack_views.message(heading, said)
