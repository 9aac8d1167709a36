"""Roles in Slack: user groups, and what the bundle alone says, asked of the same function."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.surfaces import slack_directory
from bot.surfaces.slack_directory import SlackDirectory
from bot.surfaces.thread_directory import ThreadDirectory
from policies.roles import RoleBook
from policies.settings_file import Human, Role
from store.model.person import Account

HUMANS = {
    "lee": Human(
        name="Lee",
        accounts=("slack:U0LEE", "slack:U0LEE2", "teams:7d1f0a52-0000-4000-8000-000000000d03"),
    ),
    "gil": Human(name="Gil", accounts=("slack:U0GUEST",)),
}
FLAGS: dict[str, dict[str, Any]] = {
    "U0GUEST": {"is_restricted": True},
    "U0BOT": {"is_bot": True},
    "U0GONE": {"deleted": True},
    "U0VERA": {"team_id": "T9"},
}


class Client:
    """As much of Slack's client as the directory asks; counts what it is asked."""

    def __init__(self, groups: dict[str, list[str]]) -> None:
        self.groups, self.listed = groups, 0

    async def auth_test(self) -> Any:
        return SimpleNamespace(data={"team_id": "T1", "user_id": "B1"})

    async def users_info(self, user: str) -> Any:
        fields = {
            "id": user,
            "team_id": "T1",
            "real_name": f"Name of {user}",
            **FLAGS.get(user, {}),
        }
        return SimpleNamespace(data={"user": fields})

    async def usergroups_list(self, include_users: bool) -> Any:
        self.listed += 1
        groups = [{"id": h, "handle": h, "users": users} for h, users in self.groups.items()]
        return SimpleNamespace(data={"usergroups": groups})


async def directory(client: Any, roles: dict[str, Role]) -> SlackDirectory:
    made = SlackDirectory(
        client,
        lambda: RoleBook(roles, HUMANS),
        lambda account: f"P-{account.user}",
    )
    await made.connect()
    return made


async def roles_of(made: SlackDirectory, user: str) -> tuple[str, ...]:
    person = await made.person(user)
    assert person is not None
    return person.roles


async def test_names_of_accounts_are_those_that_slack_gives_in_time(monkeypatch: Any) -> None:
    monkeypatch.setattr(slack_directory, "NAMES_SECONDS", 0.05)

    class Slow(Client):
        async def users_info(self, user: str) -> Any:
            if user == "U0AWAY":
                raise OSError("no line")
            await asyncio.sleep(30 if user == "U0SLOW" else 0)
            return await super().users_info(user)

    made = await directory(Slow({}), {})
    assert await made.names(("U0LEE", "U0SLOW", "U0AWAY", "U0GUEST")) == {
        "U0LEE": "Name of U0LEE",
        "U0GUEST": "Name of U0GUEST",
    }
    assert await made.names(()) == {}


async def test_a_bundle_without_user_groups_asks_slack_for_none() -> None:
    client = Client({})
    made = await directory(
        client, {"leads": Role(people=("lee",)), "all": Role(accounts=("U0SAM",))}
    )
    assert await roles_of(made, "U0LEE2") == ("leads",)
    assert await roles_of(made, "U0SAM") == ("all",)
    assert await roles_of(made, "U0ANN") == ()
    assert client.listed == 0


async def test_a_role_of_a_group_and_of_people_is_both() -> None:
    client = Client({"leads": ["U0ANN"], "other": ["U0MAX"]})
    made = await directory(
        client, {"leads": Role(group="leads", people=("lee",)), "any": Role(includes=("leads",))}
    )
    assert await roles_of(made, "U0ANN") == ("leads", "any")
    assert await roles_of(made, "U0LEE") == ("leads", "any")
    assert await roles_of(made, "U0MAX") == ()


@pytest.mark.parametrize("user", ["U0GUEST", "U0BOT", "U0GONE", "U0VERA"])
async def test_whom_the_bundle_lists_holds_nothing_with_such_an_account(user: str) -> None:
    role = Role(accounts=("U0BOT", "U0GONE", "U0VERA", "U0LEE"), people=("gil",))
    made = await directory(Client({}), {"leads": role})
    assert await roles_of(made, user) == ()
    assert await made.members("leads") == ("Name of U0LEE",)


async def test_a_human_with_two_accounts_is_one_of_those_who_can_approve() -> None:
    made = await directory(Client({"leads": ["U0LEE2", "U0ANN"]}), {"leads": Role(group="leads")})
    both = await directory(Client({}), {"leads": Role(people=("lee",))})
    assert await made.members("leads") == ("Name of U0LEE2", "Name of U0ANN")
    assert len(await both.members("leads") or ()) == 1


async def test_a_role_that_nobody_holds_is_told_with_the_reason() -> None:
    roles = {
        "leads": Role(group="leads"),
        "empty": Role(group="empty"),
        "lee": Role(people=("lee",)),
    }
    made = await directory(Client({"empty": []}), roles)
    assert await made.vacancies() == {
        "leads": "there is no user group leads",
        "empty": "the user group empty is empty",
    }


async def test_who_was_deactivated_after_their_click_is_found_before_the_first_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await directory(Client({}), {"leads": Role(accounts=("U0EVE",))})
    threads = ThreadDirectory(made, "slack", "Slack")
    threads.bind(asyncio.get_running_loop())
    clicked = await made.person("U0EVE")
    assert clicked is not None
    assert clicked.roles == ("leads",)
    monkeypatch.setitem(FLAGS, "U0EVE", {"deleted": True})
    monkeypatch.setattr(slack_directory, "RECENT_SECONDS", 0.0)  # so much later
    assert slack_directory.ACCOUNT_SECONDS > 10
    found = await asyncio.to_thread(threads.person, clicked.account)
    assert (found.account.is_deactivated, found.roles) == (True, ())


async def test_accounts_of_other_surfaces_are_not_asked_of_slack() -> None:
    made = await directory(Client({}), {"leads": Role(people=("lee",))})
    threads = ThreadDirectory(made, "slack", "Slack")
    threads.bind(asyncio.get_running_loop())
    teams = Account(surface="teams", team="T1", user="29:1abc", display_name="Lee")
    assert not threads.knows("teams")
    with pytest.raises(Exception, match="Slack knows no accounts of teams"):
        await asyncio.to_thread(threads.person, teams)
