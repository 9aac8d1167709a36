"""A press as the flow takes it: who it is at this moment, what was pressed, and what is said back.

Shared by buttons, submitted forms and batches.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bot.cards import press
from bot.incoming import Click, Reply, Verb
from bot.surfaces.errors import SurfaceError
from bot.surfaces.slack_calls import LOGGER
from bot.surfaces.slack_views import Origin
from bot.surfaces.slack_wires import SlackWires
from bot.view import RunView
from store.model.person import Account, Person
from store.model.values import Json

NOT_READ = "I cannot look that up right now; nothing was done. Try again in a minute."
STORE_AWAY = "I could not record that, so nothing was done. Try again in a minute."
Values = tuple[tuple[str, str], ...]


class SlackClicks:
    """Makes clicks and gives them to the flow."""

    def __init__(self, wires: SlackWires) -> None:
        self._wires = wires

    async def press(
        self,
        body: dict[str, Json],
        verb: Verb,
        origin: Origin,
        text: str = "",
        *,
        values: Values = (),
        skip: tuple[str, ...] = (),
    ) -> Reply:
        """Applies a press by the person as the directory describes them at this moment."""
        account, person = await self.who(body)
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
            values=values,
            skip=skip,
        )
        return await self.give(click)

    async def give(self, click: Click) -> Reply:
        """The flow's reply; where the store is away, that nothing was recorded."""
        try:
            return await asyncio.to_thread(self._wires.port.press, click)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            LOGGER.error("a press of %s was not recorded: %s", click.run_id, type(error).__name__)
            return Reply(STORE_AWAY, is_refusal=True)

    async def who(self, body: dict[str, Json]) -> tuple[Account, Person | None]:
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

    async def view(self, run_id: str) -> RunView | None:
        """A run as it stands now."""
        return await asyncio.to_thread(self._wires.port.view, run_id)

    def say(self, body: dict[str, Json], text: str, origin: Origin | None = None) -> None:
        """Tells the person who pressed something, beside the card where it has a place."""
        user = str((body.get("user") or {}).get("id") or "")
        at = origin or origin_of(body, press.Press("", ""))
        sender = self._wires.sender
        if at.channel:
            place = at.place(self._wires.directory.workspace.team)
            self._wires.background.spawn(sender.whisper_or_log(place, user, text))
        else:
            self._wires.background.spawn(sender.tell_or_log(user, text))


def origin_of(body: dict[str, Json], pressed: press.Press) -> Origin:
    """Where something was pressed, as the payload says."""
    container = body.get("container") or {}
    channel = container.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    message = container.get("message_ts") or ""
    thread = (body.get("message") or {}).get("thread_ts") or container.get("thread_ts") or message
    return Origin(pressed, str(channel), str(thread), str(message))
