"""moto's server with what AWS refuses and moto does not: a signature that is another secret's, a
caller without the permission, a second membership of the same two, the removal of none."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

ACCOUNT = "123456789012"
REGION = "us-east-1"
READS = ("Describe", "Get", "List", "IsMember")

LOOK_SECONDS = 3_600.0  # nobody stops the server before the process ends

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


@dataclass(frozen=True)
class Key:
    """An access key: its secret, whom it belongs to, and whether that one may write."""

    secret: str = field(repr=False)
    arn: str
    is_writer: bool


KEYS: dict[str, Key] = {
    "AKIAIOSFODNNWRITER01": Key(
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYWRITERKEY1",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/assent/run-1",
        is_writer=True,
    ),
    "AKIAIOSFODNNREADER01": Key(
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYREADERKEY1",
        f"arn:aws:iam::{ACCOUNT}:user/assent-reader",
        is_writer=False,
    ),
}


@cache
def address() -> str:
    """The server's address; it is started by the first who asks and ends with the process."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Dispatcher(DomainDispatcherApplication):
        @cache  # noqa: B019 - there is one, for as long as the process
        def get_backend_for_host(self, host: str | None) -> Any:
            """moto's, which otherwise lists its folders for every request."""
            return super().get_backend_for_host(host)

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *_: Any) -> None:
            """Tests print nothing of their own."""

    app = Strict(Dispatcher(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, args=(LOOK_SECONDS,), daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def stores() -> Any:
    """moto's identity stores of the region, by their ids."""
    from moto.identitystore.models import identitystore_backends

    return identitystore_backends[ACCOUNT][REGION].identity_stores


def sso() -> Any:
    """moto's Identity Center of the region."""
    from moto.ssoadmin.models import ssoadmin_backends

    return ssoadmin_backends[ACCOUNT][REGION]


class Strict:
    """What is asked passes when AWS would let it."""

    def __init__(self, app: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
        self._app, self._lock = app, threading.Lock()

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        action = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        key = _signer(environ, body)
        if key is None:
            code = "InvalidSignatureException" if action else "SignatureDoesNotMatch"
            return _refuse(start, code, 403, "It is another's signature.", is_xml=not action)
        if not action:
            return _caller(start, key)
        if not (key.is_writer or action.startswith(READS)):
            said = f"User: {key.arn} is not authorized to perform: identitystore:{action}"
            return _refuse(start, "AccessDeniedException", 400, said)
        environ["wsgi.input"] = io.BytesIO(body)
        with self._lock:
            code = _missed_by_moto(action, json.loads(body or b"{}"))
            if code:
                return _refuse(start, code, 400, "the identity store refuses this")
            return list(self._app(environ, start))


def _missed_by_moto(action: str, asked: Mapping[str, Any]) -> str:
    store = stores().get(asked.get("IdentityStoreId"))
    known = store.group_memberships if store else {}
    if action == "CreateGroupMembership":
        pair = (asked["GroupId"], asked["MemberId"]["UserId"])
        held = {(each["GroupId"], each["MemberId"]["UserId"]) for each in known.values()}
        return "ConflictException" if pair in held else ""
    if action == "DeleteGroupMembership" and asked["MembershipId"] not in known:
        return "ResourceNotFoundException"
    return ""


def _signer(environ: Environ, body: bytes) -> Key | None:
    """Whose secret signed this request (Signature Version 4), None where it is nobody's."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    said = dict(
        part.strip().partition("=")[::2]
        for part in str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")[2].split(",")
    )
    key_id, _, scope = said.get("Credential", "").partition("/")
    key = KEYS.get(key_id)
    if key is None or scope.count("/") != 3:
        return None
    request = AWSRequest(environ["REQUEST_METHOD"], f"http://{environ['HTTP_HOST']}/", data=body)
    for name in said.get("SignedHeaders", "").split(";"):
        wsgi = name.upper().replace("-", "_")
        value = environ.get(f"HTTP_{wsgi}", environ.get(wsgi, ""))
        request.headers[name] = value
    request.context["timestamp"] = environ.get("HTTP_X_AMZ_DATE", "")
    _, region, service, _ = scope.split("/")
    signer = SigV4Auth(Credentials(key_id, key.secret), service, region)
    told = signer.string_to_sign(request, signer.canonical_request(request))
    return key if signer.signature(told, request) == said.get("Signature") else None


def _caller(start: StartResponse, key: Key) -> Iterable[bytes]:
    """STS GetCallerIdentity, the one action of the query protocol that is asked."""
    said = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult><Arn>{key.arn}</Arn><UserId>AIDA</UserId>"
        f"<Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    return _answer(start, "200 OK", "text/xml", said)


def _refuse(
    start: StartResponse, code: str, status: int, message: str, *, is_xml: bool = False
) -> Iterable[bytes]:
    if is_xml:
        error = f"<Code>{code}</Code><Message>{message}</Message>"
        said = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
        return _answer(start, f"{status} Refused", "text/xml", said)
    said = json.dumps({"__type": code, "Message": message})
    return _answer(start, f"{status} Refused", "application/x-amz-json-1.1", said)


def _answer(start: StartResponse, status: str, kind: str, said: str) -> Iterable[bytes]:
    data = said.encode()
    start(status, [("Content-Type", kind), ("Content-Length", str(len(data)))])
    return [data]
