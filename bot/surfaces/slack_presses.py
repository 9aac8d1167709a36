"""Buttons: what somebody pressed, who they are at that moment, and what the flow says.

A press is applied before it is acknowledged where that takes less than Slack waits, so that what
Slack shows as done is stored. The card itself is redrawn from the store by whoever posts cards.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine

from bot.cards import block_kit, forms, press
from bot.cards.block_kit import Block
from bot.cards.forms import FormKind
from bot.cards.model import Action
from bot.incoming import Verb
from bot.surfaces import slack_batch, slack_forms, slack_modals, slack_views, words
from bot.surfaces.clicking import FORMS, VERBS
from bot.surfaces.errors import SurfaceError
from bot.surfaces.slack_batches import SlackBatches
from bot.surfaces.slack_calls import LOGGER, call
from bot.surfaces.slack_clicks import SlackClicks, origin_of
from bot.surfaces.slack_reviews import SlackReviews
from bot.surfaces.slack_submissions import SlackSubmissions
from bot.surfaces.slack_views import Origin
from bot.surfaces.slack_wires import Answer, SlackWires
from store.model.values import Json

ACTIONS = re.compile(
    r"^(approve|reject|details|cancel|answer_form|happened|did_not|ask_again|answer_[0-9]{1,3}"
    r"|edit|ask|reply|withdraw|more|next_page|previous_page|open_card|review_batch|review_right|review_wrong|include)$"
)
VIEWS = re.compile(f"^({'|'.join((*FormKind, slack_batch.BATCH))})$")

Work = Coroutine[None, None, None]


class SlackPresses:
    """One method for buttons, one for submitted modals."""

    def __init__(self, wires: SlackWires) -> None:
        self._wires = wires
        self._clicks = SlackClicks(wires)
        self._reviews = SlackReviews(wires, self._clicks)
        self._submissions = SlackSubmissions(wires, self._clicks, self._reviews)
        self.batches = SlackBatches(wires, self._clicks)

    async def on_action(self, body: dict[str, Json]) -> Answer:
        """A button. Modals open at once, because their trigger lives for three seconds."""
        action_id, value = _pressed(body)
        pressed = press.read(value)
        if action_id == slack_modals.OPEN_CARD:
            return {}
        if work := self._after_ack(body, action_id, pressed):
            self._wires.background.spawn(work)
            return {}
        verb = VERBS.get(re.sub(r"_[0-9]+$", "", action_id))
        if pressed is None or verb is None:
            self._clicks.say(body, words.UNKNOWN_BUTTON)
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
            return self._reviews.right(body, pressed.run_id)
        if action_id == Action.DETAILS or action_id in FORMS:
            return self._open(body, origin_of(body, pressed), FORMS.get(action_id))
        return None

    async def on_submission(self, body: dict[str, Json]) -> Answer:
        """A submitted modal."""
        if (body.get("view") or {}).get("callback_id") == slack_batch.BATCH:
            return await self.batches.on_submission(body)
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
            self._clicks.say(body, words.NOT_OPENED)

    async def _open(self, body: dict[str, Json], origin: Origin, kind: FormKind | None) -> None:
        """Opens a form, or the details (None), at once and fills it from the store."""
        client = self._wires.client
        heading = forms.heading(kind) if kind else words.DETAILS
        try:
            opened = await call(
                "views.open",
                client.views_open(
                    trigger_id=str(body.get("trigger_id")), view=slack_views.loading(heading)
                ),
            )
            filled = await self._filled(body, origin, kind, heading)
            view_id = (opened.get("view") or {}).get("id")
            await call("views.update", client.views_update(view_id=view_id, view=filled))
        except SurfaceError as error:
            LOGGER.warning("a modal of %s was not shown: %s", origin.press.run_id, error)
            self._clicks.say(body, words.NOT_OPENED, origin)

    async def _filled(
        self, body: dict[str, Json], origin: Origin, kind: FormKind | None, heading: str
    ) -> Block:
        account = await self._wires.directory.account(str((body.get("user") or {}).get("id")))
        clicking = self._clicks.clicking
        if kind is None:
            shown = await clicking.look(account, origin.press.run_id)
            if not isinstance(shown, str):
                return slack_modals.details_page(shown, 0)
            return slack_views.message(heading, shown)
        form = await clicking.form(account, kind, origin.press)
        if isinstance(form, str):
            return slack_views.message(heading, form)
        return slack_forms.render(form, origin)

    async def _turn_page(self, body: dict[str, Json], pressed: press.Press) -> None:
        shown = await self._clicks.clicking.view(pressed.run_id)
        number = int(pressed.text) if pressed.text.isdecimal() else 0
        view_id = (body.get("view") or {}).get("id")
        if shown is None or not view_id:
            return
        page = slack_modals.details_page(shown, number)
        try:
            await call("views.update", self._wires.client.views_update(view_id=view_id, view=page))
        except SurfaceError as error:
            LOGGER.warning("a page of %s was not shown: %s", pressed.run_id, error)


_PAGES = (slack_modals.NEXT_PAGE, slack_modals.PREVIOUS_PAGE)


def _pressed(body: dict[str, Json]) -> tuple[str, str]:
    """The action id and the value; of a menu those of the chosen option."""
    action = (body.get("actions") or [{}])[0]
    action_id, value = str(action.get("action_id")), str(action.get("value") or "")
    if action_id == block_kit.MENU:
        return press.read_option(str((action.get("selected_option") or {}).get("value") or ""))
    return action_id, value
