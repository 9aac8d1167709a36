"""Reviews of what ran by itself: right or wrong, by command, by button, with a reason by form."""

from __future__ import annotations

import asyncio
import re

from bot.cards import press
from bot.incoming import Reply
from bot.surfaces import slack_forms, slack_views
from bot.surfaces.slack_calls import LOGGER
from bot.surfaces.slack_clicks import STORE_AWAY, SlackClicks
from bot.surfaces.slack_homes import publish_home
from bot.surfaces.slack_wires import Answer, SlackWires
from store.model.person import Account
from store.model.values import Json

_COMMAND = re.compile(
    r"review\s+(R-[A-Za-z0-9-]{1,60})\s+(right|wrong)\b[\s:,.]*(.*)", re.IGNORECASE | re.DOTALL
)
USAGE = "Say it as /assent review R-1001 right, or as /assent review R-1001 wrong: why."
_NO_REASON = "Say what was wrong; whoever owns the workflow reads it."


class SlackReviews:
    """The three ways to give a review."""

    def __init__(self, wires: SlackWires, clicks: SlackClicks) -> None:
        self._wires, self._clicks = wires, clicks

    async def by_command(self, text: str, account: Account) -> str:
        """`review R-1 right`, `review R-1 wrong: why`; what to say to it."""
        found = _COMMAND.fullmatch(text.strip())
        if found is None:
            return USAGE
        is_right = found[2].lower() == "right"
        return (await self._give(account, found[1].upper(), is_right, found[3])).text

    async def by_button(self, body: dict[str, Json], pressed: press.Press) -> None:
        """Right, from the home page."""
        account, _ = await self._clicks.who(body)
        self._clicks.say(body, (await self._give(account, pressed.run_id, True, "")).text)
        await publish_home(self._wires, account.user)

    async def by_form(self, body: dict[str, Json]) -> Answer:
        """Wrong, with the reason that was filled in. A refusal stays in the form."""
        view = body.get("view") or {}
        origin = slack_views.origin(str(view.get("private_metadata") or ""))
        reason = slack_forms.text_of((view.get("state") or {}).get("values"))
        if origin is None or not reason:
            return {"response_action": "errors", "errors": slack_forms.errors(_NO_REASON)}
        account, _ = await self._clicks.who(body)
        reply = await self._give(account, origin.press.run_id, False, reason)
        if reply.is_refusal:
            return {"response_action": "errors", "errors": slack_forms.errors(reply.text)}
        self._clicks.say(body, reply.text)
        self._wires.background.spawn(publish_home(self._wires, account.user))
        return {}

    async def _give(self, account: Account, run_id: str, is_right: bool, reason: str) -> Reply:
        review = self._wires.port.review
        try:
            return await asyncio.to_thread(review, account, run_id, is_right, reason)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("a review of %s was not recorded: %s", run_id, type(error).__name__)
            return Reply(STORE_AWAY, is_refusal=True)
