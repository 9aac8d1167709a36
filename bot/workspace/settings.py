"""What a workspace is told when it starts. It reads no environment."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.workspace.teams import limits as teams_limits

# facts: the minimal scopes of the bot.
BOT_SCOPES = (
    "chat:write",
    "commands",
    "app_mentions:read",
    "im:history",
    "users:read",
    "usergroups:read",
)
# Slack's Events API retries at once, after 1 minute and after 5 (docs.slack.dev/apis/events-api).
RETRY_DELAYS_SECONDS = (0.0, 60.0, 300.0)
# Slack waits 3 s for an acknowledgement.
ACK_TIMEOUT_SECONDS = 3.0


@dataclass(frozen=True)
class Command:
    """A slash command that the composer offers."""

    name: str
    description: str
    usage_hint: str


@dataclass(frozen=True)
class Shortcut:
    """A message shortcut that every message's menu offers."""

    callback_id: str
    name: str


@dataclass(frozen=True)
class WorkspaceSettings:
    """Where the workspace keeps itself and how it reaches the bot.

    `delivery` is "socket" (the bot connects to us) or "http" (we call `request_url`, signed).
    Port 0 takes the port of the last start when it is free, else any. `teams_messages_url` is the
    bot's messages endpoint; with it the Teams side is on.
    """

    state: Path
    port: int = 0
    delivery: Literal["socket", "http"] = "socket"
    request_url: str = ""
    retry_delays_seconds: tuple[float, ...] = RETRY_DELAYS_SECONDS
    ack_timeout_seconds: float = ACK_TIMEOUT_SECONDS
    bot_scopes: tuple[str, ...] = BOT_SCOPES
    teams_messages_url: str = ""
    teams_retry_delays_seconds: tuple[float, ...] = teams_limits.RETRY_DELAYS_SECONDS
    teams_invoke_seconds: float = teams_limits.INVOKE_SECONDS
    commands: tuple[Command, ...] = (
        Command("/assent", "See what Assent is doing", "[help | status | digest | run R-1]"),
    )
    shortcuts: tuple[Shortcut, ...] = (Shortcut("ask_assent", "Ask Assent to do this"),)

    def __post_init__(self) -> None:
        if self.delivery == "http" and not self.request_url.startswith(("http://", "https://")):
            raise ValueError(
                "HTTP delivery needs the address of the bot: give request_url, "
                "for example http://127.0.0.1:3000/slack/events"
            )
        if self.teams_messages_url and not _LOOPBACK.match(self.teams_messages_url):
            raise ValueError(
                "Teams needs the bot's messages endpoint on this machine, "
                "for example http://127.0.0.1:3978/api/messages"
            )


_LOOPBACK = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/")
