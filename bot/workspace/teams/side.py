"""The Teams side itself: its parts, and the few things that several of them do together."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.workspace.delivery import Outbox
from bot.workspace.feed import Feed
from bot.workspace.settings import WorkspaceSettings
from bot.workspace.storage import Storage
from bot.workspace.teams import activities, limits, seed
from bot.workspace.teams.activities import Scene
from bot.workspace.teams.delivery import BotEndpoint, Reply
from bot.workspace.teams.dialogs import Dialogs
from bot.workspace.teams.faults import Faults
from bot.workspace.teams.keys import Keys
from bot.workspace.teams.messages import Message, MessageLog
from bot.workspace.teams.pace import Pace
from bot.workspace.teams.roster import Conversation, Person, Roster
from bot.workspace.teams.schema import create_tables
from bot.workspace.teams.tokens import AccessTokens, ChannelTokens
from bot.workspace.wire import Json, Refused


@dataclass
class TeamsSide:
    """Everything that the Teams side of one running workspace holds."""

    settings: WorkspaceSettings
    storage: Storage
    feed: Feed
    roster: Roster
    messages: MessageLog
    dialogs: Dialogs
    keys: Keys
    channel_tokens: ChannelTokens
    access: AccessTokens
    pace: Pace
    faults: Faults
    endpoint: BotEndpoint
    outbox: Outbox
    clock: Callable[[], float]
    host: Callable[[], str]
    # When a card was last refreshed by itself: by conversation, message and alias.
    refreshed: dict[tuple[str, str, str], tuple[float, int]] = field(default_factory=dict)
    roster_page: int = limits.ROSTER_PAGE_MAX

    @property
    def service_url(self) -> str:
        """Where the bot reaches the connector."""
        return f"http://{self.host()}/teams/"

    def scene(self, conversation: Conversation, thread: str, person: Person) -> Scene:
        """What an activity of this person, there and now, begins with."""
        return Scene(self.service_url, conversation, thread, person, self.clock())

    def start(self) -> None:
        """Begin to deliver; on the first start the bot learns where it was installed."""
        for conversation in self.roster.plant():
            if _is_told_of(conversation):
                self.tell_installed(conversation, self._installer(conversation), is_in=True)
        self.outbox.start()

    async def close(self) -> None:
        """Stop; what was not acknowledged stays for the next start."""
        await self.outbox.close()
        await self.endpoint.close()

    def tell_installed(self, conversation: Conversation, by: Person, *, is_in: bool) -> None:
        """Tell the bot that it was added to a conversation, or removed."""
        scene = self.scene(conversation, "", by)
        bot = dict(activities.BOT)
        self.outbox.push(activities.members_changed(scene, [bot], is_in=is_in))
        self.outbox.push(activities.installed(scene, is_in=is_in))

    async def ask(self, activity: Json) -> Reply:
        """Send an invoke that a person waits for; Refused when the bot does not answer in time."""
        seconds = self.settings.teams_invoke_seconds
        reply = await self.endpoint.post(activity, seconds)
        if reply.reason == "http_timeout":
            raise Refused(
                f"Unable to reach app. Please try again. (No answer within {seconds:g} s.)", 504
            )
        if reply.reason:
            raise Refused("Unable to reach app. Please try again. (Nobody listens.)", 503)
        if not 200 <= reply.status < 300:
            raise Refused(
                f"Something went wrong. Please try again. (The bot answered {reply.status}.)", 502
            )
        return reply

    def show(self, message: Message) -> None:
        """Tell everybody in a conversation that a message is new or has changed."""
        for person in self.roster.members(message.conversation):
            self.show_to(message, person)

    def show_to(self, message: Message, person: Person) -> None:
        """Tell one person what they see of a message now."""
        shown = self.messages.shown(message, person)
        self.feed.publish("teams_message", shown, audience=person.feed_id)

    def show_conversation(self, conversation_id: str) -> None:
        """Tell everybody in a conversation that it has changed."""
        conversation = self.roster.conversation(conversation_id)
        assert conversation is not None
        for person in self.roster.members(conversation_id):
            shown = self.roster.shown(conversation)
            self.feed.publish("teams_conversation", shown, audience=person.feed_id)

    def _installer(self, conversation: Conversation) -> Person:
        """Whose act an installation is: the administrator's, else somebody's who is there."""
        members = self.roster.members(conversation.id)
        return next((each for each in members if each.alias == "admin"), members[0])


def make_side(
    settings: WorkspaceSettings,
    storage: Storage,
    feed: Feed,
    clock: Callable[[], float],
    host: Callable[[], str],
) -> TeamsSide:
    """Open (or begin) the Teams side. Needs a running event loop."""
    create_tables(storage)
    keys = Keys(storage, clock)
    tokens = ChannelTokens(keys, clock)
    endpoint = BotEndpoint(
        settings.teams_messages_url,
        lambda: f"http://{host()}/teams/",
        tokens,
        lambda is_there: feed.publish("teams_presence", {"is_there": is_there}),
    )
    return TeamsSide(
        settings=settings,
        storage=storage,
        feed=feed,
        roster=Roster(storage),
        messages=MessageLog(storage),
        dialogs=Dialogs(storage, feed),
        keys=keys,
        channel_tokens=tokens,
        access=AccessTokens(storage, clock),
        pace=Pace(clock),
        faults=Faults(),
        endpoint=endpoint,
        outbox=Outbox(
            storage, endpoint, settings.teams_retry_delays_seconds, clock, table="teams_outbox"
        ),
        clock=clock,
        host=host,
    )


def address_of(side: TeamsSide) -> Json:
    """The "teams" part of workspace.json: what a bot and a client need."""
    url = f"http://{side.host()}"
    return {
        "app_id": seed.APP_ID,
        "app_secret": side.access.app_secret,
        "tenant_id": seed.TENANT_ID,
        "other_tenant_id": seed.OTHER_TENANT_ID,
        "services": [side.service_url],
        "login": f"{url}/teams/login",
        "metadata": f"{url}/teams/.well-known/openidconfiguration",
        "messages_url": side.settings.teams_messages_url,
        "bot_id": seed.BOT_ID,
        "team_id": seed.TEAM_ID,
        "people": dict(seed.OBJECT_IDS),
        "addresses": {alias: seed.address(alias) for alias in seed.OBJECT_IDS},
        "channels": {each.name: each.id for each in seed.CONVERSATIONS if each.kind == "channel"},
        "groups": {each.name: each.id for each in seed.CONVERSATIONS if each.kind == "group"},
        "personal": {alias: seed.personal(alias) for alias in seed.PERSONAL},
    }


def _is_told_of(conversation: Conversation) -> bool:
    """Whether an installation there is told by itself: standard channels come with their team."""
    own = {seed.TEAM_ID, *seed.PRIVATE_CHANNELS}
    return conversation.kind != "channel" or conversation.id in own
