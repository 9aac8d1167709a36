"""Reviews of what ran by itself, given on the home page or in its form."""

from __future__ import annotations

from bot.incoming import Reply
from bot.surfaces.slack_clicks import SlackClicks
from bot.surfaces.slack_homes import publish_home
from bot.surfaces.slack_wires import SlackWires
from store.model.values import Json


class SlackReviews:
    """Gives a review and draws the home page anew: the run waits there no more."""

    def __init__(self, wires: SlackWires, clicks: SlackClicks) -> None:
        self._wires, self._clicks = wires, clicks

    async def right(self, body: dict[str, Json], run_id: str) -> None:
        """It was right, from the home page; what came of it is said."""
        self._clicks.say(body, (await self.give(body, run_id, True, "")).text)

    async def give(self, body: dict[str, Json], run_id: str, is_right: bool, reason: str) -> Reply:
        """The flow's reply to a review."""
        account, _ = await self._clicks.who(body)
        reply = await self._clicks.clicking.review(account, run_id, is_right, reason)
        self._wires.background.spawn(publish_home(self._wires, account.user))
        return reply
