"""A session at Okta: its management API, with bounded calls, each failure of the tree.

Okta's own SDK (3.4) is not used. It is asynchronous alone and a connector is not; it waits out rate
limits and repeats writes by itself; it answers reads from a cache of its own; and at the level
DEBUG it logs the token.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from connectors import scoped, wire
from connectors.credentials import Credential, Environment
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.operation import Identity
from connectors.private import origin
from connectors.saying import safe
from connectors.secrets.hiding import hide
from connectors.trusted import authorities

if TYPE_CHECKING:
    from httpx2 import Client, Response

SYSTEM = "Okta"
API = "/api/v1"  # the one version that Okta has
PAGE_ITEMS = 200  # what Okta recommends for groups and their members (API reference, `limit`)
PAGES_MAX = 25  # 5 000 records; a longer list counts as one of that length
_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="next"')
_PREVIEW = re.compile(r"(^|\.)oktapreview\.com$|^(dev|trial|integrator)-\d+(-admin)?\.okta\.com$")
_PRODUCTION = re.compile(r"\.(okta|okta-emea|okta-gov)\.com$|\.okta\.mil$")
_TOKEN = re.compile(r"[\x21-\x7e]{20,4000}")

Json = Any  # what an answer's body holds


@dataclass(frozen=True)
class Session:
    """What an operation gets: calls of Okta as one administrator, limited to `scopes`."""

    account: str
    scopes: frozenset[str]
    address: str
    peer: wire.Peer
    client: Client = field(repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    @property
    def login(self) -> str:
        """The login of the account itself."""
        return self.account.partition("/")[2]

    def get(self, path: str, call: wire.Call, query: Mapping[str, str] | None = None) -> Json:
        """What is there. Raises of the tree."""
        return self._read(self._ask("GET", path, call, query), call)

    def find(self, path: str, call: wire.Call) -> Json | None:
        """The same, None where there is nothing."""
        status, headers, content = self._ask("GET", path, call, None, is_optional=True)
        return None if status == 404 else self._read((status, headers, content), call)

    def send(
        self, method: str, path: str, call: wire.Call, query: Mapping[str, str] | None = None
    ) -> None:
        """A write. None of Okta's that are made here carries a body or needs the answer's."""
        self._ask(method, path, call, query)

    def pages(
        self, path: str, call: wire.Call, query: Mapping[str, str] | None = None
    ) -> Iterator[Mapping[str, Json]]:
        """The records of a list in pages, at most PAGES_MAX of them, by Okta's own links."""
        asked: Mapping[str, str] | None = {"limit": str(PAGE_ITEMS), **(query or {})}
        for _ in range(PAGES_MAX):
            status, headers, content = self._ask("GET", path, call, asked)
            records = self._read((status, headers, content), call)
            if not isinstance(records, list):
                raise wire.unreadable(self.peer, call, "no list")
            yield from records
            following = _NEXT.search(headers.get("link", ""))
            if following is None:
                return
            parts = urlsplit(following[1])  # of its path and query alone: the token stays here
            path, asked = f"{parts.path}?{parts.query}", None

    def _ask(
        self,
        method: str,
        path: str,
        call: wire.Call,
        query: Mapping[str, str] | None,
        *,
        is_optional: bool = False,
    ) -> tuple[int, Mapping[str, str], bytes]:
        from httpx2 import HTTPError, InvalidURL, StreamError

        try:
            with self.client.stream(method, path, params=query or None) as response:
                content = self._bounded(response, call)
        except (HTTPError, InvalidURL, StreamError, OSError) as error:
            raise wire.broke_off(self.peer, call, error) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = int(response.status_code)
        if status >= 300 and not (is_optional and status == 404):
            raise wire.answered(self.peer, call, status, headers, _complaint(content))
        return status, headers, content

    def _bounded(self, response: Response, call: wire.Call) -> bytes:
        deadline, content = time.monotonic() + wire.READ_SECONDS, bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > wire.ANSWER_BYTES_MAX or time.monotonic() > deadline:
                raise wire.unreadable(self.peer, call, "it is too long or too slow")
        return bytes(content)

    def _read(self, answer: tuple[int, Mapping[str, str], bytes], call: wire.Call) -> Json:
        try:
            return json.loads(answer[2])
        except (ValueError, RecursionError):
            raise wire.unreadable(self.peer, call, "no JSON") from None


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """A session limited to the credential's scopes; nothing is sent yet. The secret is an API
    token. Raises Rejected for an address or a secret of no such form."""
    address = _address(credential.address)
    token = credential.secret.strip()
    if not _TOKEN.fullmatch(token):
        raise Rejected(
            f"The secret of the account {safe(credential.account)} is no API token of Okta.",
            next_step="Make one as the service account (Security > API > Tokens), and keep it.",
            is_secret_refused=True,
        )
    try:
        from httpx2 import Client, Limits, Timeout
    except ImportError:
        raise not_installed(SYSTEM, "okta") from None
    hide(token)
    client = Client(
        base_url=address,
        headers={
            "Authorization": f"SSWS {token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "assent",
        },
        timeout=Timeout(wire.READ_SECONDS, connect=wire.CONNECT_SECONDS),
        limits=Limits(max_connections=2),
        follow_redirects=False,
        trust_env=False,
        verify=authorities(),
    )
    try:
        yield Session(
            credential.account, credential.scopes, address,
            wire.Peer(SYSTEM, credential.account, (token,)), client,
        )  # fmt: skip
    finally:
        client.close()


def identify(session: Session) -> Identity:
    """Organisation and login as Okta says them, "00o1abc.../assent@acme.example", and by the
    organisation's own domain whether it is a preview or a developer's."""
    org = session.get("/.well-known/okta-organization", wire.Call("the org", is_write=False))
    me = session.get(f"{API}/users/me", wire.Call("its own account", is_write=False))
    try:
        account = f"{org['id']}/{me['profile']['login']}"
        domain = urlsplit(str(org["_links"]["organization"]["href"])).hostname or ""
    except (KeyError, TypeError):
        raise wire.unreadable(
            session.peer, wire.Call("the org", is_write=False), "it names no org or no account"
        ) from None
    return Identity(account, _environment(domain))


def segment(value: str) -> str:
    """One part of an address, whatever it holds."""
    return quote(value, safe="")


def _environment(domain: str) -> Environment | None:
    if _PREVIEW.search(domain):
        return "sandbox"
    return "production" if _PRODUCTION.search(domain) else None


def _address(address: str) -> str:
    found = origin(address)
    if found is None:
        raise Rejected(
            f"The address {safe(address)} is not that of an Okta organisation.",
            next_step="Give it as https://acme.okta.com, without a path.",
        )
    return found


def _complaint(content: bytes) -> str:
    """Okta's summary and causes of an error (API reference, "Error object")."""
    try:
        said = json.loads(content)
        causes = [str(each["errorSummary"]) for each in said.get("errorCauses") or ()]
        return "; ".join([str(said["errorSummary"]), *causes])
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return ""
