"""What people do with words: speak, call a command, use a shortcut, open the App Home."""

import uuid

from bot.workspace import limits, payloads, seed, speech
from bot.workspace.api.chat import bot_message
from bot.workspace.directory import Directory
from bot.workspace.messages import Message
from bot.workspace.wire import Json, Refused
from bot.workspace.workspace import Workspace


def say(
    workspace: Workspace, person: Json, channel: Json, typed: str, thread_ts: str | None
) -> Message:
    """Post a person's message and tell the bot."""
    if not typed.strip():
        raise Refused("There is nothing to send: the message is empty.")
    if len(typed) > limits.MESSAGE_TEXT_CHARACTERS:
        raise Refused(
            f"The message has {len(typed):,} characters; at most "
            f"{limits.MESSAGE_TEXT_CHARACTERS:,} fit. Shorten it.",
            413,
        )
    names, rooms = _names(workspace.directory), _rooms(workspace.directory, str(person["id"]))
    body = {
        "user": person["id"],
        "text": speech.stored_text(typed, names, rooms),
        "client_msg_id": str(uuid.uuid4()),
    }
    if person["team_id"] != seed.TEAM_ID:
        body.update(user_team=person["team_id"], source_team=person["team_id"])
    root = _root(workspace, str(channel["id"]), thread_ts)
    now = workspace.clock()
    message = workspace.messages.post(str(channel["id"]), body, now, thread_ts=root)
    workspace.tell_bot_of(message, channel)
    return message


async def command(
    workspace: Workspace, person: Json, channel: Json, typed: str, thread_ts: str | None
) -> Message | None:
    """Call a slash command; the message that the bot answered with at once, if any."""
    name, _, text = typed.strip().partition(" ")
    known = [command.name for command in workspace.settings.commands]
    if name not in known:
        raise Refused(f"{name} is not a command here. There is: {', '.join(known)}.", 404)
    user, place = str(person["id"]), str(channel["id"])
    trigger_id = workspace.triggers.issue(user, workspace.clock())
    url = workspace.response_url(user, place)
    names, rooms = _names(workspace.directory), _rooms(workspace.directory, user)
    escaped = speech.stored_text(text.strip(), names, rooms)  # manifest.yml: should_escape
    form = payloads.slash_command(
        person, channel, (name, escaped), response_url=url, trigger_id=trigger_id
    )
    ack = await workspace.ask_bot("slash_commands", dict(form))
    answer = {"text": ack.body} if isinstance(ack.body, str) else ack.body
    if not answer or not (answer.get("text") or answer.get("blocks")):
        return None
    return answer_person(workspace, user, place, thread_ts, answer)


def answer_person(
    workspace: Workspace, user: str, channel: str, thread_ts: str | None, answer: Json
) -> Message:
    """Show what the bot gave as an answer to a command: to that person, or in the channel."""
    is_public = answer.get("response_type") == "in_channel"
    body = bot_message(answer)
    return workspace.messages.post(
        channel,
        body,
        workspace.clock(),
        thread_ts=thread_ts,
        visible_to=None if is_public else user,
    )


async def use_shortcut(
    workspace: Workspace, person: Json, message: Message, channel: Json, callback_id: str
) -> None:
    """Use a message shortcut on somebody's message."""
    if callback_id not in [shortcut.callback_id for shortcut in workspace.settings.shortcuts]:
        raise Refused(f"There is no shortcut {callback_id!r} here.", 404)
    user = str(person["id"])
    trigger_id = workspace.triggers.issue(user, workspace.clock())
    body = payloads.interaction("message_action", person, trigger_id)
    body.update(
        callback_id=callback_id,
        action_ts=f"{workspace.clock():.6f}",
        channel=payloads.channel_of(channel),
        message_ts=message.ts,
        message=message.body,
        response_url=workspace.response_url(user, message.channel, message),
    )
    await workspace.ask_bot("interactive", body)


def open_home(workspace: Workspace, person: Json, tab: str) -> None:
    """Tell the bot that a person looks at its home (or at their messages with it)."""
    user = str(person["id"])
    home = workspace.views.home(user)
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": "D" + user[1:],
        "tab": tab,
        "event_ts": f"{workspace.clock():.6f}",
    }
    if home is not None and tab == "home":
        event["view"] = home.body
    workspace.push_event(event)


def _root(workspace: Workspace, channel: str, thread_ts: str | None) -> str | None:
    if thread_ts is None:
        return None
    parent = workspace.messages.get(channel, thread_ts)
    if parent is None:
        raise Refused("The message that this thread hangs on is gone.", 404)
    return parent.thread_ts or parent.ts


def _names(directory: Directory) -> dict[str, str]:
    names = dict(directory.aliases())
    for user in directory.users():
        names[str(user["name"])] = str(user["id"])
        names[str(user["real_name"])] = str(user["id"])
    return names


def _rooms(directory: Directory, user: str) -> dict[str, str]:
    return {
        str(channel["name"]): str(channel["id"])
        for channel in directory.channels_of(user)
        if not channel["is_im"]
    }
