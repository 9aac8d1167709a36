"""bundle.yml as an admin writes it: environments, roles, people, channels, the digest,
connections, the planner."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from policies import spelling
from policies.planner_section import PlannerSection
from policies.workflow import Declared, Name, Text

Autonomy = Literal["L1", "L2", "L3", "L4"]
EnvName = Annotated[str, StringConstraints(pattern=spelling.VARIABLE)]
SecretReference = Annotated[str, StringConstraints(pattern=spelling.REFERENCE)]
Clock = Annotated[str, StringConstraints(pattern=spelling.CLOCK)]
ChannelId = Annotated[str, StringConstraints(pattern=spelling.CHANNEL)]
RosterId = Annotated[str, StringConstraints(pattern=spelling.ROSTER)]
Scope = Annotated[str, StringConstraints(pattern=spelling.SCOPE)]
AccountId = Annotated[str, StringConstraints(pattern=spelling.ACCOUNT)]
RoleAccount = Annotated[str, StringConstraints(pattern=spelling.ROLE_ACCOUNT)]
ACCOUNTS_MAX = 20  # accounts of one person
ROLES_MAX = 200  # roles of one bundle; inclusions are followed as deep as there are roles
CHANNEL_IDS_MAX = 20  # ids of one channel; a linked one has a card in each
PEOPLE_MAX = 2_000  # people of one bundle; more belong into user groups
GATES_MAX = 10  # stages that a bundle names suites for
SUITES_MAX = 20  # suites that one stage asks for
Suites = Annotated[tuple[Name, ...], Field(min_length=1, max_length=SUITES_MAX)]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Environment(Declared):
    """`autonomy` is the highest level that any workflow has in this environment."""

    autonomy: Autonomy


class Human(Declared):
    """One human with all their accounts. `name` is for people to read and decides nothing."""

    name: PersonName
    accounts: Annotated[tuple[AccountId, ...], Field(min_length=1, max_length=ACCOUNTS_MAX)]


class Role(Declared):
    """Who holds a role: the members of a Slack user group, by handle; those of a team or channel
    in Teams, by id; accounts by id; people that `people:` declares, with all their accounts; and
    whoever holds an included role."""

    group: Name | None = None
    teams_roster: RosterId | None = None
    accounts: tuple[RoleAccount, ...] = ()
    people: tuple[Name, ...] = ()
    includes: tuple[Name, ...] = ()


class Channel(Declared):
    """What may be asked in a channel, and its local time. `ids` are the surfaces' stable ids; where
    they are linked, what is asked in one of them has its card in each."""

    ids: Annotated[tuple[ChannelId, ...], Field(min_length=1, max_length=CHANNEL_IDS_MAX)]
    linked: bool = False
    workflows: tuple[Name, ...]
    time_zone: str


class Digest(Declared):
    """The daily report: where, when in local time, over which workflows."""

    channel: Name
    time_zone: str
    at: Clock
    workflows: tuple[Name, ...]


class Connection(Declared):
    """One service account of one connector. The address comes from the named variable, the secret
    from where the reference says; neither stands here itself."""

    connector: Name
    environment: Literal["sandbox", "production"]
    account: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    address_env: EnvName
    secret: SecretReference | None = None


class BundleFile(Declared):
    """bundle.yml. `workflows` maps each workflow to the connections that its steps may use, `gates`
    each stage to the suites that a bundle must have passed before it is promoted there."""

    bundle: Name
    title: Text
    environments: Annotated[
        dict[Literal["sandbox", "production"], Environment], Field(min_length=1)
    ]
    roles: Annotated[dict[Name, Role], Field(min_length=1, max_length=ROLES_MAX)]
    people: Annotated[dict[Name, Human], Field(max_length=PEOPLE_MAX)] = Field(default_factory=dict)
    channels: Annotated[dict[Name, Channel], Field(min_length=1)]
    digest: Digest
    connections: Annotated[dict[Name, Connection], Field(min_length=1)]
    workflows: dict[Name, tuple[Name, ...]]
    planner: PlannerSection | None = None
    gates: Annotated[dict[Name, Suites], Field(max_length=GATES_MAX)] = Field(default_factory=dict)

    @property
    def connectors(self) -> frozenset[str]:
        """Those that the connections name."""
        return frozenset(connection.connector for connection in self.connections.values())
