"""What the Teams page and the terminal client ask: the state, live changes, what a person does.

Every path is under /page/api/teams/. `as` is an alias ("agent"), an Entra object id or a "29:..."
address. `conversation` is an id, a name ("support-ops", "Returns") or "personal" (the person's own
with the bot). Answers are `{"ok": true, ...}` or `{"ok": false, "error": text, "errors": {input
id: text}}` (status 422 when inputs are missing or wrong). 404 everywhere: Teams is not on.

GET  state?as=      {epoch, number, tenant_id, team: {id, name}, me: Person, is_bot_there,
                     bot: {id, name}, people: [Person], conversations: [Conversation],
                     messages: {conversation id: [Message]}, dialog: Dialog | null,
                     commands: [{title, description}], extensions: [{command_id, title}]}
GET  messages?as=&conversation=&before=<message id>     {messages: [Message]}, oldest first
GET  recent?as=[&conversation=]                         {messages: [Message]}, newest first
POST refresh {as[, conversation]}                       {refreshed: n}: ask after the cards that
     refresh by themselves for this person, as a client does that shows them. Call it on load, and
     after each teams_message whose `refresh` is true: what is not due is not asked.
POST say {as, conversation, text[, thread]}             {conversation, id, thread}; "@Assent" in the
     text is the mention, people are by "@Lee Park" or "@lead"; `thread` is a root's id (channels
     alone have threads)
POST edit {as, conversation, message, text}             {}
POST delete {as, conversation, message}                 {}
POST react {as, conversation, message, reaction, is_added}   {}; reaction: like, heart, laugh,
     surprised, sad, angry
POST press {as, conversation, message, action, version[, inputs][, is_old_client]}
                    {answer: Answer}; `action` is the button's place in the card, a JSON pointer:
     "/actions/0", "/body/3/actions/1", "/body/2/selectAction", "/actions/2/card/actions/0" (inside
     a ShowCard); `version` is that of the message as it was shown (409 when it is another by now);
     `inputs` is {input id: text}, a toggle's its valueOn or valueOff, a choice's its value (several
     with commas). `is_old_client` uses an Action.Execute's fallback. Action.OpenUrl, ShowCard and
     ToggleVisibility are the page's own.
POST extension {as, conversation, message[, command]}   {answer}: of a message's menu
POST dialog/submit {as, dialog, action[, inputs]}       {answer}; `action` as above, in its card
POST dialog/close {as, dialog}                          {}
POST install {as, conversation, is_in}                  {}: add the bot, or remove it

Person        {alias, name, given_name, object_id, address, email, role: "user"|"guest", tenant_id}
Conversation  {id, name, kind: "channel"|"group"|"personal", has_bot, members: [alias]}
Message       {conversation, id, thread, from: {alias (null: the bot), name}, is_bot, at (ms since
               1970), text, text_format: "plain"|"markdown", card: Adaptive Card | null, version,
               is_own_view (this card is this person's alone), refresh (bool: it asks for automatic
               refresh, and for this person), said: {kind: "message"|"error", text} | null (what
               the last press answered, for this person alone), summary, is_edited, is_deleted,
               reactions: {reaction: [alias]}}
              `thread` is the root's id in a channel (a root's: its own id), "" elsewhere. A
              person's `text` shows mentions as "@Assent"; a bot's is Markdown.
Dialog        {id, title, height, width (a number of pixels or "small"|"medium"|"large"), card,
               version}
Answer        {kind: "card" (this person's view was replaced) | "message" (text) | "error" (text) |
               "dialog" (it is open: see state.dialog or the feed) | "closed" | "sent" (a plain
               Action.Submit: nothing is answered) | "changed" (the card was drawn anew meanwhile:
               nothing was sent), text}

Live changes come over /page/api/feed?as=<alias>&epoch=&after= beside the Slack side's, already
meant for the person who listens:
  teams_message      a Message, new or changed, as this person sees it
  teams_removed      {conversation, id}: gone entirely (the bot deleted its message)
  teams_dialog       {dialog: Dialog | null}
  teams_conversation a Conversation: the bot came or went, a personal chat began
  teams_presence     {is_there}
"""

from aiohttp import web

from bot.workspace.teams import installs, limits, presses, refreshing, seed, speech
from bot.workspace.teams.messages import Message
from bot.workspace.teams.roster import Conversation, Person
from bot.workspace.teams.routes import SIDE, json_answer
from bot.workspace.teams.side import TeamsSide
from bot.workspace.wire import Json, Refused, object_from

# What the app package's command menu offers; a person may also write them after the mention.
COMMANDS = (
    {"title": "help", "description": "What can be asked here, with an example of each"},
    {"title": "status", "description": "What is open, the ledger, the policies in force"},
    {"title": "digest", "description": "The report of the day so far"},
    {"title": "run", "description": "One run as it stands: run R-1001"},
    {"title": "batch", "description": "What waits for you, side by side, to approve together"},
    {"title": "home", "description": "What waits for you and what you asked for"},
    {"title": "review", "description": "Your word on what ran by itself: right, or wrong and why"},
    {"title": "away", "description": "Who decides while you are away: away until 2026-12-24, @Lee"},
    {"title": "back", "description": "You decide again yourself"},
)


async def state(request: web.Request) -> web.Response:
    """GET state."""
    side, person = _seer(request)
    conversations = side.roster.conversations_of(person.alias)
    dialog = side.dialogs.of(person)
    return _ok(
        {
            "epoch": side.feed.epoch,
            "number": side.feed.number,
            "tenant_id": seed.TENANT_ID,
            "team": {"id": seed.TEAM_ID, "name": seed.TEAM_NAME},
            "me": person.shown(),
            "bot": {"id": seed.BOT_ID, "name": seed.BOT_NAME},
            "is_bot_there": side.endpoint.is_there,
            "people": [each.shown() for each in side.roster.people()],
            "conversations": [side.roster.shown(each) for each in conversations],
            "messages": {
                each.id: _shown(side, person, side.messages.history(each.id))
                for each in conversations
            },
            "dialog": dialog.shown() if dialog else None,
            "commands": list(COMMANDS),
            "extensions": list(presses.EXTENSIONS),
        }
    )


async def history(request: web.Request) -> web.Response:
    """GET messages."""
    side, person = _seer(request)
    conversation = side.roster.named(request.query.get("conversation", ""), person)
    found = side.messages.history(conversation.id, request.query.get("before"))
    return _ok({"messages": _shown(side, person, found)})


async def recent(request: web.Request) -> web.Response:
    """GET recent."""
    side, person = _seer(request)
    wanted = request.query.get("conversation")
    conversation_id = side.roster.named(wanted, person).id if wanted else None
    found = side.messages.newest(person.alias, conversation_id, limits.RECENT_MESSAGES)
    return _ok({"messages": _shown(side, person, found)})


async def refresh(request: web.Request) -> web.Response:
    """POST refresh."""
    side, person, body = await _doer(request)
    wanted = _text(body, "conversation")
    conversation_id = side.roster.named(wanted, person).id if wanted else None
    return _ok({"refreshed": await refreshing.refresh(side, person, conversation_id)})


async def say(request: web.Request) -> web.Response:
    """POST say."""
    side, person, body = await _doer(request)
    conversation = side.roster.named(_text(body, "conversation"), person)
    thread = _text(body, "thread") or None
    message = speech.say(side, person, conversation, _text(body, "text"), thread)
    return _ok({"conversation": conversation.id, "id": message.id, "thread": message.thread})


async def edit(request: web.Request) -> web.Response:
    """POST edit."""
    side, person, body = await _doer(request)
    conversation, message = _message(side, person, body)
    speech.edit(side, person, conversation, message, _text(body, "text"))
    return _ok({})


async def delete(request: web.Request) -> web.Response:
    """POST delete."""
    side, person, body = await _doer(request)
    conversation, message = _message(side, person, body)
    speech.delete(side, person, conversation, message)
    return _ok({})


async def react(request: web.Request) -> web.Response:
    """POST react."""
    side, person, body = await _doer(request)
    conversation, message = _message(side, person, body)
    kind, is_added = _text(body, "reaction"), bool(body.get("is_added", True))
    speech.react(side, person, conversation, message, kind, is_added=is_added)
    return _ok({})


async def press(request: web.Request) -> web.Response:
    """POST press."""
    side, person, body = await _doer(request)
    conversation, message = _message(side, person, body)
    return _ok({"answer": await presses.press(side, person, conversation, message, body)})


async def extension(request: web.Request) -> web.Response:
    """POST extension."""
    side, person, body = await _doer(request)
    conversation, message = _message(side, person, body)
    command = _text(body, "command") or str(presses.EXTENSIONS[0]["command_id"])
    return _ok({"answer": await presses.extend(side, person, conversation, message, command)})


async def submit(request: web.Request) -> web.Response:
    """POST dialog/submit."""
    side, person, body = await _doer(request)
    dialog = side.dialogs.of(person)
    if dialog is None or dialog.id != _text(body, "dialog"):
        raise Refused("That dialog is closed.", 404)
    given = body.get("inputs")
    inputs = given if isinstance(given, dict) else {}
    answer = await presses.submit_dialog(side, person, dialog, _text(body, "action"), inputs)
    return _ok({"answer": answer})


async def close(request: web.Request) -> web.Response:
    """POST dialog/close."""
    side, person, body = await _doer(request)
    dialog = side.dialogs.of(person)
    if dialog is not None and dialog.id == _text(body, "dialog"):
        side.dialogs.close(person)
    return _ok({})


async def install(request: web.Request) -> web.Response:
    """POST install."""
    side, person, body = await _doer(request)
    conversation = side.roster.named(_text(body, "conversation"), person)
    installs.set_bot(side, person, conversation, is_in=bool(body.get("is_in")))
    return _ok({})


def _shown(side: TeamsSide, person: Person, messages: list[Message]) -> list[Json]:
    return [side.messages.shown(message, person) for message in messages]


def _seer(request: web.Request) -> tuple[TeamsSide, Person]:
    side = request.app[SIDE]
    return side, side.roster.acting(request.query.get("as", "agent"))


async def _doer(request: web.Request) -> tuple[TeamsSide, Person, Json]:
    side = request.app[SIDE]
    try:
        body = object_from(await request.read())
    except ValueError as error:
        raise Refused(f"The request is not a JSON object: {error}.") from error
    return side, side.roster.acting(_text(body, "as")), body


def _message(side: TeamsSide, person: Person, body: Json) -> tuple[Conversation, Message]:
    conversation = side.roster.named(_text(body, "conversation"), person)
    message = side.messages.get(conversation.id, _text(body, "message"))
    if message is None:
        raise Refused("That message is gone.", 404)
    return conversation, message


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _ok(body: Json) -> web.Response:
    return json_answer({"ok": True, **body})


_AT = "/page/api/teams"
ROUTES = [
    web.get(f"{_AT}/state", state),
    web.get(f"{_AT}/messages", history),
    web.get(f"{_AT}/recent", recent),
    web.post(f"{_AT}/refresh", refresh),
    web.post(f"{_AT}/say", say),
    web.post(f"{_AT}/edit", edit),
    web.post(f"{_AT}/delete", delete),
    web.post(f"{_AT}/react", react),
    web.post(f"{_AT}/press", press),
    web.post(f"{_AT}/extension", extension),
    web.post(f"{_AT}/dialog/submit", submit),
    web.post(f"{_AT}/dialog/close", close),
    web.post(f"{_AT}/install", install),
]
