"""The connector protocol: what a bot may do in conversations, under /teams/v3/.

After learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference, as
strict as Teams: only where the bot was added, its own messages alone, at Teams' pace and size.
"""

import base64
import re
from dataclasses import dataclass

from aiohttp import web

from bot.workspace.teams import limits, seed
from bot.workspace.teams.card_check import check_card
from bot.workspace.teams.messages import CARD, Message
from bot.workspace.teams.roster import Conversation, Person
from bot.workspace.teams.routes import ConnectorError, answering, authorized, json_answer
from bot.workspace.teams.side import TeamsSide
from bot.workspace.wire import Json, object_from


@answering("create")
async def create(request: web.Request) -> web.Response:
    """POST /v3/conversations: a new thread in a channel, or a person's own conversation."""
    side = authorized(request)
    body = await _body(request)
    channel_data = _object(body, "channelData")
    channel_id = _object(channel_data, "channel").get("id")
    if channel_id is not None:
        place = _place(side, str(channel_id))
        if place.conversation.kind != "channel" or place.thread:
            raise ConnectorError(400, message="channelData.channel.id is no channel.")
        message = _post(side, place, body.get("activity"))
        thread = f"{place.conversation.id};messageid={message.thread}"
        return json_answer({"id": thread, "activityId": message.id}, 201)
    return json_answer({"id": _personal(side, body, channel_data).id}, 201)


@answering("send")
async def send(request: web.Request) -> web.Response:
    """POST /v3/conversations/{id}/activities."""
    side = authorized(request)
    place = _place(side, request.match_info["conversation"])
    message = _post(side, place, await _body(request))
    return json_answer({"id": message.id}, 201)


@answering("reply")
async def reply(request: web.Request) -> web.Response:
    """POST /v3/conversations/{id}/activities/{activity}: into the thread of that message."""
    side = authorized(request)
    place = _place(side, request.match_info["conversation"])
    answered = side.messages.get(place.conversation.id, request.match_info["activity"])
    if answered is not None and not place.thread:
        place = _Place(place.conversation, answered.thread)
    message = _post(side, place, await _body(request))
    return json_answer({"id": message.id}, 201)


@answering("update")
async def update(request: web.Request) -> web.Response:
    """PUT /v3/conversations/{id}/activities/{activity}: replaces the message for everybody."""
    side = authorized(request)
    place = _place(side, request.match_info["conversation"])
    message = _own(side, place, request.match_info["activity"])
    activity = _checked(await _body(request))
    _take_pace(side, place)
    fields = {"activity": activity, "is_edited": True, "revision": message.revision + 1}
    side.messages.forget_own_views(message)
    side.show(side.messages.change(message, fields))
    return json_answer({"id": message.id})


@answering("delete")
async def delete(request: web.Request) -> web.Response:
    """DELETE /v3/conversations/{id}/activities/{activity}."""
    side = authorized(request)
    place = _place(side, request.match_info["conversation"])
    message = _own(side, place, request.match_info["activity"])
    _take_pace(side, place)
    side.messages.remove(message)
    gone = {"conversation": message.conversation, "id": message.id}
    for person in side.roster.members(message.conversation):
        side.feed.publish("teams_removed", gone, audience=person.feed_id)
    return web.Response(status=200)


@answering("members")
async def members(request: web.Request) -> web.Response:
    """GET /v3/conversations/{id}/members."""
    side = authorized(request)
    place = _place(side, request.match_info["conversation"])
    found = side.roster.members(place.conversation.id)
    return json_answer([person.member() for person in found])


@answering("pagedmembers")
async def paged_members(request: web.Request) -> web.Response:
    """GET /v3/conversations/{id}/pagedmembers?pageSize=&continuationToken=."""
    side = authorized(request)
    place = _place(side, request.match_info["conversation"])
    found = side.roster.members(place.conversation.id)
    size = _page_size(side, request.query.get("pageSize"))
    start = _continued(request.query.get("continuationToken"))
    page: Json = {"members": [person.member() for person in found[start : start + size]]}
    if start + size < len(found):
        page["continuationToken"] = base64.urlsafe_b64encode(f"{start + size}".encode()).decode()
    return json_answer(page)


@answering("member")
async def member(request: web.Request) -> web.Response:
    """GET /v3/conversations/{id}/members/{member}: by address or object id."""
    side = authorized(request)
    place = _place(side, request.match_info["conversation"])
    wanted = request.match_info["member"]
    for person in side.roster.members(place.conversation.id):
        if wanted in (person.address, person.object_id):
            return json_answer(person.member())
    raise ConnectorError(404, "MemberNotFoundInConversation", "Member not found in conversation.")


@dataclass(frozen=True)
class _Place:
    """A conversation that the bot is in, and a thread of it ("" for none)."""

    conversation: Conversation
    thread: str


def _place(side: TeamsSide, reference: str) -> _Place:
    conversation_id, mark, thread = reference.partition(";messageid=")
    conversation = side.roster.conversation(conversation_id)
    if conversation is None:
        raise ConnectorError(404)
    if not conversation.has_bot:
        raise ConnectorError(403)
    if mark and (
        conversation.kind != "channel" or side.messages.get(conversation.id, thread) is None
    ):
        raise ConnectorError(404, message=f"There is no thread {thread!r} in that conversation.")
    return _Place(conversation, thread)


def _post(side: TeamsSide, place: _Place, given: object) -> Message:
    activity = _checked(given)
    _take_pace(side, place)
    body = {"alias": None, "name": seed.BOT_NAME, "activity": activity}
    if activity["type"] == "typing":
        return Message(place.conversation.id, side.messages.next_id(side.clock()), "", body)
    is_new_thread = place.conversation.kind == "channel" and not place.thread
    thread = None if is_new_thread else place.thread
    message = side.messages.post(place.conversation.id, thread, body, side.clock())
    side.show(message)
    return message


def _personal(side: TeamsSide, body: Json, channel_data: Json) -> Conversation:
    """The personal conversation with the one member that a bot names."""
    # botbuilder spells it tenantID; the service reads names whatever their case.
    tenant = (
        body.get("tenantId") or body.get("tenantID") or _object(channel_data, "tenant").get("id")
    )
    if tenant != seed.TENANT_ID:
        raise ConnectorError(403, "Forbidden", "The bot is not enabled in that tenant.")
    given = body.get("members")
    if not isinstance(given, list) or len(given) != 1 or body.get("isGroup"):
        raise ConnectorError(400, message="A bot begins a conversation with exactly one member.")
    if body.get("activity") is not None:
        raise ConnectorError(400, message="Begin the conversation first, then send into it.")
    person = _member(side, given[0])
    conversation = side.roster.conversation(seed.personal(person.alias)) if person else None
    if conversation is None:
        raise ConnectorError(404, "MemberNotFound", "There is no such user in the tenant.")
    if not conversation.has_bot:
        raise ConnectorError(403, "Forbidden", "The user does not have the bot installed.")
    return conversation


def _member(side: TeamsSide, given: object) -> Person | None:
    wanted = given.get("id") if isinstance(given, dict) else None
    person = side.roster.person(wanted) if isinstance(wanted, str) else None
    return None if person is None or wanted == person.alias else person


def _own(side: TeamsSide, place: _Place, message_id: str) -> Message:
    message = side.messages.get(place.conversation.id, message_id)
    if message is None:
        raise ConnectorError(404, "ActivityNotFoundInConversation", "Activity not found.")
    if not message.is_bots:
        raise ConnectorError(403, "Forbidden", "The bot may change its own messages alone.")
    return message


def _take_pace(side: TeamsSide, place: _Place) -> None:
    wait_seconds = side.pace.take(place.conversation.id)
    if wait_seconds:
        raise ConnectorError(429, wait_seconds=wait_seconds)


def _checked(given: object) -> Json:
    """An activity that Teams would show, as it is stored; ConnectorError 400 says what is wrong."""
    if not isinstance(given, dict):
        raise ConnectorError(400, message="There is no activity.")
    if given.get("type") == "typing":
        return {"type": "typing"}
    if given.get("type") != "message":
        raise ConnectorError(400, message=f"A bot cannot send a {given.get('type')!r} here.")
    attachments = given.get("attachments") or []
    text = given.get("text") or ""
    if not isinstance(attachments, list) or not isinstance(text, str):
        raise ConnectorError(400, "BadSyntax", "text is text, attachments are a list.")
    if not text.strip() and not attachments:
        raise ConnectorError(400, message="A message needs text or an attachment.")
    if len(attachments) > 1:
        raise ConnectorError(400, message="This workspace shows one card a message.")
    for attachment in attachments:
        _check_attachment(attachment)
    kept = ("type", "text", "textFormat", "summary", "attachments", "entities", "importance")
    return {name: given[name] for name in kept if given.get(name)}


def _check_attachment(attachment: object) -> None:
    kind = attachment.get("contentType") if isinstance(attachment, dict) else None
    if not isinstance(attachment, dict) or kind != CARD:
        raise ConnectorError(400, message=f"This workspace shows {CARD} alone, not {kind!r}.")
    faults = check_card(attachment.get("content"))
    if faults:
        shown = "; ".join(faults[:10])
        raise ConnectorError(400, "BadSyntax", f"The Adaptive Card is not valid: {shown}")


async def _body(request: web.Request) -> Json:
    content = await request.read()
    if len(content) > limits.MESSAGE_BYTES:
        raise ConnectorError(413)
    try:
        return object_from(content)
    except ValueError as error:
        raise ConnectorError(400, "BadSyntax", f"The body is no JSON object: {error}.") from error


def _page_size(side: TeamsSide, given: str | None) -> int:
    is_number = given is not None and re.fullmatch("[0-9]{1,6}", given)
    wanted = int(given) if given and is_number else limits.ROSTER_PAGE_MAX
    wanted = max(limits.ROSTER_PAGE_MIN, min(wanted, limits.ROSTER_PAGE_MAX))
    return min(wanted, side.roster_page)


def _continued(token: str | None) -> int:
    if not token:
        return 0
    try:
        start = base64.urlsafe_b64decode(token)
    except ValueError:
        start = b""
    if not re.fullmatch(b"[0-9]{1,6}", start):
        raise ConnectorError(400, message="That continuation token is not ours.")
    return int(start)


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


_ACTIVITIES = "/teams/v3/conversations/{conversation}/activities"
_MEMBERS = "/teams/v3/conversations/{conversation}"
ROUTES = [
    web.post("/teams/v3/conversations", create),
    web.post(_ACTIVITIES, send),
    web.post(_ACTIVITIES + "/{activity}", reply),
    web.put(_ACTIVITIES + "/{activity}", update),
    web.delete(_ACTIVITIES + "/{activity}", delete),
    web.get(_MEMBERS + "/members", members),
    web.get(_MEMBERS + "/pagedmembers", paged_members),
    web.get(_MEMBERS + "/members/{member}", member),
]
