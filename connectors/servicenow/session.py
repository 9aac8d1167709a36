"""A session at a ServiceNow instance: its Table API, with bounded calls, each failure of the tree.

ServiceNow publishes no SDK for Python, and those of others (pysnow, aiosnow) are no longer kept: so
this is plain HTTP. The API's version is pinned in its path.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors import scoped, wire
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.operation import Identity, Value
from connectors.private import origin
from connectors.saying import safe
from connectors.secrets.hiding import hide
from connectors.trusted import authorities
from connectors.wire import Call, Peer

if TYPE_CHECKING:
    from httpx2 import Client, Response

SYSTEM = "ServiceNow"
API = "/api/now/v2/table"  # pinned: without a version it is the instance's latest
PAGE_RECORDS = 100  # per request; the Table API's own bound is 10,000
PAGES_MAX = 5
OAUTH = "oauth:"  # before `client id:client secret` of a secret
# Two questions of the instance's own for who asks: its filter "Me", of the same id everywhere
# (sys_filter_option_dynamic), and the expression of the Table API's documentation.
ME = "90d1921e5f510100a9ad2572f2b477fe"
ME_BY_EXPRESSION = "javascript:gs.getUserID()"
WHO_AM_I = (f"sys_idDYNAMIC{ME}", f"sys_id={ME_BY_EXPRESSION}")

_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="next"')
# 403 is said for rules about values too; these are no matter of permission.
_RULES = re.compile(r"data policy|business rule|mandatory|invalid", re.I)

Json = Any  # what an answer's body holds
Row = Mapping[str, Any]  # field -> {"value": ..., "display_value": ...}


@dataclass(frozen=True)
class Session:
    """What an operation gets: calls of the Table API as one user, limited to `scopes`."""

    account: str
    scopes: frozenset[str]
    peer: Peer
    client: Client = field(repr=False)
    is_basic: bool = True

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    @property
    def user(self) -> str:
        """The account's own user name."""
        return self.account.partition("/")[2]

    def rows(
        self, table: str, call: Call, query: str, fields: tuple[str, ...], rows_max: int
    ) -> tuple[Row, ...]:
        """The rows of a query, both as stored and as shown, at most `rows_max`, by the instance's
        own links to the next page. It ignores what it does not understand of a query: whoever asks
        looks at the rows as well."""
        found: list[Row] = []
        asked: Mapping[str, str] | None = {
            **_shown(fields),
            "sysparm_query": query,
            "sysparm_limit": str(min(rows_max, PAGE_RECORDS)),
        }
        path = f"{API}/{table}"
        for _ in range(PAGES_MAX):
            headers, body = self._ask("GET", path, call, asked, None)
            found += self._rows(body, call)
            following = _NEXT.search(headers.get("link", ""))
            if following is None or len(found) >= rows_max:
                break
            parts = urlsplit(following[1])  # of its path and query alone: the secret stays here
            path, asked = f"{parts.path}?{parts.query}", None
        return tuple(found[:rows_max])

    def write(
        self,
        method: str,
        path: str,
        call: Call,
        values: Mapping[str, Value],
        fields: tuple[str, ...],
    ) -> Row:
        """One record written; it as it stands after that."""
        _, body = self._ask(method, f"{API}/{path}", call, _shown(fields), values)
        row = body.get("result") if isinstance(body, Mapping) else None
        if not isinstance(row, Mapping):
            raise wire.unreadable(self.peer, call, "no record")
        return row

    def _rows(self, body: Json, call: Call) -> list[Row]:
        rows = body.get("result") if isinstance(body, Mapping) else None
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise wire.unreadable(self.peer, call, "no records")
        return rows

    def _ask(
        self,
        method: str,
        path: str,
        call: Call,
        asked: Mapping[str, str] | None,
        body: Mapping[str, Value] | None,
    ) -> tuple[Mapping[str, str], Json]:
        from httpx2 import HTTPError, InvalidURL, StreamError

        try:
            with self.client.stream(method, path, params=asked, json=body) as response:
                content = self.bounded(response, call)
        except (HTTPError, InvalidURL, StreamError, OSError) as error:
            raise wire.broke_off(self.peer, call, error) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = int(response.status_code)
        if status >= 300:
            said = _complaint(content)
            status = 400 if status == 403 and _RULES.search(said) else status
            raise wire.answered(self.peer, call, status, headers, said)
        try:
            return headers, json.loads(content)
        except (ValueError, RecursionError):  # an instance that hibernates says so in HTML
            raise wire.unreadable(self.peer, call, "no JSON") from None

    def bounded(self, response: Response, call: Call) -> bytes:
        """The whole body, if it is neither too long nor too slow."""
        deadline, content = time.monotonic() + wire.READ_SECONDS, bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > wire.ANSWER_BYTES_MAX or time.monotonic() > deadline:
                raise wire.unreadable(self.peer, call, "it is too long or too slow")
        return bytes(content)


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """A session limited to the credential's scopes.

    The secret is `user name:password`, `oauth:client id:client secret` (a token is asked for at
    once, by the grant client_credentials), or an access token alone. Raises Rejected for an address
    or a secret of no such form.
    """
    address = _address(credential.address)
    secret = credential.secret.strip()
    if not secret:
        raise Rejected(
            f"The account {safe(credential.account)} has no secret for ServiceNow.",
            next_step="Give it `user name:password`, or `oauth:client id:client secret`.",
            is_secret_refused=True,
        )
    try:
        from httpx2 import Client, Limits, Timeout
    except ImportError:
        raise not_installed(SYSTEM, "servicenow") from None
    client = Client(
        base_url=address,
        headers={"Accept": "application/json", "User-Agent": "assent"},
        timeout=Timeout(wire.READ_SECONDS, connect=wire.CONNECT_SECONDS),
        limits=Limits(max_connections=2),
        follow_redirects=False,
        trust_env=False,
        verify=authorities(),
    )
    user, is_pair, rest = secret.partition(":")
    password = rest if is_pair and not secret.startswith(OAUTH) else ""
    peer = Peer(SYSTEM, credential.account, tuple(s for s in (secret, password) if s))
    session = Session(credential.account, credential.scopes, peer, client, bool(password))
    try:
        if password:
            hide(password)
            client.auth = (user, password)
        else:
            token = _token(session, rest) if secret.startswith(OAUTH) else secret
            hide(token)
            client.headers["Authorization"] = f"Bearer {token}"
        yield session
    finally:
        client.close()


def identify(session: Session) -> Identity:
    """Instance and user: "acme/assent-bot". The user is whom the instance finds as "me"; the
    instance is its address, which its certificate vouches for.

    An instance leaves out what it does not understand of a query. So exactly one user must be
    found, and none that is somebody else.
    """
    call = Call("its own account", is_write=False, scope="people:read")
    user = next(filter(None, (_me(session, call, question) for question in WHO_AM_I)), "")
    if not user:
        raise wire.unreadable(session.peer, call, "it does not say who this is")
    host = session.client.base_url.host
    return Identity(f"{host.removesuffix('.service-now.com')}/{user}")


def _me(session: Session, call: Call, question: str) -> str:
    """The one user that the question finds; "" where it finds none or others too."""
    found = session.rows("sys_user", call, question, ("sys_id", "user_name"), PAGE_RECORDS)
    if len(found) != 1:
        return ""
    others = f"{question}^sys_id!={stored(found[0], 'sys_id')}"
    if session.rows("sys_user", call, others, ("sys_id",), PAGE_RECORDS):
        return ""
    return stored(found[0], "user_name")


def stored(row: Row, name: str) -> str:
    """A field's value as it is stored; "" for none."""
    return _of(row, name, "value")


def shown(row: Row, name: str) -> str:
    """A field's value as people see it; "" for none."""
    return _of(row, name, "display_value")


def _of(row: Row, name: str, form: str) -> str:
    value = row.get(name)
    said = value.get(form) if isinstance(value, Mapping) else None
    return "" if said is None else str(said)


def _shown(fields: tuple[str, ...]) -> Mapping[str, str]:
    return {
        "sysparm_fields": ",".join(fields),
        "sysparm_display_value": "all",
        "sysparm_exclude_reference_link": "true",
    }


def _token(session: Session, pair: str) -> str:
    """An access token of the client itself. It is asked for once a session, never repeated."""
    from httpx2 import HTTPError, InvalidURL, StreamError

    client_id, _, client_secret = pair.partition(":")
    hide(client_secret)
    call = Call("an access token", is_write=False)
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
    }
    peer = Peer(SYSTEM, session.account, (client_secret,))
    try:
        with session.client.stream("POST", "/oauth_token.do", data=form) as response:
            content = session.bounded(response, call)
    except (HTTPError, InvalidURL, StreamError, OSError) as error:
        raise wire.broke_off(peer, call, error) from None
    if response.status_code >= 300:
        status = 401 if response.status_code in (400, 403) else response.status_code
        raise wire.answered(peer, call, status, response.headers)
    try:
        return str(json.loads(content)["access_token"])
    except (ValueError, RecursionError, KeyError, TypeError):
        raise wire.unreadable(peer, call, "no token") from None


def _complaint(content: bytes) -> str:
    """The `message` and `detail` of the Table API's errors."""
    try:
        said = json.loads(content)["error"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return ""
    if not isinstance(said, Mapping):
        return str(said)
    return ": ".join(str(said[name]) for name in ("message", "detail") if said.get(name))


def _address(address: str) -> str:
    found = origin(address)
    if found is None:
        raise Rejected(
            f"The address {safe(address)} is not that of a ServiceNow instance.",
            next_step="Give it as https://acme.service-now.com, without a path.",
        )
    return found
