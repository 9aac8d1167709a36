"""Reviewing together: the window opens, its ticked lines are pressed one by one, and it says what
came of each."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.cards import press
from bot.cards.block_kit import Block
from bot.surfaces import slack_batch, slack_views, words
from bot.surfaces.errors import SurfaceError
from bot.surfaces.slack_calls import LOGGER, call
from bot.surfaces.slack_clicks import SlackClicks
from bot.surfaces.slack_homes import publish_home
from bot.surfaces.slack_views import Origin
from bot.surfaces.slack_wires import Answer, SlackWires
from store.model.values import Json


class SlackBatches:
    """Opens batches and applies them."""

    def __init__(self, wires: SlackWires, clicks: SlackClicks) -> None:
        self._wires, self._clicks = wires, clicks

    async def open(self, trigger_id: str, user: str) -> bool:
        """Opens the window at once and fills it; whether Slack took it."""
        client = self._wires.client
        try:
            opened = await call(
                "views.open",
                client.views_open(trigger_id=trigger_id, view=slack_views.loading(words.TOGETHER)),
            )
            view_id = str((opened.get("view") or {}).get("id"))
            filled = await self._filled(user)
            await call("views.update", client.views_update(view_id=view_id, view=filled))
        except SurfaceError as error:
            LOGGER.warning("a batch was not shown to %s: %s", user, error)
            return False
        return True

    async def _filled(self, user: str) -> Block:
        account = await self._wires.directory.account(user)
        views = await self._clicks.clicking.batch(account)
        if isinstance(views, str):
            return slack_views.message(words.TOGETHER, views)
        return slack_batch.batch_form(views, datetime.now(UTC))

    async def on_tick(self, body: dict[str, Json]) -> None:
        """A line was ticked or not: the button says how many it approves."""
        view = body.get("view") or {}
        shown = slack_batch.recounted(view)
        if shown is None:
            return
        view_id = str(view.get("id") or "")
        try:
            await call("views.update", self._wires.client.views_update(view_id=view_id, view=shown))
        except SurfaceError as error:
            LOGGER.warning("a batch could not be counted anew: %s", error)

    async def on_submission(self, body: dict[str, Json]) -> Answer:
        """Each ticked line is pressed after the acknowledgement; the window waits for them."""
        view = body.get("view") or {}
        values = (view.get("state") or {}).get("values")
        pairs = slack_batch.ticked(str(view.get("private_metadata") or ""), values)
        if not pairs:
            done = slack_views.message(words.TOGETHER, words.NOTHING_TICKED)
        else:
            self._wires.background.spawn(self._approve(body, str(view.get("id") or ""), pairs))
            done = slack_views.loading(words.TOGETHER)
        return {"response_action": "update", "view": done}

    async def _approve(
        self, body: dict[str, Json], view_id: str, pairs: tuple[press.Press, ...]
    ) -> None:
        account, person = await self._clicks.who(body)
        place = Origin(pairs[0], "", "", "").place(self._wires.directory.workspace.team)
        outcomes = await self._clicks.clicking.approve(account, person, place, pairs)
        shown = slack_batch.outcome(outcomes)
        try:
            await call("views.update", self._wires.client.views_update(view_id=view_id, view=shown))
        except SurfaceError as error:
            LOGGER.warning("the outcome of a batch was not shown: %s", error)
            self._clicks.say(body, words.recorded_unseen(outcomes))
        await publish_home(self._wires, account.user)  # what was approved waits there no more
