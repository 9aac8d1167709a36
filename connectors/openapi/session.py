"""A session at an HTTP interface: one host, which the connection names, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from connectors import scoped, wire
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.operation import Value
from connectors.private import private
from connectors.trusted import authorities
from connectors.wire import Call, Peer

if TYPE_CHECKING:
    import httpx

EXTRA = "openapi"
# Nothing compressed: what is small on the wire could be endless in memory.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "assent"}


@dataclass(frozen=True)
class Answer:
    """The JSON of an answer, and its headers by their names in small letters."""

    tree: Value
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Session:
    """What an operation gets."""

    peer: Peer
    scopes: frozenset[str]
    client: httpx.Client

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.peer.account, self.scopes, scopes)

    def ask(
        self,
        method: str,
        path: str,
        call: Call,
        body: Mapping[str, Value] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, once. A redirect is not followed: it is an answer that is no success.
        Raises the tree."""
        import httpx

        data = b""
        try:
            with self.client.stream(method, path, json=body, headers=headers) as response:
                for piece in response.iter_raw():
                    data += piece
                    if len(data) > wire.ANSWER_BYTES_MAX:
                        raise wire.unreadable(self.peer, call, "too long")
        except httpx.HTTPError as error:
            raise wire.broke_off(self.peer, call, error) from None
        got = {name.lower(): value for name, value in response.headers.items()}
        if not 200 <= response.status_code < 300:
            raise wire.answered(self.peer, call, response.status_code, got, _said(data))
        return Answer(self._tree(data, got, call), got)

    def _tree(self, data: bytes, headers: Mapping[str, str], call: Call) -> Value:
        if not data:
            return {}
        if call.is_write and "json" not in headers.get("content-type", ""):
            return {}
        try:
            return json.loads(data, parse_float=str, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise wire.unreadable(self.peer, call, "no JSON") from None


@contextmanager
def opened(title: str, secret_header: str | None, credential: Credential) -> Iterator[Session]:
    """A session; nothing is sent yet. Raises Rejected for an address that is none."""
    try:
        import httpx
    except ImportError:
        raise not_installed("declared HTTP interfaces", EXTRA) from None
    _check(credential.address)
    if not credential.secret:
        raise Rejected(
            f"The connection to {title} has no secret.",
            next_step="Name it in bundle.yml, as env:NAME.",
            is_secret_refused=True,
        )
    name = secret_header or "Authorization"
    value = credential.secret if secret_header else f"Bearer {credential.secret}"
    if not value.isascii() or not value.isprintable():
        raise Rejected(f"The secret for {title} holds what no header can.", next_step="Renew it.")
    with httpx.Client(
        base_url=credential.address,
        headers={name: value, **_HEADERS},
        timeout=httpx.Timeout(wire.READ_SECONDS, connect=wire.CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        verify=authorities(),
    ) as client:
        peer = Peer(title, credential.account, (credential.secret,))
        yield Session(peer, credential.scopes, client)


def _check(address: str) -> None:
    parts = private(address)
    if parts is None or parts.username or parts.query or parts.fragment:
        raise Rejected(
            "The address of the connection is none of an HTTP interface.",
            next_step="Write it as https://HOST/PATH, without a user and without a query.",
        )


def _said(data: bytes) -> str:
    """What the system says of a refusal, wherever it usually stands; never the whole body."""
    try:
        tree = json.loads(data[:10_000])
    except (ValueError, RecursionError):
        return ""
    if not isinstance(tree, dict):
        return ""
    error = tree.get("error")
    inner = error.get("message") if isinstance(error, dict) else error
    for each in (tree.get("detail"), tree.get("message"), inner, tree.get("title")):
        if isinstance(each, str):
            return each
    return ""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
