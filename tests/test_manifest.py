"""The Slack manifest asks for exactly what the code uses, within Slack's limits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SURFACES = sorted((ROOT / "bot" / "surfaces").glob("slack*.py"))

# docs.slack.dev/reference/methods: the bot scope that each Web API method needs.
METHOD_SCOPES: dict[str, set[str]] = {
    "auth_test": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}
# docs.slack.dev/reference/events: the event subscription and scope behind each listener.
EVENT_SCOPES: dict[str, tuple[str, set[str]]] = {
    "app_home_opened": ("app_home_opened", set()),
    "app_mention": ("app_mention", {"app_mentions:read"}),
    "app_uninstalled": ("app_uninstalled", set()),
    "message": ("message.im", {"im:history"}),
    "tokens_revoked": ("tokens_revoked", set()),
}


@pytest.fixture(scope="module")
def manifest() -> Any:
    return yaml.safe_load((ROOT / "manifest.yml").read_text())


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of the Slack surface as (the last name before the bracket, the call)."""
    for path in SURFACES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def _methods_used() -> set[str]:
    """Web API methods that the Slack surface calls: by the family that their names begin with."""
    families = ("apps_", "auth_", "chat_", "conversations_", "reactions_", "usergroups_", "users_",
                "views_", "files_", "team_", "bots_", "im_")  # fmt: skip
    return {name for name, _ in _calls() if name.startswith(families)}


def _listened() -> set[str]:
    return {
        call.args[0].value
        for name, call in _calls()
        if name == "event" and isinstance(call.args[0], ast.Constant)
    }


def test_every_method_in_use_is_known_here():
    assert _methods_used() == set(METHOD_SCOPES)


def test_scopes_are_exactly_those_used(manifest):
    needed = {"commands"}  # the slash command and the shortcut
    for method in _methods_used():
        needed |= METHOD_SCOPES[method]
    for event in _listened():
        needed |= EVENT_SCOPES[event][1]
    bot = manifest["oauth_config"]["scopes"]["bot"]
    assert sorted(bot) == sorted(needed)
    assert list(manifest["oauth_config"]["scopes"]) == ["bot"]


def test_events_are_exactly_those_listened_to(manifest):
    subscribed = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(subscribed) == sorted(EVENT_SCOPES[event][0] for event in _listened())


def test_command_and_shortcut_are_those_of_the_code(manifest):
    from bot.surfaces.slack_commands import COMMAND, SHORTCUT

    features = manifest["features"]
    assert [command["command"] for command in features["slash_commands"]] == [COMMAND]
    assert [(s["callback_id"], s["type"]) for s in features["shortcuts"]] == [(SHORTCUT, "message")]


def test_manifest_keeps_slacks_limits(manifest):
    about, features = manifest["display_information"], manifest["features"]
    assert manifest["_metadata"]["major_version"] == 2
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4_000
    assert re.fullmatch(r"#[0-9a-f]{6}", about["background_color"])
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["agent_view"]["suggested_prompts"]) <= 4
    assert len(features["slash_commands"]) <= 50
    assert len(features["shortcuts"]) <= 10
    assert all(len(shortcut["name"]) <= 24 for shortcut in features["shortcuts"])


def test_the_local_workspace_grants_what_the_manifest_asks_for(manifest):
    from bot.workspace.settings import BOT_SCOPES

    assert sorted(BOT_SCOPES) == sorted(manifest["oauth_config"]["scopes"]["bot"])
