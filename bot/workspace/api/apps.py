"""auth.test, api.test and apps.connections.open."""

from bot.workspace import seed
from bot.workspace.api.call import Call, Method
from bot.workspace.wire import Json, SlackError


def auth_test(call: Call) -> Json:
    """auth.test: who the token is."""
    return {
        "url": f"http://{call.workspace.host}/",
        "team": seed.TEAM_NAME,
        "user": seed.BOT_NAME.lower(),
        "team_id": seed.TEAM_ID,
        "user_id": seed.BOT_USER_ID,
        "bot_id": seed.BOT_ID,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    """apps.connections.open: a WebSocket address that serves once."""
    if call.workspace.settings.delivery != "socket":
        raise SlackError("socket_mode_not_enabled")
    return {"url": call.workspace.sockets.address(call.workspace.host)}


METHODS = {
    "auth.test": Method(auth_test),
    "apps.connections.open": Method(open_connection, "connections:write", token_kind="app"),  # noqa: S106
}
