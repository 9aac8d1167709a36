"""Everything that comes from outside the code: environment variables, read once at start.

`SETTINGS` lists each with its meaning; `.env.example` and the reference are checked against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from policies import spelling

SlackMode = Literal["socket", "http"]
BUNDLE_SHIPPED = Path(__file__).parent.parent / "policies" / "bundles" / "desk"

# What a bundle names for its connections: "address_env", and "secret" as env:NAME, of bundle.yml.
CONNECTION_VARIABLE = re.compile(spelling.CONNECTION_VARIABLE)
EVENTS_PATH = "/slack/events"  # where Slack sends to in HTTP mode
MESSAGES_PATH = "/api/messages"  # where the Bot Framework sends what happens in Teams
TEAMS_LOGIN = "https://login.microsoftonline.com"
TEAMS_METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
# Where Microsoft's channel service answers: the world, and the government cloud that shares its
# login. GCC High and DoD have logins and issuers of their own, which are not spoken here.
TEAMS_SERVICES = (
    "https://smba.trafficmanager.net/",
    "https://smba.infra.gcc.teams.microsoft.com/",
)
_TEAMS_NEEDED = ("ASSENT_TEAMS_APP_ID", "ASSENT_TEAMS_APP_SECRET", "ASSENT_TEAMS_TENANT")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANTHROPIC_API = "https://api.anthropic.com"
# Never to be reached by the name of a connection's variable: it is the model's alone.
ANTHROPIC_KEY = "ASSENT_ANTHROPIC_API_KEY"
_KEY = re.compile(r"[!-~]{1,500}")  # what a header can carry
READY = "assent is ready"  # the line on standard output that a supervisor waits for
ORIGIN = "assent"  # the ledger's name in its checkpoints
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

SETTINGS: Mapping[str, str] = {
    "ASSENT_STATE": "folder of the database, the ledger's key and the desk (default: state)",
    "ASSENT_DATABASE_URL": "SQLAlchemy URL (default: SQLite in the state folder)",
    "ASSENT_BUNDLE": "folder of workflows, policies and roles (default: the shipped desk bundle)",
    "ASSENT_ENVIRONMENT": "sandbox or production, as the bundle names them (default: sandbox)",
    "ASSENT_SLACK_BOT_TOKEN": "xoxb- token of the installed app",
    "ASSENT_SLACK_APP_TOKEN": "xapp- token, for Socket Mode",
    "ASSENT_SLACK_SIGNING_SECRET": "signing secret, for HTTP",
    "ASSENT_SLACK_MODE": "socket or http (default: socket)",
    "ASSENT_SLACK_API_BASE": "address of the Web API (default: Slack's own)",
    "ASSENT_TEAMS_APP_ID": "id of the bot's app registration; set, it switches Teams on",
    "ASSENT_TEAMS_APP_SECRET": "client secret of that app registration",
    "ASSENT_TEAMS_TENANT": "id of the tenant that the bot is registered in",
    "ASSENT_TEAMS_TENANTS": "tenants that may talk to the bot, with commas (default: its own)",
    "ASSENT_TEAMS_SERVICES": "where the channel service may be, with commas (default: Microsoft's)",
    "ASSENT_TEAMS_LOGIN": "where the bot gets its tokens (default: Microsoft's)",
    "ASSENT_TEAMS_METADATA": "what names the keys of the channel service (default: Microsoft's)",
    ANTHROPIC_KEY: "key of the Claude API; set, a model plans what the rules do not understand",
    "ASSENT_ANTHROPIC_API_BASE": "address of the API or of a gateway to it (default: Anthropic's)",
    "ASSENT_HTTP_HOST": "address to listen on, for Teams and Slack by HTTP (default: 127.0.0.1)",
    "ASSENT_HTTP_PORT": "port to listen on, for Teams and Slack by HTTP (default: 3978)",
    "ASSENT_EXECUTOR": "name of this process among several (default: assent-1)",
    "ASSENT_DESK_ADDRESS": "file of the orders desk (default: desk.db in the state folder)",
    "ASSENT_DESK_READER_SECRET": "secret of the reading account (default: from the desk)",
    "ASSENT_DESK_REFUNDS_SECRET": "secret of the refunding account (default: from the desk)",
    "ASSENT_DESK_ORDERS_SECRET": "secret of the account for orders (default: from the desk)",
    "ASSENT_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR (default: WARNING)",
}


# The settings whose values nobody else may have: what is never shown, and kept from foreign code.
SECRETS = frozenset(
    name for name in SETTINGS if name.endswith(("_TOKEN", "_SECRET", "_KEY", "_DATABASE_URL"))
)


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message says which and what it should be."""


@dataclass(frozen=True)
class Slack:
    """How to reach Slack. Secrets never appear in a repr."""

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    mode: SlackMode
    api_base: str


@dataclass(frozen=True)
class Teams:
    """How to reach Teams as a single-tenant bot. The secret never appears in a repr.

    `tenants` may talk to the bot; `services` are prefixes of the service URLs that are answered
    to, the first one is where a conversation is begun that nothing is known of.
    """

    app_id: str
    app_secret: str = field(repr=False)
    tenant: str
    tenants: tuple[str, ...]
    services: tuple[str, ...] = TEAMS_SERVICES
    login: str = TEAMS_LOGIN
    metadata: str = TEAMS_METADATA


@dataclass(frozen=True)
class Anthropic:
    """How to reach the model. The key never appears in a repr."""

    api_key: str = field(repr=False)
    api_base: str


@dataclass(frozen=True)
class Settings:
    """The settings as the process uses them."""

    state: Path
    database_url: str
    bundle: Path
    environment: str
    slack: Slack | None
    teams: Teams | None
    anthropic: Anthropic | None
    http_host: str
    http_port: int
    executor: str
    log_level: str
    environ: Mapping[str, str] = field(repr=False)

    @property
    def ledger_key(self) -> Path:
        return self.state / "ledger.key"


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Settings out of environment variables. Raises SettingsError for an unknown or broken one."""
    for name in environ:
        is_ours = name.startswith("ASSENT_") and not CONNECTION_VARIABLE.fullmatch(name)
        if is_ours and name not in SETTINGS:
            raise SettingsError(
                f"{name} is no setting of Assent; see .env.example for those it knows"
            )
    state = Path(environ.get("ASSENT_STATE") or "state").absolute()
    return Settings(
        state=state,
        database_url=environ.get("ASSENT_DATABASE_URL") or f"sqlite:///{state / 'assent.db'}",
        bundle=Path(environ.get("ASSENT_BUNDLE") or BUNDLE_SHIPPED).absolute(),
        environment=environ.get("ASSENT_ENVIRONMENT") or "sandbox",
        slack=_slack(environ),
        teams=_teams(environ),
        anthropic=_anthropic(environ),
        http_host=environ.get("ASSENT_HTTP_HOST") or "127.0.0.1",
        http_port=_port(environ.get("ASSENT_HTTP_PORT") or "3978"),
        executor=environ.get("ASSENT_EXECUTOR") or "assent-1",
        log_level=_log_level(environ.get("ASSENT_LOG_LEVEL") or "WARNING"),
        environ={
            "ASSENT_DESK_ADDRESS": str(state / "desk.db"),
            **{name: value for name, value in environ.items() if value and name != ANTHROPIC_KEY},
        },
    )


def is_for_connections(name: str) -> bool:
    """Whether a connection may name this variable: all but Assent's own, such as a chat's token or
    the database's address."""
    return name not in SETTINGS or CONNECTION_VARIABLE.fullmatch(name) is not None


def _slack(environ: Mapping[str, str]) -> Slack | None:
    token = environ.get("ASSENT_SLACK_BOT_TOKEN", "")
    if not token:
        return None
    mode = environ.get("ASSENT_SLACK_MODE") or "socket"
    if mode not in get_args(SlackMode):
        raise SettingsError(f"ASSENT_SLACK_MODE is {mode!r}; it is either socket or http")
    needed = "ASSENT_SLACK_APP_TOKEN" if mode == "socket" else "ASSENT_SLACK_SIGNING_SECRET"
    if not environ.get(needed):
        raise SettingsError(f"{needed} is missing; {mode} mode needs it, see docs/how-to/slack.md")
    return Slack(
        bot_token=token,
        app_token=environ.get("ASSENT_SLACK_APP_TOKEN", ""),
        signing_secret=environ.get("ASSENT_SLACK_SIGNING_SECRET", ""),
        mode="http" if mode == "http" else "socket",
        api_base=environ.get("ASSENT_SLACK_API_BASE") or "https://slack.com/api/",
    )


def _teams(environ: Mapping[str, str]) -> Teams | None:
    app_id = environ.get("ASSENT_TEAMS_APP_ID", "").lower()
    if not any(environ.get(name) for name in _TEAMS_NEEDED):
        return None
    for name in _TEAMS_NEEDED:
        if not environ.get(name):
            raise SettingsError(f"{name} is missing; see docs/how-to/teams.md")
    tenant = environ["ASSENT_TEAMS_TENANT"].lower()
    tenants = _listed(environ.get("ASSENT_TEAMS_TENANTS", "").lower()) or (tenant,)
    for name, value in (
        ("ASSENT_TEAMS_APP_ID", app_id),
        ("ASSENT_TEAMS_TENANT", tenant),
        *(("ASSENT_TEAMS_TENANTS", each) for each in tenants),
    ):
        if not _GUID.fullmatch(value):
            raise SettingsError(
                f"{name} is {value!r}; it is an id such as 7d1f0a52-0000-4000-8000-00000000aa01"
            )
    if tenant not in tenants:
        raise SettingsError(
            f"ASSENT_TEAMS_TENANTS leaves out the bot's own tenant {tenant}, whose people could not"
            " talk to it; add it, or leave the setting out"
        )
    return Teams(
        app_id=app_id,
        app_secret=environ["ASSENT_TEAMS_APP_SECRET"],
        tenant=tenant,
        tenants=tenants,
        services=tuple(
            _web("ASSENT_TEAMS_SERVICES", each).rstrip("/") + "/"
            for each in _listed(environ.get("ASSENT_TEAMS_SERVICES", ""))
        )
        or TEAMS_SERVICES,
        login=_web("ASSENT_TEAMS_LOGIN", environ.get("ASSENT_TEAMS_LOGIN") or TEAMS_LOGIN),
        metadata=_web(
            "ASSENT_TEAMS_METADATA", environ.get("ASSENT_TEAMS_METADATA") or TEAMS_METADATA
        ),
    )


def _anthropic(environ: Mapping[str, str]) -> Anthropic | None:
    name = "ASSENT_ANTHROPIC_API_BASE"
    base = _web(name, environ.get(name) or ANTHROPIC_API)
    key = environ.get(ANTHROPIC_KEY, "")
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise SettingsError(f"{ANTHROPIC_KEY} holds a character that no key has, such as a blank")
    return Anthropic(key, base)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _web(name: str, address: str) -> str:
    """An address that secrets may be sent to: encrypted, or this machine itself."""
    if not (_ENCRYPTED.match(address) or _LOOPBACK.match(address)):
        raise SettingsError(f"{name} is {address!r}; it has to be https:// and a host's name")
    return address


_ENCRYPTED = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?(/|$)")
_LOOPBACK = re.compile(r"http://127\.0\.0\.1(:[0-9]{1,5})?(/|$)")


def _log_level(text: str) -> str:
    level = text.upper()
    if level not in LOG_LEVELS:
        raise SettingsError(f"ASSENT_LOG_LEVEL is {text!r}; it is one of {', '.join(LOG_LEVELS)}")
    return level


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 <= int(text) <= 65_535):
        raise SettingsError(f"ASSENT_HTTP_PORT is {text!r}; it is a port number from 0 to 65535")
    return int(text)
