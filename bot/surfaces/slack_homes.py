"""A person's own page: what waits for them, what they asked for, what ran by itself."""

from __future__ import annotations

import asyncio

from bot.surfaces import slack_modals
from bot.surfaces.errors import SurfaceError
from bot.surfaces.slack_calls import LOGGER, call
from bot.surfaces.slack_wires import SlackWires


async def publish_home(wires: SlackWires, user: str) -> None:
    """Draws it anew; a failure is logged, the next visit draws it."""
    try:
        account = await wires.directory.account(user)
        if account.refusal:
            view = slack_modals.home_refusal(account.refusal)
        else:
            shown = await asyncio.to_thread(wires.port.home, account)
            view = slack_modals.home(shown, wires.directory.workspace.url)
        await call("views.publish", wires.client.views_publish(user_id=user, view=view))
    except SurfaceError as error:
        LOGGER.warning("the home page of %s was not published: %s", user, error)
    except Exception as error:  # noqa: BLE001 - the next visit draws it
        LOGGER.error("the home page of %s was not drawn: %s", user, type(error).__name__)
