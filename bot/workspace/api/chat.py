"""chat.*: the bot's messages."""

from bot.workspace import limits, seed
from bot.workspace.api.call import Call, Method
from bot.workspace.blocks import check_blocks
from bot.workspace.messages import Message, with_ids
from bot.workspace.wire import Json, SlackError


def post_message(call: Call) -> Json:
    """chat.postMessage."""
    channel = _writable(call)
    body = bot_message(_content(call))
    thread_ts = _root(call, channel)
    workspace = call.workspace
    message = workspace.messages.post(
        str(channel["id"]), body, workspace.clock(), thread_ts=thread_ts
    )
    workspace.tell_bot_of(message, channel)
    return {"channel": channel["id"], "ts": message.ts, "message": message.body}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral."""
    channel = _writable(call)
    user = call.required("user")
    if not call.workspace.directory.is_member(str(channel["id"]), user):
        raise SlackError("user_not_in_channel")
    message = call.workspace.messages.post(
        str(channel["id"]),
        bot_message(_content(call)),
        call.workspace.clock(),
        thread_ts=_root(call, channel),
        visible_to=user,
    )
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """chat.update: without blocks or attachments, those that were there go."""
    channel = call.conversation()
    message = _own(call, channel, "cant_update_message")
    content = _content(call)
    if len(str(content.get("text") or "")) > limits.UPDATE_TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    body = bot_message(content)
    kept = {"blocks": None, "attachments": None, **body}
    changed = call.workspace.messages.change(message, kept)
    if channel["is_im"]:
        _tell_change(call, message, changed)
    return {
        "channel": channel["id"],
        "ts": changed.ts,
        "text": changed.body["text"],
        "message": changed.body,
    }


def delete(call: Call) -> Json:
    """chat.delete."""
    channel = call.conversation()
    message = _own(call, channel, "cant_delete_message")
    call.workspace.messages.remove(message)
    return {"channel": channel["id"], "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """chat.getPermalink: an address of the page that shows the message."""
    channel = call.conversation()
    ts = call.required("message_ts")
    if call.workspace.messages.get(str(channel["id"]), ts) is None:
        raise SlackError("message_not_found")
    link = f"http://{call.workspace.host}/archives/{channel['id']}/p{ts.replace('.', '')}"
    return {"channel": channel["id"], "permalink": link}


def bot_message(content: Json) -> Json:
    """The body of a message from the bot; SlackError past a limit or when nothing is said."""
    text = str(content.get("text") or "")
    blocks, attachments = content.get("blocks"), content.get("attachments")
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    if len(text) > limits.MESSAGE_TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    body: Json = {
        "user": seed.BOT_USER_ID,
        "text": text,
        "bot_id": seed.BOT_ID,
        "app_id": seed.APP_ID,
        "bot_profile": _BOT_PROFILE,
    }
    if blocks:
        body["blocks"] = _checked(blocks)
    for name in ("attachments", "metadata"):
        if content.get(name):
            body[name] = content[name]
    return body


_BOT_PROFILE = {
    "id": seed.BOT_ID,
    "app_id": seed.APP_ID,
    "name": seed.BOT_NAME,
    "team_id": seed.TEAM_ID,
    "deleted": False,
}


def _content(call: Call) -> Json:
    content: Json = {"text": call.text("text")}
    for name in ("blocks", "attachments", "metadata"):
        content[name] = call.structure(name)
    return content


def _checked(blocks: object) -> list[Json]:
    faults = check_blocks(blocks, limits.BLOCKS_PER_MESSAGE)
    if faults or not isinstance(blocks, list):
        raise SlackError(
            "invalid_blocks",
            errors=faults,
            response_metadata={"messages": [f"[ERROR] {fault}" for fault in faults]},
        )
    if _text_characters(blocks) > limits.MESSAGE_BLOCKS_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return with_ids(blocks)


def _text_characters(node: object) -> int:
    if isinstance(node, list):
        return sum(_text_characters(item) for item in node)
    if not isinstance(node, dict):
        return 0
    own = len(node["text"]) if isinstance(node.get("text"), str) else 0
    return own + sum(_text_characters(value) for value in node.values())


def _writable(call: Call) -> Json:
    channel = call.conversation()
    is_public_writer = "chat:write.public" in call.token.scopes
    if not call.is_bot_in(channel) and not is_public_writer:
        raise SlackError("not_in_channel")
    return channel


def _root(call: Call, channel: Json) -> str | None:
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    parent = call.workspace.messages.get(str(channel["id"]), thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def _own(call: Call, channel: Json, otherwise: str) -> Message:
    message = call.workspace.messages.get(str(channel["id"]), call.required("ts"))
    if message is None or message.visible_to is not None:
        raise SlackError("message_not_found")
    if message.body.get("bot_id") != seed.BOT_ID:
        raise SlackError(otherwise)
    return message


def _tell_change(call: Call, before: Message, after: Message) -> None:
    if "im:history" not in call.workspace.bot_token.scopes:
        return
    call.workspace.push_event(
        {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": after.channel,
            "channel_type": "im",
            "message": after.body,
            "previous_message": before.body,
            "ts": after.ts,
            "event_ts": f"{call.workspace.clock():.6f}",
        }
    )


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "chat.update": Method(update, "chat:write"),
    "chat.delete": Method(delete, "chat:write"),
    "chat.getPermalink": Method(get_permalink),
}
