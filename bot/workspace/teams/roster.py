"""Who and where in Teams: people with their Entra accounts, conversations, and who is in them."""

from dataclasses import dataclass
from typing import Literal

from bot.workspace import seed as slack_seed
from bot.workspace.storage import Row, Storage
from bot.workspace.teams import seed
from bot.workspace.wire import Json, Refused

Kind = Literal["channel", "group", "personal"]


@dataclass(frozen=True)
class Person:
    """One account of the tenant, or a guest's or stranger's in it. `feed_id` names its reader."""

    alias: str
    name: str
    email: str
    object_id: str
    address: str
    tenant_id: str
    role: Literal["user", "guest"]
    feed_id: str

    @property
    def given_name(self) -> str:
        """The first of the names."""
        return self.name.partition(" ")[0]

    def account(self) -> Json:
        """As an activity's `from` names a person."""
        return {"id": self.address, "name": self.name, "aadObjectId": self.object_id}

    def member(self) -> Json:
        """As a roster describes a person: a TeamsChannelAccount."""
        return {
            "id": self.address,
            "name": self.name,
            "objectId": self.object_id,
            "aadObjectId": self.object_id,
            "givenName": self.given_name,
            "surname": self.name.partition(" ")[2],
            "email": self.email,
            "userPrincipalName": self._principal_name,
            "tenantId": self.tenant_id,
            "userRole": self.role,
        }

    def shown(self) -> Json:
        """As the page reads a person."""
        return {
            "alias": self.alias,
            "name": self.name,
            "given_name": self.given_name,
            "object_id": self.object_id,
            "address": self.address,
            "email": self.email,
            "role": self.role,
            "tenant_id": self.tenant_id,
        }

    @property
    def _principal_name(self) -> str:
        if self.role == "guest":
            return f"{self.email.replace('@', '_')}#EXT#@northwind.example"
        return self.email


@dataclass(frozen=True)
class Conversation:
    """A channel, group chat or personal chat."""

    id: str
    name: str
    kind: Kind
    has_bot: bool


class Roster:
    """The people and conversations of this side."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._people = {person.alias: person for person in map(person_of, slack_seed.PEOPLE)}

    def plant(self) -> list[Conversation]:
        """Write the seed where it is not yet there; the new conversations that have the bot."""
        planted: list[Conversation] = []
        for each in seed.CONVERSATIONS:
            conversation = Conversation(each.id, each.name, each.kind, each.has_bot)
            planted += self._plant(conversation, each.members)
        for alias in self._people:
            if alias != "former":
                conversation = _personal(alias, has_bot=alias in seed.PERSONAL)
                planted += self._plant(conversation, (alias,))
        return [conversation for conversation in planted if conversation.has_bot]

    def people(self) -> list[Person]:
        """Everybody, those who left too."""
        return list(self._people.values())

    def person(self, reference: str) -> Person | None:
        """Somebody by alias, object id or address."""
        for person in self._people.values():
            if reference in (person.alias, person.object_id, person.address):
                return person
        return None

    def acting(self, reference: str) -> Person:
        """The person that somebody acts as; Refused for nobody and for who has left."""
        person = self.person(reference)
        if person is None:
            known = ", ".join(sorted(self._people))
            raise Refused(f"There is no person {reference!r} here; there are: {known}.", 404)
        if person.alias == "former":
            raise Refused(f"{person.name}'s account is gone from the tenant.", 403)
        return person

    def conversation(self, conversation_id: str) -> Conversation | None:
        """One conversation by its id, without any ";messageid="."""
        row = self._storage.row(f"{_SELECT} WHERE id = ?", conversation_id)
        return _conversation(row) if row else None

    def named(self, reference: str, person: Person) -> Conversation:
        """The conversation that a person means; Refused where there is none that they are in."""
        wanted = seed.personal(person.alias) if reference in ("personal", "dm") else reference
        row = self._storage.row(f"{_SELECT} WHERE id = ? OR name = ?", wanted, wanted)
        if row is None:
            raise Refused(f"There is no conversation {reference!r} here.", 404)
        conversation = _conversation(row)
        if not self.is_member(conversation.id, person.alias):
            raise Refused(f"{person.name} is not in {conversation.name}.", 403)
        return conversation

    def conversations_of(self, alias: str) -> list[Conversation]:
        """The conversations that a person is in, as they were begun."""
        rows = self._storage.rows(
            "SELECT c.id, c.name, c.kind, c.has_bot FROM teams_conversations c"
            " JOIN teams_members m ON m.conversation = c.id WHERE m.alias = ? ORDER BY c.rowid",
            alias,
        )
        return [_conversation(row) for row in rows]

    def members(self, conversation_id: str) -> list[Person]:
        """The people in a conversation, without the bot, in the order of the tenant's directory."""
        rows = self._storage.rows(
            "SELECT alias FROM teams_members WHERE conversation = ?", conversation_id
        )
        aliases = {str(row[0]) for row in rows}
        return [person for person in self._people.values() if person.alias in aliases]

    def is_member(self, conversation_id: str, alias: str) -> bool:
        """Whether a person is in a conversation."""
        row = self._storage.row(
            "SELECT 1 FROM teams_members WHERE conversation = ? AND alias = ?",
            conversation_id,
            alias,
        )
        return row is not None

    def set_member(self, conversation_id: str, alias: str, *, is_in: bool) -> None:
        """Put a person into a conversation, or take them out."""
        if is_in:
            statement = "INSERT OR IGNORE INTO teams_members VALUES (?, ?)"
        else:
            statement = "DELETE FROM teams_members WHERE conversation = ? AND alias = ?"
        self._storage.run(statement, conversation_id, alias)

    def set_bot(self, conversation_id: str, *, is_in: bool) -> None:
        """Add the bot to a conversation, or remove it."""
        self._storage.run(
            "UPDATE teams_conversations SET has_bot = ? WHERE id = ?", int(is_in), conversation_id
        )

    def shown(self, conversation: Conversation) -> Json:
        """As the page reads a conversation."""
        return {
            "id": conversation.id,
            "name": conversation.name,
            "kind": conversation.kind,
            "has_bot": conversation.has_bot,
            "members": [person.alias for person in self.members(conversation.id)],
        }

    def _plant(self, conversation: Conversation, aliases: tuple[str, ...]) -> list[Conversation]:
        is_new = self._storage.run(
            "INSERT OR IGNORE INTO teams_conversations VALUES (?, ?, ?, ?)",
            conversation.id,
            conversation.name,
            conversation.kind,
            int(conversation.has_bot),
        )
        if is_new:
            for alias in aliases:
                self.set_member(conversation.id, alias, is_in=True)
        return [conversation] if is_new else []


_SELECT = "SELECT id, name, kind, has_bot FROM teams_conversations"


def _conversation(row: Row) -> Conversation:
    kinds: dict[str, Kind] = {"channel": "channel", "group": "group", "personal": "personal"}
    return Conversation(str(row[0]), str(row[1]), kinds[str(row[2])], bool(row[3]))


def _personal(alias: str, *, has_bot: bool) -> Conversation:
    return Conversation(seed.personal(alias), f"{seed.BOT_NAME} and {alias}", "personal", has_bot)


def person_of(person: slack_seed.Person) -> Person:
    """The Teams account of one of the workspace's people."""
    is_stranger = person.team_id != slack_seed.TEAM_ID
    return Person(
        alias=person.alias,
        name=person.name,
        email=person.email,
        object_id=seed.OBJECT_IDS[person.alias],
        address=seed.address(person.alias),
        tenant_id=seed.OTHER_TENANT_ID if is_stranger else seed.TENANT_ID,
        role="guest" if person.alias == "guest" else "user",
        feed_id=person.id,
    )
