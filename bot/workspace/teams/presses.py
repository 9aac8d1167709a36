"""What people do with cards: press a button, submit a dialog, use the message extension.

What was pressed is taken from the stored card that this person sees; what the bot answers is done
as Teams does it: a card replaces the message for this person alone, a message or error is shown.
"""

from dataclasses import replace

from bot.workspace.teams import activities, card_parts
from bot.workspace.teams.activities import Scene
from bot.workspace.teams.card_check import check_card
from bot.workspace.teams.dialogs import Dialog, Origin
from bot.workspace.teams.messages import CARD, Message, OwnView
from bot.workspace.teams.roster import Conversation, Person
from bot.workspace.teams.side import TeamsSide
from bot.workspace.wire import Json, Refused

# The message extension's command of the app package: what a message's menu offers.
EXTENSIONS = ({"command_id": "ask", "title": "Ask Assent to do this"},)
MESSAGE = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"
_THEME = {"theme": "default"}
SENT: Json = {"kind": "sent", "text": ""}
# Nobody's fault: the bot drew the card anew while it was pressed. The page presses the newer one.
CHANGED: Json = {
    "kind": "changed",
    "text": "The card has changed since you looked. Look at it again.",
}


async def press(
    side: TeamsSide,
    person: Person,
    conversation: Conversation,
    message: Message,
    pressed: Json,
) -> Json:
    """Press a button of a message; the page's Answer. `pressed` is what the page said of it."""
    card = side.messages.seen_card(message, person.alias)
    if card is None or message.body.get("is_deleted"):
        raise Refused("That message has no card.", 404)
    if pressed.get("version") != card_parts.version_of(card):
        return CHANGED
    placed = card_parts.action_at(card, str(pressed.get("action")))
    action = _for_client(placed.action, is_old=bool(pressed.get("is_old_client")))
    placed = replace(placed, action=action)
    data = card_parts.data_of(action, card_parts.submitted(placed, _given(pressed)))
    scene = side.scene(conversation, message.thread, person)
    if placed.kind == "Action.Execute":
        return await execute(side, scene, message, action, data)
    if placed.kind == "Action.Submit":
        return await _submit(side, scene, message, data)
    raise Refused("That button is for the client itself; nothing is sent.")


async def execute(
    side: TeamsSide,
    scene: Scene,
    message: Message,
    action: Json,
    data: Json,
    trigger: str = "manual",
) -> Json:
    """Send an Action.Execute and show what the bot answers to the person who pressed."""
    value = activities.execute_value(action, data, trigger)
    reply = await side.ask(activities.invoke(scene, "adaptiveCard/action", value, message.id))
    answer = _answer(reply.body)
    _apply(side, scene.person, message, answer)
    return {"kind": answer["kind"], "text": answer["text"]}


async def submit_dialog(
    side: TeamsSide, person: Person, dialog: Dialog, at: str, given: Json
) -> Json:
    """Submit a dialog; the page's Answer."""
    placed = card_parts.action_at(dialog.card, at)
    if placed.kind != "Action.Submit":
        raise Refused(f"Teams knows no {placed.kind} in a dialog.")
    data = card_parts.data_of(placed.action, card_parts.submitted(placed, given))
    origin = dialog.origin
    conversation = _conversation(side, origin)
    scene = side.scene(conversation, origin.thread, person)
    if origin.command:
        value = _extension_value(side, origin)
        activity = activities.invoke(
            scene, "composeExtension/submitAction", {**value, "data": data}
        )
    else:
        activity = activities.invoke(scene, "task/submit", {"data": data, "context": _THEME})
    reply = await side.ask(activity)
    return side.dialogs.follow(person, origin, reply.body)


async def extend(
    side: TeamsSide, person: Person, conversation: Conversation, message: Message, command: str
) -> Json:
    """Use the message extension's command on a message; the page's Answer."""
    if command not in [each["command_id"] for each in EXTENSIONS]:
        raise Refused(f"There is no command {command!r} on messages.", 404)
    if message.body.get("is_deleted"):
        raise Refused("That message was taken back.", 409)
    origin = Origin(conversation.id, message.id, message.thread, command)
    scene = side.scene(conversation, message.thread, person)
    value = _extension_value(side, origin)
    reply = await side.ask(activities.invoke(scene, "composeExtension/fetchTask", value))
    return side.dialogs.follow(person, origin, reply.body)


async def _submit(side: TeamsSide, scene: Scene, message: Message, data: Json) -> Json:
    asks = data.get("msteams")
    kind = asks.get("type") if isinstance(asks, dict) else None
    if kind == "task/fetch":
        value = {"data": data, "context": _THEME}
        reply = await side.ask(activities.invoke(scene, "task/fetch", value, message.id))
        origin = Origin(message.conversation, message.id, message.thread)
        return side.dialogs.follow(scene.person, origin, reply.body)
    if kind is not None:
        raise Refused(f"This workspace knows no msteams.type {kind!r}; it knows task/fetch.", 502)
    side.outbox.push(activities.submitted(scene, data, message.id))
    return SENT


def _for_client(action: Json, *, is_old: bool) -> Json:
    """The action that a client uses: one that does not know Action.Execute takes its fallback."""
    if not is_old or action["type"] != "Action.Execute":
        return action
    fallback = action.get("fallback")
    if not isinstance(fallback, dict):
        raise Refused("An old client does not show that button: it has no fallback.", 409)
    return fallback


def _answer(body: object) -> Json:
    """The bot's answer to an Action.Execute: {kind, text, card}. Refused for no answer at all."""
    if not isinstance(body, dict):
        raise Refused("Something went wrong. Please try again. (The bot's answer is empty.)", 502)
    kind, value = body.get("type"), body.get("value")
    if kind == CARD:
        faults = check_card(value)
        if faults:
            raise Refused(f"Assent answered with a card that Teams refuses: {faults[0]}.", 502)
        return {"kind": "card", "text": "", "card": value}
    if kind == MESSAGE and isinstance(value, str):
        return {"kind": "message", "text": value, "card": None}
    if kind == ERROR and isinstance(value, dict) and isinstance(value.get("message"), str):
        return {"kind": "error", "text": value["message"], "card": None}
    raise Refused(
        f"Something went wrong. Please try again. (The bot answered with type {kind!r}.)", 502
    )


def _apply(side: TeamsSide, person: Person, message: Message, answer: Json) -> None:
    now = side.messages.get(message.conversation, message.id)
    if now is None:
        return  # the bot deleted the message while it answered
    view = side.messages.own_view(now, person.alias)
    if answer["kind"] == "card":
        view = OwnView(answer["card"])
    else:
        said = {"kind": answer["kind"], "text": answer["text"]}
        view = OwnView(view.card, said)
    side.messages.set_own_view(now, person.alias, view)
    # learn.microsoft.com: no automatic refresh within a minute of the last invoke.
    side.refreshed[now.conversation, now.id, person.alias] = (side.clock(), now.revision)
    side.show_to(now, person)


def _extension_value(side: TeamsSide, origin: Origin) -> Json:
    message = side.messages.get(origin.conversation, origin.message)
    if message is None:
        raise Refused("That message is gone.", 404)
    alias = message.body["alias"]
    author = side.roster.person(alias) if alias else None
    return {
        "commandId": origin.command,
        "commandContext": "message",
        "context": _THEME,
        "messagePayload": activities.message_payload(message, author),
    }


def _conversation(side: TeamsSide, origin: Origin) -> Conversation:
    conversation = side.roster.conversation(origin.conversation)
    assert conversation is not None
    return conversation


def _given(pressed: Json) -> Json:
    given = pressed.get("inputs")
    return given if isinstance(given, dict) else {}
