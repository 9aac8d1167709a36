"""A stand-in for one Salesforce server with many orgs, for the conformance suite.

No package of a registry brings a server: simple-mockforce replaces the HTTP library inside the
process that it is in, so nothing is shown over a wire, and it knows neither OAuth nor preconditions
nor error codes. This is written after Salesforce's documentation and refuses what it does not name:

* OAuth 2.0 client credentials flow (Identify Users and Manage Access): form, Basic authentication,
  `id` as https://HOST/id/ORG/USER, `invalid_client` with status 400;
* REST API Developer Guide: sObject Describe, sObject Rows with PATCH answered 204 and with
  If-Unmodified-Since answered 412, Query and QueryAll, the list [{"message", "errorCode"}];
* SOQL and SOSL Reference: the part of SELECT that the connector uses, quoting and LIKE escapes;
* Tooling API: ValidationRule and ApexTrigger through its own query resource;
* system fields: SystemModstamp and LastModifiedDate move with a write and have whole seconds.

It cannot show governor limits, sharing rules, or what automation does to other fields than a
stage's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from threading import RLock
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.conformance import loopback
from connectors.conformance.loopback import TENANT, Handler, Server
from connectors.salesforce.session import API_VERSION
from connectors.salesforce.standin_records import DESCRIBED, LABELS, SETUP, USERS, seeded
from connectors.salesforce.standin_soql import MalformedQueryError, parsed

CLIENT_ID, CLIENT_SECRET = "3MVG9standin", "client-secret-of-the-stand-in"
_KINDS: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "int": (int,),
    "double": (int, float),
    "currency": (int, float),
}
ORG, USER = "00D5e000000ABCDEAA", "0055e000001ASNTAA2"
DATA = f"/services/data/v{API_VERSION}/"
Answer = tuple[int, Any]


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.answer = (status, [{"message": message, "errorCode": code, "fields": list(fields)}])


@dataclass
class Org:
    """One org: its records by object and id, its clock, and its moods."""

    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=seeded)
    is_sandbox: bool = True
    may_view_setup: bool = True
    is_locked: bool = False
    is_out_of_calls: bool = False
    tokens: int = 0
    revoked: int = 0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    lock: RLock = field(default_factory=RLock)

    def fingerprint(self) -> str:
        """Over every record."""
        with self.lock:
            return hashlib.sha256(json.dumps(self.records, sort_keys=True).encode()).hexdigest()

    def change(self, object_name: str, record: str, values: Mapping[str, Any], by: str) -> None:
        """Stores, and moves the system fields."""
        with self.lock:
            now = self.clock().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
            stored = self.records[object_name][record]
            stored.update(values, SystemModstamp=now, LastModifiedDate=now, LastModifiedById=by)
            if "StageName" in values:
                stored["IsClosed"] = values["StageName"].startswith("Closed")
            if "Status" in values:
                stored["IsClosed"] = values["Status"] == "Closed"

    def token(self) -> str:
        """A new one; those before `revoked` are refused."""
        with self.lock:
            self.tokens += 1
            return f"{ORG[:15]}!AQ{self.tokens:08d}"

    def is_fresh(self, token: str) -> bool:
        """Whether that token is accepted."""
        number = token.rpartition("!AQ")[2]
        return number.isdigit() and self.revoked < int(number) <= self.tokens


ORGS: dict[str, Org] = {}
ORGS_MAX = 64  # kept of one process


def founded() -> tuple[str, Org]:
    """A new org and the name that requests carry in the header TENANT."""
    name = f"org-{len(ORGS)}-{id(object())}"
    while len(ORGS) >= ORGS_MAX:
        del ORGS[next(iter(ORGS))]
    ORGS[name] = Org()
    return name, ORGS[name]


@cache
def served() -> str:
    """The one server of this process."""
    return Server(_Handler).address


def served_alone(org: Org) -> Server:
    """A server of this org alone, whatever header a request carries; until it is shut down."""
    return Server(_Handler, only=org)


class _Handler(Handler):
    content_type = "application/json;charset=UTF-8"
    only: Org | None = None

    def answered(self, body: bytes) -> loopback.Answer:
        org = self.only or ORGS[self.headers[TENANT]]
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            with org.lock:
                return loopback.Answer(*self._answer(org, unquote(url.path), query, body))
        except RefusedError as refused:
            return loopback.Answer(*refused.answer)

    def _answer(self, org: Org, path: str, query: Mapping[str, str], body: bytes) -> Answer:
        if (self.command, path) == ("POST", "/services/oauth2/token"):
            return self._token(org, body)
        if not org.is_fresh(self.headers.get("Authorization", "").removeprefix("Bearer ")):
            raise RefusedError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if org.is_out_of_calls:
            raise RefusedError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if not path.startswith(DATA):
            raise RefusedError(404, "NOT_FOUND", "The requested resource does not exist")
        rest = path.removeprefix(DATA)
        if self.command == "GET" and rest in ("query/", "queryAll/", "tooling/query/"):
            return 200, _queried(org, rest, query.get("q", ""))
        if self.command == "GET" and (found := re.fullmatch(r"sobjects/(\w+)/describe", rest)):
            return 200, _described(found[1])
        if self.command == "PATCH" and (found := re.fullmatch(r"sobjects/(\w+)/(\w+)", rest)):
            self._write(org, found[1], found[2], json.loads(body))
            return 204, None
        raise RefusedError(404, "NOT_FOUND", "The requested resource does not exist")

    def _token(self, org: Org, body: bytes) -> Answer:
        both = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if parse_qs(body.decode()) != {"grant_type": ["client_credentials"]}:
            return 400, {"error": "unsupported_grant_type", "error_description": "not supported"}
        if self.headers.get("Authorization") != f"Basic {both}":
            return 400, {
                "error": "invalid_client",
                "error_description": "invalid client credentials",
            }
        return 200, {
            "access_token": org.token(),
            "instance_url": "https://acme.my.salesforce.com",
            "id": f"https://login.salesforce.com/id/{ORG}/{USER}",
            "token_type": "Bearer",
            "scope": "api",
        }

    def _write(self, org: Org, object_name: str, record: str, values: dict[str, Any]) -> None:
        stored = _record(org, object_name, record)
        since = self.headers.get("If-Unmodified-Since")
        if since is not None:
            changed = datetime.fromisoformat(stored["LastModifiedDate"])
            if changed > parsedate_to_datetime(since):
                raise RefusedError(412, "PRECONDITION_FAILED", "The record was modified.")
        if org.is_locked:
            raise RefusedError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")
        for name, value in values.items():
            _check(object_name, name, value)
        if str(values.get("Description", "")).startswith("forbidden"):
            raise RefusedError(
                400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Do not write that.", ("Description",)
            )
        org.change(object_name, stored["Id"], values, USER)


def _record(org: Org, object_name: str, record: str) -> dict[str, Any]:
    for stored in org.records.get(object_name, {}).values():
        if record in (stored["Id"], stored["Id"][:15]):
            if stored["IsDeleted"]:
                raise RefusedError(404, "ENTITY_IS_DELETED", "entity is deleted")
            return stored
    raise RefusedError(404, "NOT_FOUND", "The requested resource does not exist")


def _check(object_name: str, name: str, value: Any) -> None:
    """As the API refuses: the field, its right, its type, its list."""
    known = {each["name"]: each for each in DESCRIBED[object_name]}
    if name not in known:
        raise RefusedError(400, "INVALID_FIELD", f"No such column '{name}'")
    said = known[name]
    if not said["updateable"]:
        raise RefusedError(
            400, "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update {name}", (name,)
        )
    if value is None:
        if not said["nillable"]:
            raise RefusedError(400, "REQUIRED_FIELD_MISSING", "Required field missing", (name,))
        return
    if not isinstance(value, _KINDS.get(said["type"], (str,))) or (
        isinstance(value, bool) and said["type"] != "boolean"
    ):
        raise RefusedError(400, "JSON_PARSER_ERROR", f"Cannot deserialize {name}")
    if isinstance(value, str) and len(value) > (said["length"] or len(value)):
        raise RefusedError(400, "STRING_TOO_LONG", f"{name}: data value too large", (name,))
    values = [choice["value"] for choice in said["picklistValues"] if choice["active"]]
    if said["type"] == "picklist" and value not in values:
        raise RefusedError(
            400,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{name}: bad value for restricted picklist field",
            (name,),
        )


def _described(object_name: str) -> Any:
    if object_name not in DESCRIBED:
        raise RefusedError(404, "NOT_FOUND", "The requested resource does not exist")
    return {
        "name": object_name,
        "label": LABELS[object_name],
        "fields": [each for each in DESCRIBED[object_name] if not each.get("isHidden")],
    }


def _queried(org: Org, resource: str, soql: str) -> Any:
    try:
        query = parsed(soql)
    except MalformedQueryError as error:
        raise RefusedError(400, "MALFORMED_QUERY", str(error)) from None
    if (query.source in ("ValidationRule", "ApexTrigger")) != (resource == "tooling/query/"):
        raise RefusedError(400, "INVALID_TYPE", f"sObject type '{query.source}' is not supported.")
    rows = _rows(org, query.source)
    if resource != "queryAll/":
        rows = [row for row in rows if not row.get("IsDeleted")]
    try:
        found = query.run(rows)
    except KeyError as missing:
        raise RefusedError(400, "INVALID_FIELD", f"No such column {missing}") from None
    return {"totalSize": len(found), "done": True, "records": found}


def _rows(org: Org, source: str) -> list[dict[str, Any]]:
    """The records with what they refer to, as a query sees them."""
    if source == "Organization":
        return [{"Id": ORG, "IsSandbox": org.is_sandbox}]
    if source in SETUP:
        if not org.may_view_setup:
            raise RefusedError(403, "INSUFFICIENT_ACCESS", "View Setup and Configuration needed")
        return SETUP[source]
    if source not in org.records:
        raise RefusedError(400, "INVALID_TYPE", f"sObject type '{source}' is not supported.")
    accounts = org.records["Account"]
    return [
        {
            **row,
            "Owner": {"Name": USERS[row["OwnerId"]]},
            "LastModifiedBy": {"Name": USERS[row["LastModifiedById"]]},
            **({"Account": accounts[row["AccountId"]]} if "AccountId" in row else {}),
        }
        for row in org.records[source].values()
    ]
