"""Events: messages to the bot become requests, the home page is drawn, an uninstall is heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.incoming import Message
from bot.surfaces.slack_homes import publish_home
from bot.surfaces.slack_wires import Answer, SlackWires
from bot.surfaces.slack_words import heard
from store.model.values import Json


class SlackEvents:
    """One method an event. A message is stored when its method returns."""

    def __init__(self, wires: SlackWires, revoked: Callable[[str], None]) -> None:
        self._wires, self._revoked = wires, revoked

    async def on_message(self, body: dict[str, Json]) -> Answer:
        """A mention, or a message in the conversation with the bot."""
        wires = self._wires
        home = wires.directory.workspace
        said = heard(body, home.team, home.bot_user)
        if said is None:
            return {}
        account = await wires.account(said.user, _team_of(body))
        reply = await wires.receiving.receive(
            Message(
                account=account,
                place=said.place,
                message=said.message,
                text=await wires.spoken(said.raw),
                event_keys=said.event_keys,
                received_at=datetime.now(UTC),
            )
        )
        if reply.text:
            # Slack shows a private remark in a thread only where the thread has replies already.
            is_root = said.place.thread == said.message
            place = said.place.model_copy(update={"thread": ""}) if is_root else said.place
            whisper = wires.sender.whisper_or_log(place, said.user, reply.text)
            wires.background.spawn(whisper)
        return {}

    async def on_home(self, body: dict[str, Json]) -> Answer:
        """Somebody looks at the app's page."""
        event = body.get("event") or {}
        user = event.get("user")
        if event.get("tab", "home") == "home" and isinstance(user, str) and user:
            self._wires.background.spawn(publish_home(self._wires, user))
        return {}

    async def on_gone(self, body: dict[str, Json]) -> Answer:
        """The app was removed from the workspace, or its tokens were."""
        event = body.get("event") or {}
        bots = (event.get("tokens") or {}).get("bot")
        if event.get("type") == "app_uninstalled" or bots:
            self._revoked(str(event.get("type")))
        return {}


def _team_of(body: dict[str, Json]) -> str:
    """The workspace that the speaker belongs to, as far as the event says."""
    event = body.get("event") or {}
    team = event.get("user_team") or event.get("source_team") or event.get("team")
    return team if isinstance(team, str) else ""
