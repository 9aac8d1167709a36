"""conversations.* and reactions.add."""

from bot.workspace import seed
from bot.workspace.api.call import Call, Method
from bot.workspace.wire import Json, SlackError

# docs.slack.dev: conversations.history and .replies give at most 999 messages.
MESSAGES_MAX = 999


def info(call: Call) -> Json:
    """conversations.info."""
    channel = call.conversation()
    call.require_conversation_scope(channel, "read")
    return {"channel": {**channel, "is_member": call.is_bot_in(channel)}}


def list_conversations(call: Call) -> Json:
    """conversations.list: public channels, and the bot's own DMs when asked for `im`."""
    wanted = set((call.text("types") or "public_channel").split(","))
    call.token.require("channels:read" if "public_channel" in wanted else "im:read")
    found: list[Json] = []
    if "public_channel" in wanted:
        rows = call.workspace.storage.rows("SELECT name FROM channels WHERE name IS NOT NULL")
        named = [call.workspace.directory.channel(str(row[0])) for row in rows]
        found.extend(channel for channel in named if channel)
    if "im" in wanted:
        mine = call.workspace.directory.channels_of(seed.BOT_USER_ID)
        found.extend(channel for channel in mine if channel["is_im"])
    channels = [{**channel, "is_member": call.is_bot_in(channel)} for channel in found]
    return {"channels": channels, "response_metadata": {"next_cursor": ""}}


def history(call: Call) -> Json:
    """conversations.history, newest first."""
    channel = _readable(call)
    found = call.workspace.messages.history(
        str(channel["id"]),
        None,
        before=call.text("latest") or None,
        count=call.count("limit", 100, MESSAGES_MAX),
    )
    oldest = call.text("oldest") or "0"
    messages = [message.body for message in reversed(found) if message.ts > oldest]
    return {"messages": messages, "has_more": False, "response_metadata": {"next_cursor": ""}}


def replies(call: Call) -> Json:
    """conversations.replies, oldest first, with the root."""
    channel = _readable(call)
    thread = call.workspace.messages.thread(str(channel["id"]), call.required("ts"), None)
    if not thread:
        raise SlackError("thread_not_found")
    count = call.count("limit", MESSAGES_MAX, MESSAGES_MAX)
    return {"messages": [message.body for message in thread[:count]], "has_more": False}


def members(call: Call) -> Json:
    """conversations.members."""
    channel = call.conversation()
    call.require_conversation_scope(channel, "read")
    found = call.workspace.directory.members(str(channel["id"]))
    return {"members": found, "response_metadata": {"next_cursor": ""}}


def open_conversation(call: Call) -> Json:
    """conversations.open: the DM with one person."""
    users = call.required("users").split(",")
    if len(users) != 1:
        raise SlackError("method_not_supported_for_channel_type")
    channel = call.workspace.directory.channel(users[0])
    if channel is None:
        raise SlackError("user_not_found")
    return {"channel": {"id": channel["id"]}, "no_op": True, "already_open": True}


def add_reaction(call: Call) -> Json:
    """reactions.add."""
    channel = call.conversation()
    if not call.is_bot_in(channel):
        raise SlackError("not_in_channel")
    message = call.workspace.messages.get(str(channel["id"]), call.required("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    name = call.required("name").strip(":")
    reactions: list[Json] = [dict(item) for item in message.body.get("reactions") or []]
    for reaction in reactions:
        if reaction["name"] == name:
            if seed.BOT_USER_ID in reaction["users"]:
                raise SlackError("already_reacted")
            reaction["users"] = [*reaction["users"], seed.BOT_USER_ID]
            reaction["count"] = len(reaction["users"])
            break
    else:
        reactions.append({"name": name, "users": [seed.BOT_USER_ID], "count": 1})
    call.workspace.messages.change(message, {"reactions": reactions})
    return {}


def _readable(call: Call) -> Json:
    channel = call.conversation()
    call.require_conversation_scope(channel, "history")
    if not call.is_bot_in(channel):
        raise SlackError("not_in_channel")
    return channel


METHODS = {
    "conversations.info": Method(info),
    "conversations.list": Method(list_conversations),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.members": Method(members),
    "conversations.open": Method(open_conversation, "im:write"),
    "reactions.add": Method(add_reaction, "reactions:write"),
}
