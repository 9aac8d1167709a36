"""Buttons and modals: what somebody pressed, who they are at that moment, and what the flow says.

A press is applied before it is acknowledged where that takes less than Slack waits, so that what
Slack shows as done is stored. The card itself is redrawn from the store by whoever posts cards.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime

from bot.cards import press
from bot.cards.block_kit import Block
from bot.cards.model import Action
from bot.incoming import Click, Reply, Verb
from bot.surfaces import slack_modals
from bot.surfaces.errors import SurfaceError
from bot.surfaces.slack_calls import LOGGER, call
from bot.surfaces.slack_modals import Origin
from bot.surfaces.slack_wires import ACK_SECONDS, Answer, SlackWires
from bot.view import RunView
from store.model.person import Account, Person
from store.model.run import Status
from store.model.values import Json

ACTIONS = re.compile(
    r"(approve|reject|details|cancel|answer_form|happened|did_not|ask_again|answer_[0-9]{1,3}"
    r"|next_page|previous_page|open_card)"
)
VIEWS = re.compile(f"({slack_modals.REJECT}|{slack_modals.ANSWER})")

_Fill = Callable[[RunView, Origin], Block]
_VERBS = {
    Action.APPROVE: Verb.APPROVE,
    Action.CANCEL: Verb.CANCEL,
    Action.ANSWER: Verb.ANSWER,
    Action.HAPPENED: Verb.HAPPENED,
    Action.DID_NOT: Verb.DID_NOT,
    Action.ASK_AGAIN: Verb.ASK_AGAIN,
}
_SUBMIT_SECONDS = ACK_SECONDS - 0.4  # the reasons were read from the store before
_UNKNOWN_BUTTON = "I do not know that button any more; nothing was done. Ask again if it is needed."
_STORE_AWAY = "I could not record that, so nothing was done. Try again in a minute."


class SlackPresses:
    """One method for buttons, one for submitted modals."""

    def __init__(self, wires: SlackWires) -> None:
        self._wires = wires

    async def on_action(self, body: dict[str, Json]) -> Answer:
        """A button. Modals open at once, because their trigger lives for three seconds."""
        actions = body.get("actions") or [{}]
        action_id, value = str(actions[0].get("action_id")), str(actions[0].get("value") or "")
        if action_id == slack_modals.OPEN_CARD:
            return {}
        pressed = press.read(value)
        if pressed is None:
            self._say(body, _UNKNOWN_BUTTON)
            return {}
        origin = _origin(body, pressed)
        spawn = self._wires.background.spawn
        if action_id in (slack_modals.NEXT_PAGE, slack_modals.PREVIOUS_PAGE):
            spawn(self._turn_page(body, pressed))
        elif action_id == Action.DETAILS:
            spawn(self._open(body, origin, "Details", self._details))
        elif action_id == Action.REJECT:
            spawn(self._open(body, origin, "Reject", self._reject_form))
        elif action_id == Action.ANSWER_FORM:
            spawn(self._open(body, origin, "Answer", self._answer_form))
        else:
            verb = _VERBS[Action(re.sub(r"_[0-9]+$", "", action_id))]
            await self._wires.within_ack(self._press_and_say(body, verb, origin, pressed.text))
        return {}

    async def on_submission(self, body: dict[str, Json]) -> Answer:
        """A submitted modal. A refusal stays in the modal where it comes in time."""
        view = body.get("view") or {}
        origin = slack_modals.origin(str(view.get("private_metadata") or ""))
        values = (view.get("state") or {}).get("values")
        if origin is None:
            return {"response_action": "errors", "errors": slack_modals.errors(_UNKNOWN_BUTTON)}
        if view.get("callback_id") == slack_modals.REJECT:
            shown = await self._view(origin.press.run_id)
            text = slack_modals.reason_of(values, shown.reject_reasons if shown else ())
            verb, lacking = (
                Verb.REJECT,
                "Choose a reason or say one; who asked reads it.",
            )
        else:
            text, verb = slack_modals.text_of(values), Verb.ANSWER
            lacking = "Say something, or close this."
        if not text:
            return {"response_action": "errors", "errors": slack_modals.errors(lacking)}
        return await self._submit(body, verb, origin, text)

    async def _submit(self, body: dict[str, Json], verb: Verb, origin: Origin, text: str) -> Answer:
        submission = self._wires.background.spawn(self._press(body, verb, origin, text))
        done, _ = await asyncio.wait({submission}, timeout=_SUBMIT_SECONDS)
        if not done:
            self._wires.background.spawn(self._say_later(body, origin, submission))
            return {}
        reply = submission.result()
        if reply.is_refusal:
            return {"response_action": "errors", "errors": slack_modals.errors(reply.text)}
        if reply.text:
            self._say(body, reply.text, origin)
        return {}

    async def _say_later(
        self, body: dict[str, Json], origin: Origin, submission: asyncio.Task[Reply]
    ) -> None:
        reply = await submission
        if reply.text:
            self._say(body, reply.text, origin)

    async def _press_and_say(
        self, body: dict[str, Json], verb: Verb, origin: Origin, text: str
    ) -> None:
        reply = await self._press(body, verb, origin, text)
        if reply.text:
            self._say(body, reply.text, origin)

    async def _press(self, body: dict[str, Json], verb: Verb, origin: Origin, text: str) -> Reply:
        """Applies a press by the person as the directory describes them at this moment."""
        account, person = await self._who(body)
        click = Click(
            verb=verb,
            run_id=origin.press.run_id,
            digest=origin.press.digest,
            account=account,
            person=person,
            place=origin.place(self._wires.directory.workspace.team),
            message=origin.message,
            text=text,
            clicked_at=datetime.now(UTC),
        )
        try:
            return await asyncio.to_thread(self._wires.port.press, click)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("a press of %s was not recorded: %s", click.run_id, type(error).__name__)
            return Reply(_STORE_AWAY, is_refusal=True)

    async def _who(self, body: dict[str, Json]) -> tuple[Account, Person | None]:
        """The account, and the person with the roles of this moment; None refuses."""
        user = body.get("user") or {}
        user_id, team = str(user.get("id") or ""), str(user.get("team_id") or "")
        directory = self._wires.directory
        person = await directory.person(user_id)
        if person is not None:
            account = self._wires.seen_from_here(person.account, team)
            return account, person if account == person.account else None
        try:
            return self._wires.seen_from_here(await directory.account(user_id), team), None
        except SurfaceError:
            unknown = Account(
                surface="slack", team=directory.workspace.team, user=user_id, display_name=user_id
            )
            return self._wires.seen_from_here(unknown, team), None

    async def _open(self, body: dict[str, Json], origin: Origin, heading: str, fill: _Fill) -> None:
        """Opens a modal at once and fills it from the store."""
        client = self._wires.client
        try:
            opened = await call(
                "views.open",
                client.views_open(
                    trigger_id=str(body.get("trigger_id")), view=slack_modals.loading(heading)
                ),
            )
            filled = await self._filled(body, origin, heading, fill)
            view_id = (opened.get("view") or {}).get("id")
            await call("views.update", client.views_update(view_id=view_id, view=filled))
        except SurfaceError as error:
            LOGGER.warning("a modal of %s was not shown: %s", origin.press.run_id, error)
            self._say(body, "The window did not open in time; press the button again.", origin)

    async def _filled(
        self, body: dict[str, Json], origin: Origin, heading: str, fill: _Fill
    ) -> Block:
        account = await self._wires.directory.account(str((body.get("user") or {}).get("id")))
        if account.refusal:
            return slack_modals.message(heading, f"I cannot show this to you: {account.refusal}.")
        shown = await self._view(origin.press.run_id)
        if shown is None:
            return slack_modals.message(heading, f"I know no run {origin.press.run_id}.")
        return fill(shown, origin)

    async def _turn_page(self, body: dict[str, Json], pressed: press.Press) -> None:
        shown = await self._view(pressed.run_id)
        number = int(pressed.text) if pressed.text.isdecimal() else 0
        view_id = (body.get("view") or {}).get("id")
        if shown is None or not view_id:
            return
        page = slack_modals.details_page(shown, number)
        try:
            await call("views.update", self._wires.client.views_update(view_id=view_id, view=page))
        except SurfaceError as error:
            LOGGER.warning("a page of %s was not shown: %s", pressed.run_id, error)

    async def _view(self, run_id: str) -> RunView | None:
        return await asyncio.to_thread(self._wires.port.view, run_id)

    def _details(self, view: RunView, _origin: Origin) -> Block:
        return slack_modals.details_page(view, 0)

    def _reject_form(self, view: RunView, origin: Origin) -> Block:
        if view.run.status is not Status.WAITING:
            return slack_modals.message("Reject", _too_late(view))
        return slack_modals.reject_form(view, origin)

    def _answer_form(self, view: RunView, origin: Origin) -> Block:
        question = view.run.question
        is_open = view.run.status is Status.ASKING and question is not None
        if not is_open or question is None or question.slot != origin.press.digest:
            return slack_modals.message("Answer", "This question is answered already.")
        return slack_modals.answer_form(view, origin)

    def _say(self, body: dict[str, Json], text: str, origin: Origin | None = None) -> None:
        """Tells the person who pressed something, beside the card where it has a place."""
        user = str((body.get("user") or {}).get("id") or "")
        at = origin or _origin(body, press.Press("", ""))
        sender = self._wires.sender
        if at.channel:
            place = at.place(self._wires.directory.workspace.team)
            self._wires.background.spawn(sender.whisper_or_log(place, user, text))
        else:
            self._wires.background.spawn(sender.tell_or_log(user, text))


def _origin(body: dict[str, Json], pressed: press.Press) -> Origin:
    container = body.get("container") or {}
    channel = container.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    message = container.get("message_ts") or ""
    thread = (body.get("message") or {}).get("thread_ts") or container.get("thread_ts") or message
    return Origin(pressed, str(channel), str(thread), str(message))


def _too_late(view: RunView) -> str:
    return f"{view.run.id} is {view.run.status} already; its card shows how it stands."
