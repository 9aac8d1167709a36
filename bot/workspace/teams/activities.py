"""What the bot receives: activities in the shapes of Teams. Pure.

After learn.microsoft.com/microsoftteams/platform/bots: conversation basics, universal actions,
dialogs and message extensions.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.workspace.teams import mentions, seed
from bot.workspace.teams.messages import Message
from bot.workspace.teams.roster import Conversation, Person
from bot.workspace.wire import Json

LOCALE = "en-US"
TIME_ZONE = "America/New_York"
BOT: Mapping[str, str] = {"id": seed.BOT_ID, "name": seed.BOT_NAME}


@dataclass(frozen=True)
class Scene:
    """Where, who and when: what every activity begins with."""

    service_url: str
    conversation: Conversation
    thread: str
    person: Person
    now: float

    def activity(self, kind: str) -> Json:
        """An activity of this scene without its content."""
        moment = datetime.fromtimestamp(self.now, UTC)
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "type": kind,
            "timestamp": stamp,
            "localTimestamp": stamp,
            "localTimezone": TIME_ZONE,
            "locale": LOCALE,
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": self.person.account(),
            "recipient": dict(BOT),
            "conversation": conversation_account(self.conversation, self.thread),
            "channelData": channel_data(self.conversation),
        }


def conversation_account(conversation: Conversation, thread: str) -> Json:
    """A conversation as activities name it; in a channel with the thread it is about."""
    place = f"{conversation.id};messageid={thread}" if thread else conversation.id
    account: Json = {
        "conversationType": {"group": "groupChat"}.get(conversation.kind, conversation.kind),
        "tenantId": seed.TENANT_ID,
        "id": place,
    }
    if conversation.kind != "personal":
        account["isGroup"] = True
    if conversation.kind == "group":
        account["name"] = conversation.name
    return account


def channel_data(conversation: Conversation) -> Json:
    """What Teams adds to an activity."""
    data: Json = {"tenant": {"id": seed.TENANT_ID}}
    if conversation.kind == "channel":
        data.update(
            teamsChannelId=conversation.id,
            teamsTeamId=seed.TEAM_ID,
            channel={"id": conversation.id},
            team={"id": seed.TEAM_ID},
        )
    return data


def message(scene: Scene, said: Message) -> Json:
    """A person's message."""
    activity = scene.activity("message")
    activity.update(
        id=said.id,
        text=mentions.marked(said.text, said.mentions),
        textFormat="plain",
        attachments=[
            {"contentType": "text/html", "content": mentions.rich(said.text, said.mentions)}
        ],
        entities=[*mentions.entities(said.mentions), _client_info()],
    )
    return activity


def edited(scene: Scene, said: Message) -> Json:
    """A person's message, changed by them."""
    activity = message(scene, said)
    activity["type"] = "messageUpdate"
    activity["channelData"] = {**activity["channelData"], "eventType": "editMessage"}
    return activity


def deleted(scene: Scene, said: Message) -> Json:
    """A person's message, taken back by them."""
    activity = scene.activity("messageDelete")
    activity["id"] = said.id
    activity["channelData"] = {**activity["channelData"], "eventType": "softDeleteMessage"}
    return activity


def reaction(scene: Scene, on: Message, kind: str, *, is_added: bool) -> Json:
    """A reaction to a message of the bot."""
    activity = scene.activity("messageReaction")
    what = "reactionsAdded" if is_added else "reactionsRemoved"
    activity.update({"id": f"f:{uuid.uuid4()}", "replyToId": on.id, what: [{"type": kind}]})
    return activity


def members_changed(scene: Scene, accounts: list[Json], *, is_in: bool) -> Json:
    """People or the bot came into a conversation, or left it."""
    activity = scene.activity("conversationUpdate")
    activity["id"] = f"f:{uuid.uuid4()}"
    activity["membersAdded" if is_in else "membersRemoved"] = accounts
    if scene.conversation.kind == "channel":
        event = "teamMemberAdded" if is_in else "teamMemberRemoved"
        team = {"id": seed.TEAM_ID, "name": seed.TEAM_NAME}
        activity["channelData"] = {**activity["channelData"], "eventType": event, "team": team}
    return activity


def installed(scene: Scene, *, is_in: bool) -> Json:
    """The app was installed in a conversation, or removed from it."""
    activity = scene.activity("installationUpdate")
    activity["id"] = f"f:{uuid.uuid4()}"
    activity["action"] = "add" if is_in else "remove"
    return activity


def invoke(scene: Scene, name: str, value: Json, reply_to: str = "") -> Json:
    """Something that a person waits for; `reply_to` is the message it was pressed on."""
    activity = scene.activity("invoke")
    activity.update(name=name, value=value, id=f"f:{uuid.uuid4()}", entities=[_client_info()])
    activity["channelData"] = {**activity["channelData"], "source": {"name": "message"}}
    if reply_to:
        activity["replyToId"] = reply_to
    return activity


def execute_value(action: Json, data: Json, trigger: str) -> Json:
    """The value of an adaptiveCard/action invoke."""
    told: Json = {"type": "Action.Execute", "data": data}
    for name in ("id", "verb"):
        if name in action:
            told[name] = action[name]
    return {"action": told, "trigger": trigger}


def submitted(scene: Scene, value: Json, reply_to: str) -> Json:
    """A plain Action.Submit: a message without words."""
    activity = scene.activity("message")
    activity.update(
        id=f"f:{uuid.uuid4()}", value=value, replyToId=reply_to, entities=[_client_info()]
    )
    return activity


def message_payload(said: Message, author: Person | None) -> Json:
    """A message as a message extension's action carries it."""
    user: Json | None = None
    application: Json | None = None
    if author is None:
        application = {
            "id": seed.APP_ID,
            "displayName": seed.BOT_NAME,
            "applicationIdentityType": "bot",
        }
    else:
        user = {
            "userIdentityType": "aadUser",
            "id": author.object_id,
            "displayName": author.name,
        }
    stamp = datetime.fromtimestamp(said.body["at"] / 1000, UTC)
    return {
        "id": said.id,
        "replyToId": said.thread if said.thread not in ("", said.id) else None,
        "createdDateTime": stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "lastModifiedDateTime": None,
        "deleted": False,
        "importance": "normal",
        "locale": LOCALE,
        "from": {"device": None, "conversation": None, "user": user, "application": application},
        "attachmentLayout": None,
        "attachments": [],
        "reactions": [],
        **mentions.payload(said.text, said.mentions),
    }


def _client_info() -> Json:
    return {
        "type": "clientInfo",
        "locale": LOCALE,
        "country": "US",
        "platform": "Web",
        "timezone": TIME_ZONE,
    }
