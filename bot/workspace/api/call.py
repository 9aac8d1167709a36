"""One Web API call, and reading its arguments as Slack does."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.workspace import seed
from bot.workspace.tokens import Token
from bot.workspace.wire import Json, SlackError
from bot.workspace.workspace import Workspace

# Conversations' scopes by kind: (public channel, direct message).
_SCOPES = {
    "read": ("channels:read", "im:read"),
    "history": ("channels:history", "im:history"),
}


@dataclass(frozen=True)
class Call:
    """Who calls, with which arguments."""

    workspace: Workspace
    token: Token
    arguments: Json

    def text(self, name: str) -> str:
        """A string argument; empty when it is absent."""
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """A string argument that must be there."""
        value = self.text(name)
        if not value:
            raise SlackError(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
            )
        return value

    def flag(self, name: str) -> bool:
        """A boolean argument, as JSON or as a form's text."""
        return self.arguments.get(name) in (True, "true", "1", 1)

    def count(self, name: str, default: int, most: int) -> int:
        """A number of things wanted, within 1 and `most`."""
        try:
            wanted = int(self.text(name) or default)
        except ValueError as error:
            raise SlackError("invalid_limit") from error
        return max(1, min(wanted, most))

    def structure(self, name: str) -> object:
        """A JSON argument: a structure, or its text inside a form."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            parsed: object = json.loads(value)
        except ValueError as error:
            raise SlackError("invalid_arguments") from error
        return parsed

    def conversation(self, name: str = "channel") -> Json:
        """The conversation that the bot may know of; SlackError channel_not_found otherwise."""
        channel = self.workspace.directory.channel(self.required(name))
        if channel is None:
            raise SlackError("channel_not_found")
        if channel["is_im"] and not self.is_bot_in(channel):
            raise SlackError("channel_not_found")
        return channel

    def require_conversation_scope(self, channel: Json, kind: str) -> None:
        """The scope that reading this kind of conversation needs."""
        public, direct = _SCOPES[kind]
        self.token.require(direct if channel["is_im"] else public)

    def is_bot_in(self, channel: Json) -> bool:
        """Whether the bot is a member."""
        return self.workspace.directory.is_member(str(channel["id"]), seed.BOT_USER_ID)


@dataclass(frozen=True)
class Method:
    """A Web API method: its handler, the scope it always needs, the kind of token it takes."""

    handle: Callable[[Call], Json]
    scope: str | None = None
    token_kind: str = "bot"  # noqa: S105  # a kind, not a token
