"""A press as Slack delivers it: who it is at this moment, where it was, and what is said back.

Shared by buttons, submitted forms and batches.
"""

from __future__ import annotations

from bot.cards import press
from bot.incoming import Reply, Verb
from bot.surfaces.clicking import Clicking, Pressed, Values
from bot.surfaces.errors import SurfaceError
from bot.surfaces.slack_views import Origin
from bot.surfaces.slack_wires import SlackWires
from store.model.person import Account, Person
from store.model.values import Json


class SlackClicks:
    """Finds out who pressed and gives their presses to the flow."""

    def __init__(self, wires: SlackWires) -> None:
        self._wires = wires
        self.clicking = Clicking(wires.port)

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
        place = origin.place(self._wires.directory.workspace.team)
        pressed = Pressed(
            account, person, verb, origin.press, place, origin.message, text, values, skip
        )
        return await self.clicking.press(pressed)

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
