"""Settings are read once, and a wrong one stops the start with one sentence."""

from __future__ import annotations

import pytest

from bot.planner.rules import RulesPlanner
from bot.planner.team.planner import TeamPlanner
from bot.planning import planner_for
from bot.settings import TEAMS_SERVICES, SettingsError, from_environment
from policies import revision

APP_ID = "7d1f0a52-0000-4000-8000-0000000a55e7"
TENANT = "7d1f0a52-0000-4000-8000-00000000aa01"
PARTNER = "7d1f0a52-0000-4000-8000-00000000bb02"
TEAMS = {
    "ASSENT_TEAMS_APP_ID": APP_ID,
    "ASSENT_TEAMS_APP_SECRET": "s3cret",
    "ASSENT_TEAMS_TENANT": TENANT,
}


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"ASSENT_STAET": "x"}, "ASSENT_STAET is no setting"),
        ({"ASSENT_SLACK_SIGNIN_SECRET": "x"}, "ASSENT_SLACK_SIGNIN_SECRET is no setting"),
        ({"ASSENT_LOG_LEVEL": "LOUD"}, "one of DEBUG"),
        ({"ASSENT_HTTP_PORT": "70000"}, "port number"),
        ({"ASSENT_SLACK_BOT_TOKEN": "xoxb-1"}, "ASSENT_SLACK_APP_TOKEN is missing"),
        (
            {"ASSENT_SLACK_BOT_TOKEN": "xoxb-1", "ASSENT_SLACK_MODE": "pigeon"},
            "either socket or http",
        ),
        ({"ASSENT_TEAMS_APP_ID": APP_ID}, "ASSENT_TEAMS_APP_SECRET is missing"),
        ({"ASSENT_TEAMS_TENANT": TENANT}, "ASSENT_TEAMS_APP_ID is missing"),
        ({**TEAMS, "ASSENT_TEAMS_TENANTS": PARTNER}, "leaves out the bot's own tenant"),
        ({**TEAMS, "ASSENT_TEAMS_APP_SECRET": ""}, "ASSENT_TEAMS_APP_SECRET is missing"),
        ({**TEAMS, "ASSENT_TEAMS_TENANT": ""}, "ASSENT_TEAMS_TENANT is missing"),
        ({**TEAMS, "ASSENT_TEAMS_APP_ID": "assent"}, "ASSENT_TEAMS_APP_ID is 'assent'; it is an"),
        ({**TEAMS, "ASSENT_TEAMS_TENANT": "northwind.example"}, "ASSENT_TEAMS_TENANT is"),
        (
            {**TEAMS, "ASSENT_TEAMS_TENANTS": f"{TENANT}, common"},
            "ASSENT_TEAMS_TENANTS is 'common'",
        ),
        ({**TEAMS, "ASSENT_TEAM_TENANTS": TENANT}, "ASSENT_TEAM_TENANTS is no setting"),
        ({"ASSENT_ANTHROPIC_KEY": "x"}, "ASSENT_ANTHROPIC_KEY is no setting"),
        ({"ASSENT_ANTHROPIC_API_KEY": "sk\r\nx: y"}, "holds a character that no key has"),
        ({"ASSENT_ANTHROPIC_API_KEY": "sk ant"}, "holds a character that no key has"),
        ({"ASSENT_ANTHROPIC_API_BASE": "http://gateway.example"}, "ASSENT_ANTHROPIC_API_BASE is"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(
    environ: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        from_environment(environ)


def test_a_bundle_may_name_variables_of_its_own_connections() -> None:
    environ = {"ASSENT_BILLING_SECRET": "s3cret", "BILLING_URL": "https://billing.example"}
    settings = from_environment(environ)
    assert settings.environ["ASSENT_BILLING_SECRET"] == "s3cret"
    assert settings.environ["BILLING_URL"] == "https://billing.example"


def test_no_secret_is_in_a_repr() -> None:
    settings = from_environment(
        {
            "ASSENT_SLACK_BOT_TOKEN": "xoxb-canary",
            "ASSENT_SLACK_APP_TOKEN": "xapp-canary",
            "ASSENT_DESK_READER_SECRET": "desk-canary",
            "ASSENT_ANTHROPIC_API_KEY": "sk-ant-canary",
            **TEAMS,
            "ASSENT_TEAMS_APP_SECRET": "teams-canary",
        }
    )
    assert "canary" not in repr(settings)


@pytest.mark.parametrize("name", ["SERVICES", "LOGIN", "METADATA"])
@pytest.mark.parametrize(
    "address",
    [
        "http://login.example",
        "http://127.0.0.1.example/",
        "http://127.0.0.1@login.example/",
        "https://",
        "https:///",
        "https://anybody@login.example/",
        "ftp://login.example",
        "login.example",
    ],
)
def test_tokens_of_teams_travel_encrypted_or_stay_on_this_machine(name: str, address: str) -> None:
    with pytest.raises(SettingsError, match=f"ASSENT_TEAMS_{name} is"):
        from_environment({**TEAMS, f"ASSENT_TEAMS_{name}": address})


def test_where_nothing_says_who_the_bot_is_teams_is_off() -> None:
    assert from_environment({"ASSENT_TEAMS_SERVICES": "https://smba.example/"}).teams is None


def test_teams_talks_to_its_own_tenant_through_microsofts_services_unless_told_otherwise() -> None:
    teams = from_environment({**TEAMS, "ASSENT_TEAMS_TENANT": TENANT.upper()}).teams
    assert teams is not None
    assert (teams.tenant, teams.tenants) == (TENANT, (TENANT,))
    assert teams.services == TEAMS_SERVICES


def test_lists_of_teams_are_separated_by_commas_and_every_service_ends_as_a_folder() -> None:
    teams = from_environment(
        {
            **TEAMS,
            "ASSENT_TEAMS_TENANTS": f" {TENANT},{PARTNER.upper()} ,",
            "ASSENT_TEAMS_SERVICES": "http://127.0.0.1:3979/teams, https://smba.example/amer/",
        }
    ).teams
    assert teams is not None
    assert teams.tenants == (TENANT, PARTNER)
    assert teams.services == ("http://127.0.0.1:3979/teams/", "https://smba.example/amer/")


def test_without_a_key_no_model_is_asked() -> None:
    assert from_environment({}).anthropic is None
    assert planner_for(from_environment({})) == TeamPlanner(RulesPlanner())


def test_with_a_key_a_model_stands_behind_the_rules() -> None:
    settings = from_environment({"ASSENT_ANTHROPIC_API_KEY": "sk-ant-1"})
    assert settings.anthropic is not None
    assert settings.anthropic.api_base == "https://api.anthropic.com"
    planner = planner_for(settings)
    assert isinstance(planner, TeamPlanner)
    assert planner.model is not None
    assert "sk-ant-1" not in repr(planner)


def test_no_connection_can_be_given_the_key_of_the_model() -> None:
    environ = from_environment({"ASSENT_ANTHROPIC_API_KEY": "sk-ant-canary"}).environ
    assert "sk-ant-canary" not in environ.values()


def test_git_is_not_told_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSENT_ANTHROPIC_API_KEY", "sk-ant-canary")
    monkeypatch.setenv("HOME_OF_GIT", "kept")
    told = revision.environment()
    assert ("sk-ant-canary" in told.values(), told["HOME_OF_GIT"]) == (False, "kept")
