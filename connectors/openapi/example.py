"""A declared HTTP interface as an example: its document, its declaration, and a strict stand-in."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from connectors.conformance.in_a_thread import Answer, InAThread, Request
from connectors.openapi.declaration import OpenapiDeclaration
from connectors.openapi.declare import declare
from connectors.operation import Connector

ACCOUNT = "acme/assent"
SECRETS = {"reads-4711-canary": "assent", "writes-0815-canary": "assent"}
_STATUSES = ("active", "paused", "closed")

_CUSTOMER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "phone", "status", "seats", "balance"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "phone": {"type": "string", "maxLength": 40},
        "status": {"type": "string", "enum": list(_STATUSES)},
        "seats": {"type": "integer", "minimum": 0, "maximum": 500},
        "balance": {"type": "number"},
        "plan": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}},
    },
}
_CHANGE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: _CUSTOMER["properties"][name] for name in ("phone", "status", "seats")},
}
_ID = {"name": "customerId", "in": "path", "required": True, "schema": {"type": "string"}}


def _call(name: str, answer: str, body: str = "") -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}}
    call: dict[str, Any] = {
        "operationId": name,
        "responses": {"200": {"description": "as it is", "content": content}},
    }
    if body:
        schema = {"$ref": f"#/components/schemas/{body}"}
        call["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return call


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Customers", "version": "1"},
    "servers": [{"url": "https://elsewhere.example"}],
    "paths": {
        "/v1/me": {"get": _call("whoAmI", "Account")},
        "/v1/customers": {
            "get": {
                **_call("listCustomers", "Customers"),
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
            },
        },
        "/v1/customers/{customerId}": {
            "parameters": [_ID],
            "get": _call("getCustomer", "Customer"),
            "patch": _call("changeCustomer", "Customer", "Change"),
        },
    },
    "components": {
        "schemas": {
            "Customer": _CUSTOMER,
            "Customers": {
                "type": "object",
                "properties": {
                    "customers": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/Customer"},
                    }
                },
            },
            "Change": _CHANGE,
            "Account": {
                "type": "object",
                "properties": {
                    name: {"type": "string"} for name in ("tenant", "login", "environment")
                },
            },
        }
    },
}
_BOTH = {
    "resource": "customer {customer}",
    "read": "getCustomer",
    "write": "changeCustomer",
    "path": {"customerId": "{customer}"},
    "version": "etag",
}
DECLARATION: dict[str, Any] = {
    "system": "accounts",
    "connector": "openapi",
    "title": "Customer accounts",
    "document": "accounts.json",
    "identity": {
        "operation": "whoAmI",
        "account": ("/tenant", "/login"),
        "environment": "/environment",
    },
    "operations": {
        "set_phone": {
            **_BOTH,
            "title": "Change a customer's phone number",
            "params": {"customer": "path.customerId", "phone": "body.phone"},
            "body": {"phone": "{phone}"},
            "fields": {"phone": {"at": "/phone", "becomes": "{phone}"}},
            "compared": {"plan": "/plan/name", "balance": "/balance", "seats": "/seats"},
            "idempotency_header": "Idempotency-Key",
            "undo": {"operation": "changeCustomer", "body": {"phone": "{before.phone}"}},
        },
        "set_seats": {
            **_BOTH,
            "title": "Set how many seats a customer has",
            "version": None,
            "params": {"customer": "path.customerId", "seats": "body.seats"},
            "body": {"seats": "{seats}"},
            "fields": {"seats": {"at": "/seats", "becomes": "{seats}"}},
            "undo": {"operation": "changeCustomer", "body": {"seats": "{before.seats}"}},
        },
        "close": {
            **_BOTH,
            "title": "Close a customer's account",
            "params": {"customer": "path.customerId", "seats": "body.seats"},
            "body": {"status": "closed", "seats": "{seats}"},
            "fields": {
                "status": {"at": "/status", "becomes": "closed"},
                "seats": {"at": "/seats", "becomes": "{seats}"},
            },
            "irreversible": "the customer is told at once",
        },
    },
    "finders": {
        "find_customers": {
            "title": "Find customers",
            "noun": "customer",
            "read": "listCustomers",
            "items": "/customers",
            "query": {"q": "{words}"},
            "id": "id",
            "label": "{name} ({id}, {seats} seats)",
            "fields": {
                "id": "/id", "name": "/name", "seats": "/seats", "plan": "/plan/name",
                "balance": "/balance",
            },
            "found_by": ({"field": "id", "looks_like": "c-#"}, {"field": "name"}),
        },
    },
}  # fmt: skip


@dataclass
class Customers:
    """What the stand-in stores, and every request that changed it."""

    rows: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "c-1": {
                "id": "c-1", "name": "Acme Corp", "phone": "+1 555 0100", "status": "active",
                "seats": 3, "balance": 12.5, "plan": {"name": None},
            }
        }
    )  # fmt: skip
    versions: dict[str, int] = field(default_factory=lambda: {"c-1": 3})
    environment: str = "sandbox"

    def fingerprint(self) -> str:
        """Differs as soon as anything is stored differently."""
        return hashlib.sha256(repr((self.rows, self.versions)).encode()).hexdigest()


def handle(customers: Customers, request: Request) -> Answer:
    """One request: whom it is from, what it asks, and whether it may be so."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or secret not in SECRETS:
        return Answer(401, {"message": "who are you?"})
    if (request.method, request.path) == ("GET", "/v1/me"):
        tenant, login = ACCOUNT.split("/")
        said = {"tenant": tenant, "login": login, "environment": customers.environment}
        return Answer(200, said)
    if (request.method, request.path) == ("GET", "/v1/customers"):
        asked = dict(request.query).get("q", "").split()
        rows = [r for r in customers.rows.values() if _is_asked_for(r, asked)]
        return Answer(200, {"customers": copy.deepcopy(rows)})
    return _of_one(customers, request.path.removeprefix("/v1/customers/"), request)


def _of_one(customers: Customers, customer: str, request: Request) -> Answer:
    if customer not in customers.rows:
        return Answer(404, {"message": "no such customer"})
    if request.method == "GET":
        return _as_it_is(customers, customer)
    if request.method != "PATCH":
        return Answer(405)
    return _changed(customers, customer, request)


def _is_asked_for(row: dict[str, Any], words: list[str]) -> bool:
    said = f"{row['id']} {row['name']}".lower()
    return all(word in said for word in words)


def _changed(customers: Customers, customer: str, request: Request) -> Answer:
    if request.headers.get("content-type") != "application/json":
        return Answer(415, {"message": "JSON only"})
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted != _etag(customers, customer):
        return Answer(412, {"message": "it is another version"})
    change = json.loads(request.body)
    if not change or not change.keys() <= _CHANGE["properties"].keys():
        return Answer(422, {"message": "what is that?"})
    customers.rows[customer] |= change
    customers.versions[customer] += 1
    return _as_it_is(customers, customer)


def _as_it_is(customers: Customers, customer: str) -> Answer:
    row = copy.deepcopy(customers.rows[customer])
    return Answer(200, row, {"ETag": _etag(customers, customer)})


def _etag(customers: Customers, customer: str) -> str:
    return f'"{customer}-{customers.versions[customer]}"'


SERVER = InAThread(handle)


def connector() -> Connector:
    """The example's connector."""
    document = json.dumps(DOCUMENT).encode()
    return declare(
        OpenapiDeclaration.model_validate(_without_none(DECLARATION)), {"accounts.json": document}
    )


def _without_none(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _without_none(each) for name, each in tree.items() if each is not None}
    return tree
