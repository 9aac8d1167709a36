"""The Northwind workspace as it is on its first day: people, groups, channels, the bot."""

from dataclasses import dataclass, field

TEAM_ID = "T0NORTHWIND"
TEAM_NAME = "Northwind"
TEAM_DOMAIN = "northwind"
OTHER_TEAM_ID = "T0CONTOSO00"
APP_ID = "A0ASSENT000"
BOT_USER_ID = "U0ASSENT000"
BOT_ID = "B0ASSENT000"
BOT_NAME = "Assent"


@dataclass(frozen=True)
class Person:
    """One account. `flags` are the user object's booleans that differ from False."""

    alias: str
    id: str
    name: str
    title: str
    team_id: str = TEAM_ID
    flags: frozenset[str] = field(default_factory=frozenset)

    @property
    def email(self) -> str:
        """The address in the workspace's own domain, or the stranger's."""
        domain = "northwind.example" if self.team_id == TEAM_ID else "contoso.example"
        return f"{self.name.lower().replace(' ', '.')}@{domain}"


@dataclass(frozen=True)
class Group:
    """A user group, with its members by alias."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Channel:
    """A public channel. `members` are aliases; `has_bot` says whether the bot was invited."""

    id: str
    name: str
    topic: str
    members: tuple[str, ...]
    has_bot: bool


PEOPLE = (
    Person("agent", "U0DANA00000", "Dana Okafor", "Support agent"),
    Person("agent2", "U0SAM000000", "Sam Field", "Support agent"),
    Person("lead", "U0LEE000000", "Lee Park", "Support lead"),
    Person("lead2", "U0MIRA00000", "Mira Sol", "Support lead"),
    Person("finance", "U0ANN000000", "Ann Weiss", "Finance lead"),
    Person("finance2", "U0RAJ000000", "Raj Mehta", "Finance lead"),
    Person("admin", "U0NOOR00000", "Noor Haddad", "Workspace admin", flags=frozenset({"is_admin"})),
    Person("guest", "U0GIL000000", "Gil", "Guest", flags=frozenset({"is_restricted"})),
    Person("stranger", "U0VERA00000", "Vera", "Contoso", OTHER_TEAM_ID, frozenset({"is_stranger"})),
    Person("former", "U0OLAF00000", "Olaf Brandt", "Left in March", flags=frozenset({"deleted"})),
)

_STAFF = ("agent", "agent2", "lead", "lead2", "finance", "finance2", "admin")

GROUPS = (
    Group("S0SUPPORT00", "support", "Support", ("agent", "agent2", "lead", "lead2")),
    Group("S0SUPLEADS0", "support-leads", "Support leads", ("lead", "lead2")),
    Group("S0FINLEADS0", "finance-leads", "Finance leads", ("finance", "finance2")),
    Group("S0ADMINS000", "admins", "Admins", ("admin",)),
)

CHANNELS = (
    Channel(
        "C0SUPPORTOP",
        "support-ops",
        "Ask @Assent for refunds, cancellations and address changes",
        (*_STAFF, "guest", "stranger"),
        has_bot=True,
    ),
    Channel("C0OPSDIGEST", "ops-digest", "The daily report", _STAFF, has_bot=True),
    Channel("C0RANDOM000", "random", "Everything else", (*_STAFF, "guest"), has_bot=False),
)


def dm_id(person: Person) -> str:
    """The direct conversation of a person with the bot."""
    return "D" + person.id[1:]
