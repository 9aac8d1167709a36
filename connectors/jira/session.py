"""A session at Jira Cloud: REST v3 through the SDK's versioned client, which retries nothing here.

Of the kept SDKs this is `atlassian-python-api`, whose `JiraCloud` speaks v3 with its own document
format and hands out raw answers. `jira` has neither: its edits cannot carry entity properties, and
it sleeps and repeats by itself, writes included.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from connectors import scoped, wire
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.jira.sending import bounded_session
from connectors.operation import Identity, Value
from connectors.private import private
from connectors.secrets.hiding import hide
from connectors.wire import READ_SECONDS, Call, Peer

if TYPE_CHECKING:
    from atlassian import JiraCloud

SYSTEM = "Jira"
API_VERSION = 3  # pinned: v2 has another format of text, "latest" is v2
COMPLAINTS_MAX = 4  # of one answer that are shown

Json = Any  # what an answer's body holds: numbers with a fraction are Decimal, never float


@dataclass(frozen=True)
class Session:
    """What an operation gets: the SDK's client, and what it may be used for."""

    account: str
    scopes: frozenset[str]
    peer: Peer
    client: JiraCloud = field(repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    @property
    def account_id(self) -> str:
        """The account's own id, as people are known in Jira."""
        return self.account.partition("/")[2]

    def get(self, resource: str, call: Call, params: Mapping[str, Value] | None = None) -> Json:
        """What is there. Raises of the tree."""
        return self._ask("GET", resource, call, params, None)

    def find(
        self, resource: str, call: Call, params: Mapping[str, Value] | None = None
    ) -> Json | None:
        """The same, None where there is nothing (or nothing for this account)."""
        return self._ask("GET", resource, call, params, None, is_optional=True)

    def send(self, method: str, resource: str, call: Call, body: Mapping[str, Value]) -> Json:
        """A call with a body: a write, or a question too long for an address."""
        return self._ask(method, resource, call, None, body)

    def _ask(
        self,
        method: str,
        resource: str,
        call: Call,
        params: Mapping[str, Value] | None,
        body: Mapping[str, Value] | None,
        *,
        is_optional: bool = False,
    ) -> Json | None:
        try:
            answer = self.client.request(
                method,
                self.client.endpoint(resource),
                params=dict(params or {}),
                data=None if body is None else dict(body),
                advanced_mode=True,
                allow_redirects=False,
            )
        except (OSError, ValueError) as error:  # requests' own errors are OSErrors
            raise wire.broke_off(self.peer, call, error) from None
        if is_optional and answer.status_code == 404:
            return None
        if answer.status_code >= 300:
            said = _complaints(answer.content)
            raise wire.answered(self.peer, call, answer.status_code, answer.headers, said)
        return self._read(answer.content, call)

    def _read(self, content: bytes, call: Call) -> Json:
        if not content:
            return {}
        try:
            return json.loads(content, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise wire.unreadable(self.peer, call, "no JSON") from None


@contextmanager
def open_session(credential: Credential, read_seconds: float = READ_SECONDS) -> Iterator[Session]:
    """A session limited to the credential's scopes. Nothing is sent yet.

    The secret is `e-mail:API token`, or an OAuth 2.0 access token alone. Raises Rejected where the
    SDK is not installed, the secret is none, or the address is neither encrypted nor this machine.
    """
    _refuse_plain(credential.address)
    if not credential.secret.strip():
        raise Rejected(
            "The connection to Jira has no secret.",
            next_step="Give it `e-mail:API token` of its service account, or an access token.",
            is_secret_refused=True,
        )
    try:
        from atlassian import JiraCloud
    except ImportError:
        raise not_installed(SYSTEM, "jira") from None
    logging.getLogger("atlassian").setLevel(logging.INFO)  # at DEBUG it logs whole answers
    user, is_basic, token = credential.secret.strip().partition(":")
    hide(token or user)
    http = bounded_session(read_seconds)
    client = JiraCloud(
        credential.address.rstrip("/"),
        api_version=API_VERSION,
        session=http,
        backoff_and_retry=False,
        retry_with_header=False,
        timeout=int(read_seconds),
        **({"username": user, "password": token} if is_basic else {"token": user}),
    )
    peer = Peer(SYSTEM, credential.account, secrets=(credential.secret, token or user))
    try:
        yield Session(credential.account, credential.scopes, peer, client)
    finally:
        http.close()


def identify(session: Session) -> Identity:
    """Site and account as Jira says them: "acme.atlassian.net/<accountId>"."""
    me = session.get("myself", Call("its own account", is_write=False, scope="people:read"))
    call = Call("the site", is_write=False)
    info = session.get("serverInfo", call)
    site = _host(info.get("baseUrl")) if isinstance(info, Mapping) else ""
    account_id = me.get("accountId") if isinstance(me, Mapping) else None
    if not site or not isinstance(account_id, str) or not account_id:
        raise wire.unreadable(session.peer, call, "it names no site or no account")
    return Identity(f"{site}/{account_id}")


def _host(address: Json) -> str:
    try:
        return urlsplit(str(address)).hostname or ""
    except ValueError:
        return ""


def segment(value: str) -> str:
    """One part of an address, whatever it holds."""
    return quote(value, safe="")


def _refuse_plain(address: str) -> None:
    if private(address) is not None:
        return
    raise Rejected(
        "The address of Jira is not encrypted, so its secret is not sent there.",
        next_step="Give the connection an https address, such as https://acme.atlassian.net.",
    )


def _complaints(content: bytes) -> str:
    """Jira's `errorMessages` and `errors` (by field), or the `message` of its gateway."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    general, fields = said.get("errorMessages"), said.get("errors")
    found = [str(each) for each in general] if isinstance(general, list) else []
    if isinstance(fields, dict):
        found += [f"{name}: {each}" for name, each in fields.items()]
    if not found and said.get("message"):
        found = [str(said["message"])]
    return "; ".join(found[:COMPLAINTS_MAX])
