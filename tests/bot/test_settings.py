"""Settings are read once, and a wrong one stops the start with one sentence."""

from __future__ import annotations

import pytest

from bot.settings import SettingsError, from_environment


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
        }
    )
    assert "canary" not in repr(settings)
