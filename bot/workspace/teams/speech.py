"""What people do with words: say, edit, take back, react; the bot hears what Teams tells."""

from bot.workspace.teams import activities, limits, mentions
from bot.workspace.teams.messages import Message
from bot.workspace.teams.roster import Conversation, Person
from bot.workspace.teams.side import TeamsSide
from bot.workspace.wire import Json, Refused

REACTIONS = ("like", "heart", "laugh", "surprised", "sad", "angry")


def say(
    side: TeamsSide, person: Person, conversation: Conversation, typed: str, thread: str | None
) -> Message:
    """Post a person's message; the bot is told where it is mentioned, or in private."""
    words = _words(side, typed)
    root = _root(side, conversation, thread)
    body = {"alias": person.alias, "name": person.name, **words}
    message = side.messages.post(conversation.id, root, body, side.clock())
    side.show(message)
    if _hears(conversation, message):
        scene = side.scene(conversation, message.thread, person)
        side.outbox.push(activities.message(scene, message))
    return message


def edit(
    side: TeamsSide, person: Person, conversation: Conversation, message: Message, typed: str
) -> None:
    """Change one's own message."""
    words = _words(side, typed)
    _require_own(message, person)
    changed = side.messages.change(message, {**words, "is_edited": True})
    side.show(changed)
    if _hears(conversation, message) or _hears(conversation, changed):
        scene = side.scene(conversation, message.thread, person)
        side.outbox.push(activities.edited(scene, changed))


def delete(side: TeamsSide, person: Person, conversation: Conversation, message: Message) -> None:
    """Take one's own message back; what it said is gone."""
    _require_own(message, person)
    changed = side.messages.change(message, {"text": "", "mentions": [], "is_deleted": True})
    side.show(changed)
    if _hears(conversation, message):
        scene = side.scene(conversation, message.thread, person)
        side.outbox.push(activities.deleted(scene, changed))


def react(
    side: TeamsSide,
    person: Person,
    conversation: Conversation,
    message: Message,
    kind: str,
    *,
    is_added: bool,
) -> None:
    """Put a reaction on a message or take it off; the bot hears of those on its own messages."""
    if kind not in REACTIONS:
        raise Refused(f"There is no reaction {kind!r}; there are: {', '.join(REACTIONS)}.")
    those = set(message.body["reactions"].get(kind, []))
    if (person.alias in those) == is_added:
        return
    those ^= {person.alias}
    reactions = {**message.body["reactions"], kind: sorted(those)}
    reactions = {name: aliases for name, aliases in reactions.items() if aliases}
    side.show(side.messages.change(message, {"reactions": reactions}))
    if message.is_bots and conversation.has_bot:
        scene = side.scene(conversation, message.thread, person)
        side.outbox.push(activities.reaction(scene, message, kind, is_added=is_added))


def _hears(conversation: Conversation, message: Message) -> bool:
    """Whether the bot is told of a message."""
    is_for_it = conversation.kind == "personal" or mentions.BOT in message.mentions
    return conversation.has_bot and is_for_it


def _words(side: TeamsSide, typed: str) -> Json:
    """What was typed as a message keeps it: its text and who is mentioned."""
    text, found = mentions.find(_checked(typed), side.roster.people())
    return {"text": text, "mentions": [vars(each) for each in found]}


def _checked(typed: str) -> str:
    if not typed.strip():
        raise Refused("There is nothing to send: the message is empty.")
    if len(typed) > limits.PERSON_TEXT_CHARACTERS:
        raise Refused(
            f"The message has {len(typed):,} characters; at most "
            f"{limits.PERSON_TEXT_CHARACTERS:,} fit. Shorten it.",
            413,
        )
    return typed.strip()


def _root(side: TeamsSide, conversation: Conversation, thread: str | None) -> str | None:
    """The thread that a message goes to: None begins one, and only channels have any."""
    if conversation.kind != "channel":
        if thread:
            raise Refused(f"{conversation.name} has no threads; say it there without one.")
        return ""
    if not thread:
        return None
    parent = side.messages.get(conversation.id, thread)
    if parent is None:
        raise Refused("The message that this thread hangs on is gone.", 404)
    return parent.thread


def _require_own(message: Message, person: Person) -> None:
    if message.body["alias"] != person.alias:
        raise Refused("That is somebody else's message.", 403)
    if message.body.get("is_deleted"):
        raise Refused("That message was taken back.", 409)
