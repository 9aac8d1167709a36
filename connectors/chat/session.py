"""A session at a Slack workspace: one bot's token, and its calls through Slack's own SDK."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from connectors import scoped, wire
from connectors.chat.address import Place, place
from connectors.credentials import Credential
from connectors.errors import ConnectorError, Rejected
from connectors.operation import Identity
from connectors.wire import Call, Peer

if TYPE_CHECKING:
    from slack_sdk import WebClient

_FORBIDDEN = (
    "missing_scope", "no_permission", "access_denied", "ekm_access_denied", "is_archived",
    "not_in_channel", "restricted_action", "team_access_not_granted", "org_login_required",
)  # fmt: skip
# docs.slack.dev/reference/methods: the `error` of an answer that is not `ok`, as HTTP's statuses.
_AS_STATUS: Mapping[str, int] = {
    **dict.fromkeys(
        ("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"), 401
    ),
    **dict.fromkeys(_FORBIDDEN, 403),
    **dict.fromkeys(("channel_not_found", "message_not_found"), 404),
    **dict.fromkeys(("ratelimited", "rate_limited", "message_limit_exceeded"), 429),
    **dict.fromkeys(("service_unavailable", "team_added_to_org"), 503),
    # "may have succeeded before the error was raised"
    **dict.fromkeys(("internal_error", "fatal_error", "request_timeout"), 500),
}
_ERROR = re.compile(r"[a-z0-9_]{1,80}")
# Slack's scopes as our operations name them.
_SCOPES: Mapping[str, frozenset[str]] = {
    "messages:write": frozenset({"chat:write"}),
    "messages:read": frozenset({"channels:history", "groups:history"}),
}


@dataclass(frozen=True)
class Session:
    """One bot in one workspace."""

    account: str
    scopes: frozenset[str]
    place: Place
    peer: Peer
    client: WebClient = field(repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    def call(self, method: str, call: Call, **arguments: Any) -> Mapping[str, Any]:
        """One call, made once. Raises of the tree."""
        said, _ = self._asked(method, call, arguments)
        return said

    def _asked(
        self, method: str, call: Call, arguments: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        from slack_sdk.errors import SlackApiError, SlackClientError

        # As the SDK's own methods do: Slack takes JSON where something is written, else a form.
        body, form = (dict(arguments), None) if call.is_write else (None, dict(arguments))
        try:
            answer = self.client.api_call(method, json=body, params=form)
        except SlackApiError as error:
            raise self._refused(call, error.response) from None
        except (OSError, HTTPException) as error:
            raise wire.broke_off(self.peer, call, error) from None
        except (SlackClientError, ValueError, TypeError, AttributeError, RecursionError):
            raise wire.unreadable(self.peer, call, "it is no answer of Slack's") from None
        if not isinstance(answer.data, dict):
            raise wire.unreadable(self.peer, call, "it is no object")
        return answer.data, _headers(answer)

    def _refused(self, call: Call, answer: Any) -> ConnectorError:
        said = getattr(answer, "data", answer)
        status = int(getattr(answer, "status_code", 0) or 0)
        error = said.get("error") if isinstance(said, Mapping) else ""
        if status < 400 and not (isinstance(error, str) and _ERROR.fullmatch(error)):
            return wire.unreadable(self.peer, call, "it is no JSON")
        status = _AS_STATUS.get(str(error), status if status >= 400 else 400)
        needed = said.get("needed", "") if isinstance(said, Mapping) else ""
        told = f"{error} {needed}".strip()
        return wire.answered(self.peer, call, status, _headers(answer), told)

    def identity(self) -> Identity:
        """As the workspace itself says; it tells no sandbox from production."""
        call = Call("the sign-in", is_write=False)
        said, headers = self._asked("auth.test", call, {})
        team, user = said.get("team_id"), said.get("user_id")
        if not (isinstance(team, str) and isinstance(user, str) and team and user):
            raise wire.unreadable(self.peer, call, "it names no workspace and user")
        granted = headers.get("x-oauth-scopes")
        return Identity(f"{team}/{user}", scopes=None if granted is None else _ours(granted))


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """Raises Rejected for an address that is not understood, or a secret that is no token."""
    from slack_sdk import WebClient  # of what every installation has

    where = place(credential.address)
    if not credential.secret.isascii() or not credential.secret.isprintable():
        raise _no_token(credential)
    if not credential.secret or " " in credential.secret:
        raise _no_token(credential)
    client = WebClient(
        token=credential.secret,
        base_url=where.api,
        timeout=int(wire.READ_SECONDS),
        retry_handlers=[],  # a message is never sent twice by itself
    )
    peer = Peer("Slack", credential.account, secrets=(credential.secret,))
    yield Session(credential.account, credential.scopes, where, peer, client)


def identify(session: Session) -> Identity:
    """Workspace and bot user in Slack's own ids: `T0123ABCD/U0456EFGH`. Slack says the token's
    scopes, and tells no environments apart. Raises of the tree."""
    return session.identity()


def _ours(granted: str) -> frozenset[str]:
    held = frozenset(each.strip() for each in granted.split(","))
    return frozenset(ours for ours, theirs in _SCOPES.items() if theirs & held)


def _headers(answer: Any) -> dict[str, str]:
    headers = getattr(answer, "headers", None) or {}
    return {
        str(name).lower(): str(value[0] if isinstance(value, list) and value else value)
        for name, value in headers.items()
    }


def _no_token(credential: Credential) -> Rejected:
    return Rejected(
        f"Slack does not accept the secret of the account {credential.account}: it is no token.",
        next_step="Give the connection the bot's token, which begins with xoxb-.",
        is_secret_refused=True,
    )
