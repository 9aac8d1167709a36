"""What the bot receives: events, interactions and commands, in Slack's shapes. Pure."""

from bot.workspace import seed
from bot.workspace.actions import Use, derive_action, find, state_values
from bot.workspace.directory import handle_of
from bot.workspace.messages import Message
from bot.workspace.views import View
from bot.workspace.wire import Json

# Deprecated by Slack in favour of signatures, still present in every payload.
VERIFICATION_TOKEN = "local-verification-token"  # noqa: S105  # not a secret, checks nothing


def event_callback(event: Json, event_id: str, now: float, *, is_shared: bool = False) -> Json:
    """The Events API's outer event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": seed.TEAM_ID,
        "context_team_id": seed.TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": seed.APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(now),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": seed.TEAM_ID,
                "user_id": seed.BOT_USER_ID,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": is_shared,
        "event_context": f"4-{event_id}",
    }


def message_event(message: Message, kind: str, channel: Json) -> Json:
    """`message` or `app_mention` for a message that was posted."""
    event = {k: v for k, v in message.body.items() if not k.startswith("reply_")}
    event.update(type=kind, channel=message.channel, event_ts=message.ts)
    if kind == "message":
        event["channel_type"] = "im" if channel["is_im"] else "channel"
    return event


def interaction(kind: str, user: Json, trigger_id: str | None) -> Json:
    """What every interactive payload begins with."""
    body: Json = {
        "type": kind,
        "team": {"id": seed.TEAM_ID, "domain": seed.TEAM_DOMAIN},
        "user": {
            "id": user["id"],
            "username": handle_of(user),
            "name": handle_of(user),
            "team_id": user["team_id"],
        },
        "api_app_id": seed.APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if trigger_id is not None:
        body["trigger_id"] = trigger_id
    return body


def message_actions(base: Json, message: Message, use: Use, ts: str) -> Json:
    """`block_actions` on a message; an ephemeral one is not echoed, as in Slack."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.visible_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body = {**base, "container": container}
    if message.visible_to is None:
        body["message"] = message.body
    body["state"] = {"values": state_values(message.blocks, use.given)}
    body["actions"] = [derive_action(find(message.blocks, use), use.value, ts)]
    return body


def view_actions(base: Json, view: Json, use: Use, ts: str) -> Json:
    """`block_actions` inside a modal or a home; `view` already holds the person's state."""
    return {
        **base,
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [derive_action(find(view["blocks"], use), use.value, ts)],
    }


def answered(view: View, given: Json) -> Json:
    """The view with what the person has filled in."""
    return {**view.body, "state": {"values": state_values(view.blocks, given)}}


def channel_of(channel: Json) -> Json:
    """A conversation as interactive payloads name it."""
    return {"id": channel["id"], "name": channel_name(channel)}


def channel_name(channel: Json) -> str:
    """A channel's name, or `directmessage`."""
    return "directmessage" if channel["is_im"] else str(channel["name"])


def slash_command(
    user: Json, channel: Json, called: tuple[str, str], *, response_url: str, trigger_id: str
) -> dict[str, str]:
    """A slash command's form fields; `called` is the command and its text."""
    command, text = called
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": seed.TEAM_ID,
        "team_domain": seed.TEAM_DOMAIN,
        "channel_id": str(channel["id"]),
        "channel_name": channel_name(channel),
        "user_id": str(user["id"]),
        "user_name": handle_of(user),
        "command": command,
        "text": text,
        "api_app_id": seed.APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }
