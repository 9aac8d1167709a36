"""A session at GitHub: one account, its scopes, and the SDK's transport within our bounds.

PyGithub makes the requests (authentication, API version, media types). It must not follow a
redirection (a renamed repository is another one than was approved), not repeat a call, and not
read without end; so its connection is ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from connectors import scoped
from connectors.credentials import Credential
from connectors.errors import ConnectorError, Rejected
from connectors.extras import not_installed
from connectors.github import app, turn
from connectors.github.answers import MOVED_HEADER, Answer, refused
from connectors.private import is_loopback, private
from connectors.saying import safe
from connectors.secrets.hiding import hide
from connectors.wire import (
    ANSWER_BYTES_MAX,
    CONNECT_SECONDS,
    READ_SECONDS,
    Call,
    Peer,
    broke_off,
    unreadable,
)

if TYPE_CHECKING:
    from github.Requester import Requester

SYSTEM = "GitHub"
API_VERSION = "2022-11-28"  # https://docs.github.com/en/rest/about-the-rest-api/api-versions
MEDIA_TYPE = "application/vnd.github+json"
USER_AGENT = "assent"
PAGE_SIZE = 100  # the most that GitHub gives
PAGES_MAX = 10  # of one list; whatever has more is not looked through
CHUNK_BYTES = 65_536
MOVED = (301, 307, 308)  # a renamed or transferred repository, a transferred issue
ENTERPRISE_PATH = "/api/v3"  # where a server's REST API is


@dataclass(frozen=True)
class Session:
    """What an operation gets. `organization` is the account's, "" for a personal account."""

    account: str
    address: str
    scopes: frozenset[str]
    peer: Peer
    requester: Requester = field(repr=False)
    installation: app.Installation | None = field(default=None, repr=False)

    @property
    def organization(self) -> str:
        """The first half of "acme/assent-bot"."""
        return self.account.rpartition("/")[0]

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    def require_owner(self, owner: str) -> None:
        """Raises Rejected for a record of another organization than the account's."""
        if self.organization and owner.lower() != self.organization.lower():
            raise Rejected(
                f"The account {self.account} works in {self.organization} alone, not in {owner}.",
                next_step="Name a record of that organization, or use an account of the other.",
            )

    @contextmanager
    def understood(self, subject: str) -> Iterator[None]:
        """Whatever an answer lacks inside makes it one that cannot be read. Raises Unavailable."""
        try:
            yield
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            call = Call(subject, is_write=False)
            raise unreadable(self.peer, call, "something lacks in it") from None

    def turn(self) -> AbstractContextManager[None]:
        """One write at a time, as GitHub asks; what is re-read inside stays so for this process."""
        return turn.held(self.address, self.account)

    def get(
        self, path: str, subject: str, scope: str = "", query: Mapping[str, str] | None = None
    ) -> Answer:
        """A record. Raises of the tree, Rejected where there is none."""
        call = Call(subject, is_write=False, scope=scope)
        answer = self._ask("GET", path, call, query)
        if answer.status in MOVED:
            raise self._moved(call, answer)
        if answer.status >= 300:
            raise refused(self.peer, call, answer)
        return answer

    def _moved(self, call: Call, answer: Answer) -> ConnectorError:
        """A redirection is not followed: what was approved is what was named. It is only said."""
        to = urlsplit(answer.headers.get(MOVED_HEADER, ""))
        here = urlsplit(self.address)
        path = to.path.removeprefix(here.path)
        if to.hostname != here.hostname or not path.startswith("/repositories/"):
            return refused(self.peer, call, answer)
        now = self._ask("GET", path, call)
        said = now.body if now.status == 200 and isinstance(now.body, dict) else {}
        name = safe(said.get("full_name") or said.get("html_url") or "")
        if not name:
            return refused(self.peer, call, answer)
        return Rejected(
            f"{SYSTEM} knows {call.subject} under another name: {name}.",
            next_step="Nothing was written; name it so if that one is meant.",
        )

    def find(self, path: str, subject: str, scope: str = "", absent: str = "") -> Answer | None:
        """A record, None where GitHub says that there is none, or none any more, in words that hold
        `absent`."""
        call = Call(subject, is_write=False, scope=scope)
        answer = self._ask("GET", path, call)
        if answer.status in (404, 410) and absent.lower() in answer.said.lower():
            return None
        if answer.status >= 300:
            raise refused(self.peer, call, answer)
        return answer

    def pages(
        self,
        path: str,
        subject: str,
        scope: str = "",
        query: Mapping[str, str] | None = None,
        pages_max: int = PAGES_MAX,
        *,
        is_cut: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """The entries of a list, page by page. Beyond `pages_max` pages it is cut where the first
        ones are enough, else Rejected."""
        for page in range(1, pages_max + 1):
            asked = {**(query or {}), "per_page": str(PAGE_SIZE), "page": str(page)}
            answer = self.get(path, subject, scope, asked)
            if not isinstance(answer.body, list):
                raise unreadable(self.peer, Call(subject, is_write=False), "no list")
            yield from (entry for entry in answer.body if isinstance(entry, dict))
            if 'rel="next"' not in answer.headers.get("link", ""):
                return
        if is_cut:
            return
        raise Rejected(
            f"{SYSTEM} has more than {pages_max * PAGE_SIZE} entries of {subject}.",
            next_step="That is more than is looked through; do this one at GitHub.",
        )

    def write(
        self, verb: str, path: str, subject: str, scope: str, body: object | None = None
    ) -> Answer:
        """One write, made at most once. Raises of the tree."""
        call = Call(subject, is_write=True, scope=scope)
        answer = self._ask(verb, path, call, body=body)
        if answer.status >= 300:
            raise refused(self.peer, call, answer)
        return answer

    def _ask(
        self,
        verb: str,
        path: str,
        call: Call,
        query: Mapping[str, str] | None = None,
        body: object | None = None,
    ) -> Answer:
        return ask(self.requester, self.peer, verb, path, call, query, body)


def ask(
    requester: Requester,
    peer: Peer,
    verb: str,
    path: str,
    call: Call,
    query: Mapping[str, str] | None = None,
    body: object | None = None,
) -> Answer:
    """One request and its answer, whatever its status. Raises of the tree where none came."""
    try:
        status, headers, said = requester.requestJson(
            verb, path, dict(query or {}), {"Accept": MEDIA_TYPE}, body
        )
    except _TooLargeError:
        raise unreadable(peer, call, f"more than {ANSWER_BYTES_MAX} bytes") from None
    except Exception as error:  # noqa: BLE001 - requests', urllib3's and the SDK's own: all are "no answer"
        raise broke_off(peer, call, error) from None
    parsed = _parsed(said)
    if parsed is _UNREADABLE and status < 300:
        raise unreadable(peer, call, "no JSON")
    return Answer(status, dict(headers), None if parsed is _UNREADABLE else parsed)


def part(name: str) -> str:
    """A name as a part of a path, its slashes included."""
    return quote(name, safe="")


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """A session limited to the credential's scopes. Raises Rejected where address or secret cannot
    be right, else of the tree where a GitHub App's token cannot be had."""
    address = checked_address(credential.address)
    if not credential.secret.strip():
        raise Rejected(
            f"The connection of the account {credential.account} has no secret.",
            next_step="Give it a token of the account, or the key of a GitHub App.",
            is_secret_refused=True,
        )
    installation = app.parsed(credential.secret)
    peer = Peer(SYSTEM, credential.account, (credential.secret,))
    token = _checked_token(credential.secret.strip(), installation)
    if installation is not None:
        peer = Peer(SYSTEM, credential.account, (credential.secret, installation.private_key))
        token = app.token(installation, address, lambda path: _with_app(peer, address, path))
        peer = Peer(SYSTEM, credential.account, (*peer.secrets, token))
    requester = _requester(address, token)
    try:
        yield Session(credential.account, address, credential.scopes, peer, requester, installation)
    finally:
        requester.close()


def checked_address(address: str) -> str:
    """Where the REST API is: https://api.github.com, or https://HOST/api/v3 of a server."""
    parts = private(address.rstrip("/"))
    host = (parts.hostname if parts else None) or ""
    path = "" if host.startswith("api.") or is_loopback(host) else ENTERPRISE_PATH
    if parts is None or parts.query or parts.fragment or parts.username or parts.path != path:
        raise Rejected(
            "The address of the connection is not that of a GitHub API.",
            next_step=f"Write https://api.github.com, or https://HOST{ENTERPRISE_PATH}.",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _checked_token(token: str, installation: app.Installation | None) -> str:
    if installation is None and not (token.isascii() and token.isprintable() and " " not in token):
        raise Rejected(
            "The secret of the connection is no token of GitHub.",
            next_step="Give it a token of the account, or the key of a GitHub App as JSON.",
            is_secret_refused=True,
        )
    return token


def _with_app(peer: Peer, address: str, path: app.Path) -> Answer:
    """What GitHub tells the app itself, which no installation may ask."""
    hide(path.token)
    requester = _requester(address, path.token)
    try:
        call = Call(path.subject, is_write=False)
        answer = ask(requester, peer, path.verb, path.path, call)
    finally:
        requester.close()
    if answer.status >= 300:
        raise refused(peer, call, answer)
    return answer


def asked_as_app(session: Session, subject: str, path: str) -> Answer:
    """A GET as the app itself; the session's account must be an app's."""
    if session.installation is None:
        raise ValueError("the session is no app's")
    made = app.Path("GET", path, subject, app.signed(session.installation))
    return _with_app(session.peer, session.address, made)


class _TooLargeError(Exception):
    """The answer goes on beyond the bound."""


_UNREADABLE = object()


def _parsed(said: str) -> Any:
    if not said:
        return None
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return _UNREADABLE


def _requester(address: str, token: str) -> Requester:
    try:
        from github import Auth
    except ImportError:
        raise not_installed(SYSTEM, "github") from None
    kind = _requester_class()
    return kind(
        auth=Auth.AppAuthToken(token) if token.startswith("eyJ") else Auth.Token(token),
        base_url=address,
        timeout=(CONNECT_SECONDS, READ_SECONDS),  # type: ignore[arg-type]  # handed to requests, which takes both
        user_agent=USER_AGENT,
        per_page=PAGE_SIZE,
        verify=True,
        retry=0,
        pool_size=None,
        api_version=API_VERSION,
    )


@cache
def _requester_class() -> type[Requester]:
    """The SDK's requester on our connections."""
    import requests
    from github import Requester as sdk  # noqa: N813 - a module, whatever its name looks like

    def bounded(connection: Any) -> sdk.RequestsResponse:
        url = f"{connection.protocol}://{connection.host}:{connection.port}{connection.url}"
        asked = requests.Request(
            connection.verb, url, headers=connection.headers, data=connection.input
        )
        session: requests.Session = connection.session
        response = session.send(
            session.prepare_request(asked),
            timeout=connection.timeout,
            allow_redirects=False,
            **_surroundings(connection, url),
        )
        return sdk.RequestsResponse(_read(response))

    def _surroundings(connection: Any, url: str) -> dict[str, Any]:
        """What the machine says of proxies and authorities, looked up once for each line: it is
        the same for all paths of a host, and takes as long as a request."""
        if not hasattr(connection, "surroundings"):
            connection.surroundings = connection.session.merge_environment_settings(
                url, {}, stream=True, verify=connection.verify, cert=None
            )
        return dict(connection.surroundings)

    def _read(response: requests.Response) -> requests.Response:
        said = bytearray()
        with response:
            for chunk in response.iter_content(CHUNK_BYTES):
                said += chunk
                if len(said) > ANSWER_BYTES_MAX:
                    raise _TooLargeError
        response._content = bytes(said)
        response.encoding = "utf-8"
        if "location" in response.headers:
            response.headers[MOVED_HEADER] = response.headers.pop("location")
        if response.status_code == 202 and response.request.method == "GET":
            response.status_code = 503  # "not computed yet": the SDK would ask again without end
        return response

    class Http(sdk.HTTPRequestsConnectionClass):
        def getresponse(self) -> sdk.RequestsResponse:
            return bounded(self)

    class Https(sdk.HTTPSRequestsConnectionClass):
        def getresponse(self) -> sdk.RequestsResponse:
            return bounded(self)

    class Bounded(sdk.Requester):
        """Ours alone: the SDK's own class stays as it is for everybody else."""

    Bounded.injectConnectionClasses(Http, Https)
    Bounded._Requester__persist = True  # type: ignore[attr-defined]  # injecting turns off that a line is kept
    return Bounded
