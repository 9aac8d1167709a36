"""Who people in Teams are and which roles they hold: asked live, and what is not known refuses."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.ports import DirectoryUnavailableError
from bot.settings import Teams
from bot.surfaces import teams_accounts, teams_directory
from bot.surfaces.errors import Busy, Gone
from bot.surfaces.teams_accounts import TeamsAccounts, account_of
from bot.surfaces.teams_directory import TeamsDirectory
from bot.surfaces.thread_directory import ThreadDirectory
from bot.workspace.teams import seed
from policies.roles import RoleBook
from policies.settings_file import Human, Role
from store import conversations
from store.conversations import Contact, Conversation
from store.database import Database
from store.model.person import Account
from tests.bot.surfaces.teams_world import TeamsWorld

TENANT, FOREIGN = seed.TENANT_ID, seed.OTHER_TENANT_ID
LEE, ANN, EVE, GIL, VERA = (f"7d1f0a52-0000-4000-8000-0000000000{n:02}" for n in range(1, 6))
LEADS, CHANNEL, OTHER = "19:leads@thread.tacv2", "19:ops@thread.tacv2", "19:other@thread.tacv2"
TEAMS = Teams(
    app_id=seed.APP_ID,
    app_secret="secret",
    tenant=TENANT,
    tenants=(TENANT,),
    services=("https://smba.example/emea/",),
)
HUMANS = {"lee": Human(name="Lee", accounts=(f"teams:{LEE}", "slack:U0LEE")),
          "gil": Human(name="Gil", accounts=(f"teams:{GIL}",))}  # fmt: skip
GUEST = "guest accounts cannot ask or approve"
STRANGER = "this account belongs to another organisation"
ODD: dict[str, dict[str, Any]] = {
    GIL: {"userRole": "guest"},
    VERA: {"tenantId": FOREIGN},
}


def member(user: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"29:{user}",
        "aadObjectId": user,
        "name": f"Name of {user[-2:]}",
        "tenantId": TENANT,
        "userRole": "user",
        "userPrincipalName": f"{user[-2:]}@northwind.example",
        **ODD.get(user, {}),
        **more,
    }


class Connector:
    """As much of the channel service as the directory asks; counts what it is asked."""

    def __init__(self, **rosters: list[str]) -> None:
        self.rosters = {LEADS: [], CHANNEL: [LEE, ANN, EVE, GIL, VERA], **rosters}
        self.asked: list[tuple[str, str]] = []
        self.listed: list[str] = []
        self.away: set[str] = set()
        self.barred: set[str] = set()

    async def member(self, service_url: str, conversation: str, user: str) -> Any:
        self.asked.append((conversation, user))
        self._refuse(conversation)
        user = user.removeprefix("29:")
        if user not in self.rosters.get(conversation, []):
            raise Gone("no such member", "404")
        return member(user)

    async def members(self, service_url: str, conversation: str) -> tuple[Any, ...]:
        self.listed.append(conversation)
        self._refuse(conversation)
        if conversation not in self.rosters:
            raise Gone("no such conversation", "404")
        return tuple(member(user) for user in self.rosters[conversation])

    def _refuse(self, conversation: str) -> None:
        if conversation in self.away:
            raise Busy("away", "500", 5.0)
        if conversation in self.barred:
            raise Gone("the bot was removed", "403")


class Made:
    """A directory over a connector and a store in which the channel is known."""

    def __init__(self, path: Path, connector: Connector, roles: dict[str, Role]) -> None:
        self.db = Database(f"sqlite:///{path / 'assent.db'}")
        self.db.migrate()
        self.connector = connector
        book = RoleBook(roles, HUMANS)
        self.accounts = TeamsAccounts(connector, TEAMS, self.db, lambda: book.rosters)
        self.directory = TeamsDirectory(self.accounts, lambda: book, lambda a: f"P-{a.user}")
        self.threads = ThreadDirectory(self.directory, "teams", "Teams")
        self.threads.bind(asyncio.get_running_loop())
        self.knows(CHANNEL)

    def knows(self, conversation: str) -> Conversation:
        known = Conversation(
            surface="teams",
            team=TENANT,
            id=conversation,
            kind="channel",
            service_url="https://smba.example/amer/",
        )
        with self.db.begin() as tx:
            conversations.remember(tx, known, datetime.now(UTC))
        return known

    def met(self, user: str, seen_in: str) -> None:
        contact = Contact(
            surface="teams",
            team=TENANT,
            user=user,
            address=f"29:{user}",
            service_url="https://smba.example/amer/",
            seen_in=seen_in,
        )
        with self.db.begin() as tx:
            conversations.meet(tx, contact, datetime.now(UTC))

    async def roles(self, user: str) -> tuple[str, ...]:
        person = await self.directory.person(user)
        assert person is not None
        return person.roles


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"userRole": "guest"}, GUEST),
        ({"userRole": "anonymous"}, GUEST),
        ({"userRole": None}, GUEST),
        ({"userPrincipalName": "v_x.example#EXT#@n.example"}, GUEST),
        ({"tenantId": FOREIGN}, STRANGER),
        ({"tenantId": None}, STRANGER),
        ({"tenantId": FOREIGN, "userRole": "guest"}, STRANGER),
        ({"aadObjectId": ANN}, STRANGER),
        ({"aadObjectId": None, "objectId": LEE}, None),
        ({"tenantId": TENANT.upper()}, None),
        ({"id": "28:bot"}, "bots cannot ask or approve"),
        ({"name": None, "givenName": "Lee", "surname": "Park"}, None),
    ],
)  # fmt: skip
def test_what_teams_says_of_a_member_decides_and_what_it_does_not_say_refuses(
    change: dict[str, Any], refusal: str | None
) -> None:
    assert account_of(member(LEE, **change), LEE, TEAMS).refusal == refusal


@pytest.mark.parametrize("odd", [{}, {"name": "\ud800"}, {"name": 5}, {"name": "x" * 9_000}])
def test_a_members_name_is_bounded_and_can_be_stored(odd: dict[str, Any]) -> None:
    account = account_of(member(LEE, **odd), LEE, TEAMS)
    assert 0 < len(account.display_name) <= 256
    account.model_dump_json()


async def test_a_bundle_without_rosters_asks_teams_for_none(tmp_path: Path) -> None:
    roles = {"leads": Role(people=("lee",)), "all": Role(accounts=(f"teams:{ANN}",))}
    made = Made(tmp_path, Connector(), roles)
    assert await made.roles(LEE) == ("leads",)
    assert await made.roles(ANN) == ("all",)
    assert await made.roles(EVE) == ()
    assert {conversation for conversation, _ in made.connector.asked} == {CHANNEL}
    assert made.connector.listed == []


async def test_a_role_of_a_roster_and_of_people_is_both(tmp_path: Path) -> None:
    roles = {"leads": Role(teams_roster=LEADS, people=("lee",)), "any": Role(includes=("leads",))}
    made = Made(tmp_path, Connector(**{LEADS: [ANN]}), roles)
    assert await made.roles(ANN) == ("leads", "any")
    assert await made.roles(LEE) == ("leads", "any")
    assert await made.roles(EVE) == ()


@pytest.mark.parametrize("user", [GIL, VERA])
async def test_whom_the_bundle_lists_holds_nothing_with_such_an_account(
    tmp_path: Path, user: str
) -> None:
    listed = tuple(f"teams:{each}" for each in (VERA, LEE))
    role = Role(accounts=listed, people=("gil",), teams_roster=LEADS)
    made = Made(tmp_path, Connector(**{LEADS: [GIL, VERA]}), {"leads": role})
    assert await made.roles(user) == ()
    assert await made.directory.members("leads") == ("Name of 01",)


async def test_a_role_that_nobody_holds_is_told_with_the_reason(tmp_path: Path) -> None:
    roles = {
        "gone": Role(teams_roster="19:gone@thread.tacv2"),
        "empty": Role(teams_roster=LEADS),
        "lee": Role(people=("lee",)),
    }
    made = Made(tmp_path, Connector(), roles)
    assert await made.directory.vacancies() == {
        "gone": "no team or channel 19:gone@thread.tacv2 in Teams has me as a member",
        "empty": f"nobody is in {LEADS} in Teams",
    }


async def test_a_roster_that_does_not_answer_grants_nothing_and_is_not_known(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, Connector(**{LEADS: [LEE]}), {"leads": Role(teams_roster=LEADS)})
    made.connector.away = {LEADS}
    assert await made.directory.person(LEE) is None
    assert await made.directory.members("leads") is None
    assert await made.directory.vacancies() is None
    with pytest.raises(DirectoryUnavailableError):
        await asyncio.to_thread(made.threads.person, account(LEE))


async def test_a_roster_that_the_bot_may_not_see_has_no_members(tmp_path: Path) -> None:
    made = Made(tmp_path, Connector(**{LEADS: [LEE]}), {"leads": Role(teams_roster=LEADS)})
    made.connector.barred = {LEADS}
    assert await made.roles(LEE) == ()


async def test_an_account_is_asked_about_where_it_was_met(tmp_path: Path) -> None:
    made = Made(tmp_path, Connector(**{OTHER: [LEE]}), {})
    made.knows(OTHER)
    made.met(LEE, OTHER)
    await made.accounts.account(LEE)
    assert made.connector.asked == [(OTHER, LEE)]


async def test_who_left_where_they_were_met_is_looked_for_elsewhere(tmp_path: Path) -> None:
    made = Made(tmp_path, Connector(**{OTHER: []}), {})
    made.knows(OTHER)
    made.met(LEE, OTHER)
    assert (await made.accounts.account(LEE)).refusal is None
    assert made.connector.asked == [(OTHER, LEE), (CHANNEL, LEE)]


async def test_who_is_found_nowhere_is_refused(tmp_path: Path) -> None:
    made = Made(tmp_path, Connector(), {"leads": Role(people=("lee",))})
    made.connector.rosters[CHANNEL] = [ANN]
    person = await asyncio.to_thread(made.threads.person, account(LEE))
    assert (person.account.refusal, person.roles) == ("this account is deactivated", ())


async def test_where_the_bot_may_not_look_nobody_it_met_is_called_gone(tmp_path: Path) -> None:
    made = Made(tmp_path, Connector(), {})
    made.met(LEE, CHANNEL)
    made.connector.barred = {CHANNEL}
    assert await made.directory.person(LEE) is None


async def test_a_bot_that_was_added_nowhere_takes_nothing_from_people_in_slack(
    tmp_path: Path,
) -> None:
    """They are declared with accounts in Teams, which nobody can be asked about yet."""
    made = Made(tmp_path, Connector(), {"leads": Role(people=("lee",), teams_roster=LEADS)})
    made.connector.barred = {CHANNEL, LEADS}
    with made.db.begin() as tx:
        conversations.leave(tx, "teams", CHANNEL, datetime.now(UTC))
    person = await asyncio.to_thread(made.threads.person, account(LEE))
    assert (person.account.is_stranger, person.roles) == (True, ())


async def test_who_left_after_their_click_is_found_before_the_first_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(tmp_path, Connector(), {"leads": Role(accounts=(f"teams:{EVE}",))})
    clicked = await made.directory.person(EVE)
    assert clicked is not None
    assert clicked.roles == ("leads",)
    made.connector.rosters[CHANNEL] = []
    monkeypatch.setattr(teams_directory, "RECENT_SECONDS", 0.0)  # so much later
    assert teams_accounts.ACCOUNT_SECONDS > 10
    found = await asyncio.to_thread(made.threads.person, clicked.account)
    assert (found.account.is_deactivated, found.roles) == (True, ())
    assert found.account.display_name == clicked.account.display_name


async def test_many_who_ask_at_once_share_one_answer_but_a_click_has_its_own(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, Connector(), {})
    await asyncio.gather(*(made.accounts.account(LEE) for _ in range(20)))
    assert len(made.connector.asked) == 1
    await made.directory.person(LEE)
    await made.directory.person(LEE)
    assert len(made.connector.asked) == 3


async def test_accounts_of_other_surfaces_are_not_asked_of_teams(tmp_path: Path) -> None:
    made = Made(tmp_path, Connector(), {})
    assert not made.threads.knows("slack")
    assert made.threads.members("slack", "", "leads") == ()
    slack = Account(surface="slack", team="T1", user="U0LEE", display_name="Lee")
    with pytest.raises(DirectoryUnavailableError, match="Teams knows no accounts of slack"):
        await asyncio.to_thread(made.threads.person, slack)


async def test_before_it_runs_nobody_is_known(tmp_path: Path) -> None:
    made = Made(tmp_path, Connector(), {})
    threads = ThreadDirectory(made.directory, "teams", "Teams")
    with pytest.raises(DirectoryUnavailableError, match="Teams surface is not running"):
        await asyncio.to_thread(threads.person, account(LEE))


async def test_a_roster_of_many_pages_is_read_whole(teams: TeamsWorld) -> None:
    await teams.do(teams.people.control, "roster", {"page": 1})
    assert await teams.directory.members("support-lead") == ("Lee Park", "Mira Sol")
    found = await asyncio.to_thread(
        teams.threads.person, account(seed.OBJECT_IDS["finance"], "Ann")
    )
    assert found.roles == ("finance-lead",)


async def test_people_of_the_tenant_whom_nobody_met_are_named(teams: TeamsWorld) -> None:
    await teams.ask("hello there")  # the channel is known from now on
    found = await teams.directory.person(seed.OBJECT_IDS["finance2"])
    assert found is not None
    assert found.account.refusal is None
    former = await teams.directory.person(seed.OBJECT_IDS["former"])
    assert former is not None
    assert former.account.refusal is not None
    assert former.roles == ()


def account(user: str, name: str = "Lee") -> Account:
    return Account(surface="teams", team=TENANT, user=user, display_name=name)
