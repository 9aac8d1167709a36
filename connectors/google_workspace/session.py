"""A session at Google Workspace: the Directory API, and what the Reports API tells of
administrators' acts, as one delegated administrator.

The connection's account is `CUSTOMER/ADMINISTRATOR` ("C03az79cb/assent@acme.example") and its
secret the JSON key of a service account to which the domain delegated the scopes that the session's
operations need; no others are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from connectors import scoped, wire
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.google_workspace import tokens
from connectors.google_workspace.sending import NotFoundError, Sender, new_client
from connectors.operation import Identity
from connectors.private import origin
from connectors.saying import safe

if TYPE_CHECKING:
    from httpx2 import Client

SYSTEM = "Google Workspace"
# Pinned: described by the SDK itself, nothing is fetched.
DIRECTORY, REPORTS = ("admin", "directory_v1"), ("admin", "reports_v1")
_REPORTED = frozenset({"activities"})  # of the Reports API; all others are the Directory's
_ANYWHERE = "https://address-of-the-session.invalid/"  # in a request until the session sends it
PAGE_ITEMS = 200  # the most that members.list and roleAssignments.list answer at once
PAGES_MAX = 25


@dataclass(frozen=True)
class Session:
    """What an operation gets: calls of both APIs, limited to `scopes`."""

    account: str
    scopes: frozenset[str]
    address: str
    peer: wire.Peer
    client: Client = field(repr=False)
    key: tokens.Key = field(repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    @property
    def admin(self) -> str:
        """The administrator as whom the service account acts."""
        return self.account.partition("/")[2]

    def call(self, resource: str, verb: str, call: wire.Call, **values: Any) -> Mapping[str, Any]:
        """One call, `users` `get` for one. Raises of the tree. Where Google no longer takes a token
        that was kept, nothing was done: it is asked for anew, once."""
        token, is_kept = self._token(call)
        try:
            return self._record(_request(resource, verb, call, values), call, token)
        except Rejected as refused:
            if not (is_kept and refused.is_secret_refused):
                raise
        token, _ = self._token(call)
        return self._record(_request(resource, verb, call, values), call, token)

    def _token(self, call: wire.Call) -> tuple[str, bool]:
        asking = wire.Call(f"a token for {call.subject}", is_write=False)
        return tokens.token(self.key, Sender(self.client, self.peer, asking))

    def _record(self, request: Any, call: wire.Call, token: str) -> Mapping[str, Any]:
        request.uri = f"{self.address}/{request.uri.removeprefix(_ANYWHERE)}"
        sender = Sender(self.client, self.peer, call, token)
        try:
            answer = request.execute(http=sender, num_retries=0)
        except Rejected as refused:
            if refused.is_secret_refused:
                tokens.forget(self.key)
            raise
        except (ValueError, KeyError, RecursionError):
            raise wire.unreadable(self.peer, call, "no JSON") from None
        if not answer:
            return {}
        if not isinstance(answer, Mapping):
            raise wire.unreadable(self.peer, call, "no record")
        return answer

    def find(
        self, resource: str, verb: str, call: wire.Call, **values: Any
    ) -> Mapping[str, Any] | None:
        """The same, None where there is nothing."""
        try:
            return self.call(resource, verb, call, **values)
        except NotFoundError:
            return None

    def pages(
        self, resource: str, call: wire.Call, items: str, **values: Any
    ) -> Iterator[Mapping[str, Any]]:
        """The records of a list, at most PAGES_MAX pages of them."""
        token: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            page = self.call(resource, "list", call, maxResults=PAGE_ITEMS, **values, **token)
            yield from page.get(items, ())
            if not page.get("nextPageToken"):
                return
            token = {"pageToken": str(page["nextPageToken"])}


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """A session; nothing is sent yet. Raises Rejected for an address, an account or a secret of no
    such form, and where the SDK is not installed."""
    address = _address(credential.address)
    key = tokens.key(credential, address)
    try:
        _service(DIRECTORY)
        client = new_client()
    except ImportError:
        raise not_installed(SYSTEM, "google") from None
    peer = wire.Peer(SYSTEM, credential.account, (key.private_key, credential.secret))
    try:
        yield Session(credential.account, credential.scopes, address, peer, client, key)
    finally:
        client.close()


def identify(session: Session) -> Identity:
    """Customer and administrator as Google says them."""
    call = wire.Call("the customer", is_write=False)
    customer = session.call("customers", "get", call, customerKey="my_customer")
    me = session.call("users", "get", wire.Call("the administrator", is_write=False),
                      userKey=session.admin or "me")  # fmt: skip
    if not customer.get("id") or not me.get("primaryEmail"):
        raise wire.unreadable(session.peer, call, "it names no customer or no administrator")
    return Identity(f"{customer['id']}/{str(me['primaryEmail']).lower()}")


def _request(resource: str, verb: str, call: wire.Call, values: Mapping[str, Any]) -> Any:
    try:
        return getattr(_resource(resource), verb)(**values)
    except TypeError:
        raise Rejected(
            f"{SYSTEM} cannot have {safe(call.subject)}.",
            next_step="Nothing was written; give the id that a search finds.",
        ) from None


@cache
def _description(api: tuple[str, str]) -> Mapping[str, Any]:
    from googleapiclient.discovery_cache import get_static_doc

    described: Mapping[str, Any] = json.loads(get_static_doc(*api))
    return described


@cache
def _service(api: tuple[str, str]) -> Any:
    """An API's calls, at no address yet; it holds no key and sends nothing by itself."""
    from googleapiclient.discovery import build_from_document

    told = {**_description(api), "rootUrl": _ANYWHERE, "mtlsRootUrl": _ANYWHERE}
    return build_from_document(told, http=_Nothing())


@cache
def _resource(name: str) -> Any:
    """The calls of one resource: the SDK makes each method anew from its description."""
    return getattr(_service(REPORTS if name in _REPORTED else DIRECTORY), name)()


class _Nothing:
    """What the SDK must be given for a transport; each call brings its own."""


def _address(address: str) -> str:
    found = origin(address)
    if found is None:
        raise Rejected(
            f"The address {safe(address)} is not that of Google's Directory API.",
            next_step="Give it as https://admin.googleapis.com.",
        )
    return found
