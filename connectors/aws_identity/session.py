"""A session at AWS: three of its services with bounded calls, each failure of the tree.

The address is `https://amazonaws.com/REGION/d-STORE`; any other host stands for all three services
at once (VPC endpoints behind one name). The secret is `ACCESS_KEY_ID:SECRET_ACCESS_KEY`, with
`:SESSION_TOKEN` after it for a role's: nothing is ever taken from the machine's own surroundings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from connectors import scoped, wire
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.operation import Identity
from connectors.private import private
from connectors.saying import safe

if TYPE_CHECKING:
    from botocore.session import Session as BotoSession

Service = Literal["identitystore", "sso-admin", "sts"]

SYSTEM = "AWS IAM Identity Center"
AWS_HOST = "amazonaws.com"
PAGE_ITEMS = 100  # the most that ListGroupMemberships answers at once (API reference, MaxResults)
PAGES_MAX = 20  # 2 000 memberships; a larger group counts as one of that size
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-\d")
_STORE = re.compile(r"d-[0-9a-f]{10}")  # API reference, IdentityStoreId

# The services' own codes -> HTTP's status for it (API reference, CommonErrors and each action's).
_STATUSES: Mapping[str, int] = {
    "AccessDeniedException": 403,
    "AccessDenied": 403,
    "NotAuthorized": 403,
    "OptInRequired": 403,
    "ResourceNotFoundException": 404,
    "ConflictException": 409,
    "ThrottlingException": 429,
    "Throttling": 429,
    "RequestLimitExceeded": 429,
    "TooManyRequestsException": 429,
    "InternalServerException": 500,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
    "UnrecognizedClientException": 401,
    "InvalidClientTokenId": 401,
    "SignatureDoesNotMatch": 401,
    "InvalidSignatureException": 401,
    "IncompleteSignature": 401,
    "ExpiredToken": 401,
    "ExpiredTokenException": 401,
    "RequestExpired": 401,
    "MissingAuthenticationToken": 401,
    "AuthFailure": 401,
}


@dataclass(frozen=True)
class Place:
    """Where the identity store is. `endpoint` is "" for AWS's own of the region."""

    region: str
    store: str
    endpoint: str


@dataclass(frozen=True)
class Session:
    """What an operation gets: calls of AWS as one account, limited to `scopes`."""

    account: str
    scopes: frozenset[str]
    place: Place
    peer: wire.Peer
    clients: dict[Service, Any] = field(default_factory=dict, repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    def call(
        self, service: Service, action: str, call: wire.Call, **values: Any
    ) -> Mapping[str, Any]:
        """One call, never repeated by the SDK. Raises of the tree."""
        answer = self._asked(service, action, call, **values)
        if _code(answer):
            raise self._refusal(call, answer)
        return answer

    def found(
        self, service: Service, action: str, call: wire.Call, name: str, **values: Any
    ) -> str:
        """One value of an answer, "" where the service has no such record. Raises of the tree."""
        answer = self._asked(service, action, call, **values)
        if _code(answer) == "ResourceNotFoundException":
            return ""
        if _code(answer):
            raise self._refusal(call, answer)
        return str(answer[name])

    def _asked(
        self, service: Service, action: str, call: wire.Call, **values: Any
    ) -> Mapping[str, Any]:
        """The answer, a refusal included."""
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
        from botocore.parsers import ResponseParserError

        answer: object
        try:
            answer = getattr(self._client(service), action)(**values)
        except ClientError as error:
            return dict(error.response)
        except ParamValidationError:
            raise Rejected(
                f"{SYSTEM} cannot have {safe(call.subject)}: that is no id of it.",
                next_step="Nothing was written; give the id that a search finds.",
            ) from None
        except BotoCoreError as error:
            raise wire.broke_off(self.peer, call, error) from None
        except (ResponseParserError, ValueError, KeyError, TypeError):
            raise wire.unreadable(self.peer, call, "not what its API answers") from None
        if not isinstance(answer, Mapping):
            raise wire.unreadable(self.peer, call, "not what its API answers")
        return answer

    def pages(
        self, service: Service, action: str, call: wire.Call, items: str, **values: Any
    ) -> tuple[Mapping[str, Any], ...]:
        """All items of a list, at most PAGES_MAX pages of them."""
        found: list[Mapping[str, Any]] = []
        token: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            page = self.call(service, action, call, MaxResults=PAGE_ITEMS, **values, **token)
            found.extend(page.get(items, ()))
            if not page.get("NextToken"):
                break
            token = {"NextToken": page["NextToken"]}
        return tuple(found)

    def _client(self, service: Service) -> Any:
        if service not in self.clients:
            self.clients[service] = _made(service, self.place, self.keys)
        return self.clients[service]

    def _refusal(self, call: wire.Call, response: Mapping[str, Any]) -> Exception:
        error, meta = response.get("Error", {}), response.get("ResponseMetadata", {})
        code, said = str(error.get("Code", "")), str(error.get("Message", ""))
        headers = dict(meta.get("HTTPHeaders", {}))
        if response.get("RetryAfterSeconds") is not None:
            headers.setdefault("retry-after", str(response["RetryAfterSeconds"]))
        status = _STATUSES.get(code, int(meta.get("HTTPStatusCode", 500)))
        if response.get("Reason") == "CONCURRENT_MODIFICATION":
            status = 409
        return wire.answered(self.peer, call, status, headers, said or code)


def _code(answer: Mapping[str, Any]) -> str:
    """The service's own code of a refusal, "" where the answer is none."""
    error = answer.get("Error")
    return str(error.get("Code") or "unnamed") if isinstance(error, Mapping) else ""


@contextmanager
def open_session(credential: Credential) -> Iterator[Session]:
    """A session; nothing is asked yet. Raises Rejected for an address or a secret of no such form,
    and where the SDK is not installed."""
    try:
        import botocore.session  # noqa: F401 - whether it is there
    except ImportError:
        raise not_installed(SYSTEM, "aws") from None
    keys = _keys(credential)
    session = Session(
        account=credential.account,
        scopes=credential.scopes,
        place=place(credential.address),
        peer=wire.Peer(SYSTEM, credential.account, (credential.secret, *keys[1:])),
        keys=keys,
    )
    try:
        yield session
    finally:
        for client in session.clients.values():
            client.close()


def identify(session: Session) -> Identity:
    """The ARN that STS knows the keys by, for a role without the session's name, which changes:
    `arn:aws:sts::123456789012:assumed-role/assent`."""
    caller = session.call(
        "sts", "get_caller_identity", wire.Call("the account itself", is_write=False)
    )
    arn = str(caller.get("Arn", ""))
    if ":assumed-role/" in arn:
        arn = "/".join(arn.split("/")[:2])
    return Identity(account=arn)


def place(address: str) -> Place:
    """What an address says. Raises Rejected for one of another form."""
    parts = private(address)
    region, _, store = (parts.path if parts else "").strip("/").partition("/")
    is_place = _REGION.fullmatch(region) and _STORE.fullmatch(store)
    if parts is None or parts.username or parts.query or parts.fragment or not is_place:
        raise Rejected(
            f"The address {safe(address)} is not that of an identity store.",
            next_step=f"Give it as https://{AWS_HOST}/eu-west-1/d-0123456789.",
        )
    is_aws = parts.hostname == AWS_HOST
    return Place(region, store, "" if is_aws else f"{parts.scheme}://{parts.netloc}")


def _keys(credential: Credential) -> tuple[str, ...]:
    keys = tuple(credential.secret.split(":", 2))
    if len(keys) < 2 or not all(keys):
        raise Rejected(
            f"The secret of the account {safe(credential.account)} is no pair of AWS keys.",
            next_step="Keep it as ACCESS_KEY_ID:SECRET_ACCESS_KEY, a role's with :SESSION_TOKEN.",
            is_secret_refused=True,
        )
    return keys


@cache
def _botocore() -> BotoSession:
    """Where the descriptions of the services are kept once they are read; it holds no keys."""
    import botocore.session

    return botocore.session.Session()


_MAKING = Lock()  # botocore's session is not safe to share while clients are made


def _made(service: Service, where: Place, keys: tuple[str, ...]) -> Any:
    from botocore.config import Config

    config = Config(
        connect_timeout=wire.CONNECT_SECONDS,
        read_timeout=wire.READ_SECONDS,
        retries={"total_max_attempts": 1},
        region_name=where.region,
        proxies={} if where.endpoint.startswith("http:") else None,
        ignore_configured_endpoint_urls=True,
    )
    with _MAKING:
        return _botocore().create_client(
            service,
            region_name=where.region,
            endpoint_url=where.endpoint or None,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=keys[2] if len(keys) > 2 else None,
            config=config,
        )
