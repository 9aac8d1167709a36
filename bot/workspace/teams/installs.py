"""The bot comes into a conversation or leaves it, and the same for people."""

from bot.workspace.teams import activities
from bot.workspace.teams.roster import Conversation, Person
from bot.workspace.teams.side import TeamsSide


def set_bot(side: TeamsSide, person: Person, conversation: Conversation, *, is_in: bool) -> None:
    """Somebody adds the bot to a conversation, or removes it; it is told of both."""
    if conversation.has_bot == is_in:
        return
    side.roster.set_bot(conversation.id, is_in=is_in)
    side.tell_installed(conversation, person, is_in=is_in)
    side.show_conversation(conversation.id)


def set_member(side: TeamsSide, person: Person, conversation: Conversation, *, is_in: bool) -> None:
    """A person comes into a conversation, or leaves it; a bot that is there is told."""
    if side.roster.is_member(conversation.id, person.alias) == is_in:
        return
    side.roster.set_member(conversation.id, person.alias, is_in=is_in)
    if conversation.has_bot:
        scene = side.scene(conversation, "", person)
        account = {"id": person.address, "aadObjectId": person.object_id}
        side.outbox.push(activities.members_changed(scene, [account], is_in=is_in))
    side.show_conversation(conversation.id)
