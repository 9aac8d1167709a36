"""Automatic refresh: a card that names somebody is asked after when that person looks at it."""

from bot.workspace.teams import card_parts, limits, presses
from bot.workspace.teams.messages import Message, refreshes_for
from bot.workspace.teams.roster import Person
from bot.workspace.teams.side import TeamsSide
from bot.workspace.wire import Json, Refused

# Ours: how many refreshes are remembered, the oldest go.
REMEMBERED = 10_000


async def refresh(side: TeamsSide, person: Person, conversation_id: str | None) -> int:
    """Refresh what is due of the newest cards that a person sees; how many were.

    Not more than once a minute for each person and card, unless the bot has changed the message. A
    bot that does not answer ends it: the cards stay as they are.
    """
    messages = side.messages.newest(person.alias, conversation_id, limits.RECENT_MESSAGES)
    refreshed = 0
    for message in messages:
        card = side.messages.seen_card(message, person.alias)
        if card is None or not refreshes_for(card, person.address):
            continue
        if not _is_due(side, message, person):
            continue
        try:
            await _refresh(side, message, person, card)
        except Refused:
            break
        refreshed += 1
        if refreshed >= limits.REFRESHED_CARDS:
            break
    return refreshed


async def _refresh(side: TeamsSide, message: Message, person: Person, card: Json) -> None:
    conversation = side.roster.conversation(message.conversation)
    assert conversation is not None
    action = card["refresh"]["action"]
    scene = side.scene(conversation, message.thread, person)
    data = card_parts.data_of(action, {})
    await presses.execute(side, scene, message, action, data, trigger="automatic")


def _is_due(side: TeamsSide, message: Message, person: Person) -> bool:
    """Whether it is time; it counts as refreshed from now on."""
    key = (message.conversation, message.id, person.alias)
    now, revision = side.clock(), message.revision
    last = side.refreshed.get(key)
    if last is not None and last[1] == revision and now - last[0] < limits.REFRESH_SECONDS:
        return False
    side.refreshed.pop(key, None)
    side.refreshed[key] = (now, revision)
    while len(side.refreshed) > REMEMBERED:
        del side.refreshed[next(iter(side.refreshed))]
    return True
