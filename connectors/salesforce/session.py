"""A session at one org: its token by OAuth client credentials, and the calls through the SDK."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from connectors import scoped, wire
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.operation import Identity
from connectors.salesforce.address import Org, org
from connectors.salesforce.failures import code_of, failure
from connectors.secrets.hiding import hide
from connectors.wire import Call, Peer

if TYPE_CHECKING:
    from requests import Session as Requests
    from simple_salesforce.api import Salesforce

    from connectors.salesforce.carrier import Carrier

API_VERSION = "66.0"  # Spring '26; Salesforce keeps each for at least three years
TOKEN_SECONDS = 1_200.0  # a quarter of an hour is the shortest life that an org can set, in minutes
TOKENS_MAX = 200  # remembered in one process
_ID = re.compile(r"https://[^/]+/id/(00D[A-Za-z0-9]{12,15})/(005[A-Za-z0-9]{12,15})")

T = TypeVar("T")


@dataclass(frozen=True)
class Token:
    """What the org gave for the secret; `account` is "ORG/USER" in its own ids."""

    value: str = field(repr=False)
    account: str
    until: float  # on the clock of time.monotonic


@dataclass(frozen=True)
class Session:
    """One account at one org, used by one thread."""

    account: str
    scopes: frozenset[str]
    org: Org
    peer: Peer
    requests: Requests = field(repr=False)
    carrier: Carrier = field(repr=False)
    secret: str = field(repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    def get(self, path: str, call: Call) -> Mapping[str, Any]:
        """A resource below the version's own path. Raises of the tree."""
        return _object(
            self.peer, call, self._call(call, lambda s: s.restful(path, allow_redirects=False))
        )

    def query(self, soql: str, call: Call, path: str = "query/") -> list[Mapping[str, Any]]:
        """The first page of a query's records: a LIMIT keeps it at one. `path` may be "queryAll/",
        which also shows what is deleted, or "tooling/query/"."""
        answer = self._call(call, lambda s: s.restful(path, {"q": soql}, allow_redirects=False))
        records = _object(self.peer, call, answer).get("records")
        if not isinstance(records, list) or not all(isinstance(r, Mapping) for r in records):
            raise wire.unreadable(self.peer, call, "no records in it")
        return records

    def patch(self, path: str, body: str, call: Call, headers: Mapping[str, str]) -> None:
        """One write, sent once. Raises of the tree."""
        self._call(
            call,
            lambda s: s.restful(
                path,
                method="PATCH",
                data=body.encode(),
                headers=dict(headers),
                allow_redirects=False,
            ),
        )

    def _call(self, call: Call, ask: Callable[[Salesforce], T]) -> T:
        """Asks, once more with a new token where the old one is no longer accepted: nothing was
        written then."""
        from simple_salesforce.exceptions import SalesforceError

        token = self.token()
        try:
            return self._ask(call, ask, token)
        except SalesforceError as error:
            if error.status != 401 or code_of(error.content) != "INVALID_SESSION_ID":
                raise self._failure(call, error) from None
        _TOKENS.forget(self, token)
        try:
            return self._ask(call, ask, self.token())
        except SalesforceError as error:
            raise self._failure(call, error) from None

    def _ask(self, call: Call, ask: Callable[[Salesforce], T], token: Token) -> T:
        from requests.exceptions import InvalidJSONError, RequestException
        from simple_salesforce.api import Salesforce

        client = Salesforce(
            session_id=token.value,
            instance_url=self.org.base.replace("http://", "https://"),
            version=API_VERSION,
            session=self.requests,
            parse_float=str,  # exact, whatever its digits
        )
        try:
            return ask(client)
        except InvalidJSONError:
            raise wire.unreadable(self.peer, call, "it is no JSON") from None
        except RequestException as error:
            raise wire.broke_off(self.peer, call, error) from None
        except (ValueError, TypeError, AttributeError, RecursionError):  # the SDK's own surprise
            raise wire.unreadable(self.peer, call, "it is no JSON of theirs") from None

    def _failure(self, call: Call, error: Any) -> Exception:
        return failure(self.peer, call, int(error.status), self.carrier.last_headers, error.content)

    def token(self) -> Token:
        """A token of this account that is still fresh."""
        return _TOKENS.get(self) or _TOKENS.keep(self, _signed_in(self))


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """Raises Rejected where the SDK is not installed, or the address not understood."""
    try:
        import simple_salesforce  # noqa: F401 - whether it is there

        from connectors.salesforce.carrier import sending
    except ImportError:
        raise not_installed("Salesforce", "salesforce") from None
    where = org(credential.address)
    requests, carrier = sending(is_plain=where.is_plain)
    peer = Peer("Salesforce", credential.account, secrets=(credential.secret,))
    with requests:
        yield Session(
            credential.account,
            credential.scopes,
            where,
            peer,
            requests,
            carrier,
            credential.secret,
        )


def identify(session: Session) -> Identity:
    """Org and user in Salesforce's own ids of 18 characters: `00D.../005...`. Salesforce says
    whether it is a sandbox, and no scopes: profiles and permission sets say what the user may do.
    Raises of the tree."""
    account = session.token().account
    call = Call("the organization", is_write=False)
    records = session.query("SELECT Id, IsSandbox FROM Organization LIMIT 1", call)
    if len(records) != 1 or type(records[0].get("IsSandbox")) is not bool:
        raise wire.unreadable(session.peer, call, "it does not say whether it is a sandbox")
    if str(records[0].get("Id"))[:15] != account[:15]:
        raise wire.unreadable(session.peer, call, "it names another org than the token")
    return Identity(account, "sandbox" if records[0]["IsSandbox"] else "production")


def _signed_in(session: Session) -> Token:
    """A new token for the secret. Raises of the tree; a refusal is the secret's."""
    from requests.exceptions import InvalidJSONError, RequestException

    call = Call("the sign-in", is_write=False)
    try:
        answer = session.requests.post(
            f"{session.org.base}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(session.org.client_id, session.secret),
            allow_redirects=False,
        )
        said = answer.json()
    except InvalidJSONError:
        raise wire.unreadable(session.peer, call, "it is no JSON") from None
    except RequestException as error:
        raise wire.broke_off(session.peer, call, error) from None
    except (ValueError, RecursionError):
        raise wire.unreadable(session.peer, call, "it is no JSON of theirs") from None
    said = said if isinstance(said, Mapping) else {}
    if answer.status_code in (400, 401, 403):
        raise Rejected(
            f"Salesforce does not let the account {session.account} in"
            f"{session.peer.says(said.get('error_description') or said.get('error', ''))}.",
            next_step="Check the address's consumer key, the secret and the app's run-as user.",
            is_secret_refused=True,
        )
    if answer.status_code != 200:
        raise wire.answered(session.peer, call, answer.status_code, dict(answer.headers))
    value, named = said.get("access_token"), _ID.fullmatch(str(said.get("id")))
    if not isinstance(value, str) or not value or not named:
        raise wire.unreadable(session.peer, call, "it has no token, or names no account")
    hide(value)
    return Token(value, f"{named[1]}/{named[2]}", time.monotonic() + TOKEN_SECONDS)


def _object(peer: Peer, call: Call, answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise wire.unreadable(peer, call, "it is no object")
    return answer


class _Tokens:
    """Tokens by org, app and secret, so that not every call signs in anew."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Token] = {}
        self._lock = Lock()

    def get(self, session: Session) -> Token | None:
        with self._lock:
            token = self._known.get(_key(session))
        return token if token and token.until > time.monotonic() else None

    def keep(self, session: Session, token: Token) -> Token:
        with self._lock:
            self._known.pop(_key(session), None)
            self._known[_key(session)] = token
            while len(self._known) > TOKENS_MAX:
                del self._known[next(iter(self._known))]
        return token

    def forget(self, session: Session, token: Token) -> None:
        with self._lock:
            if self._known.get(_key(session)) == token:
                del self._known[_key(session)]


def _key(session: Session) -> tuple[str, str, str]:
    digest = hashlib.sha256(session.secret.encode()).hexdigest()
    return (session.org.base, session.org.client_id, digest)


_TOKENS = _Tokens()
