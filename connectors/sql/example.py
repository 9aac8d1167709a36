"""A declared database as an example: what the conformance suite runs, and what its world is made
of."""

from __future__ import annotations

from typing import Any

from connectors.operation import Connector
from connectors.sql.declaration import Database, SqlDeclaration
from connectors.sql.declare import declare

TABLES = """
CREATE TABLE customers (
  id varchar(40) PRIMARY KEY, phone text NOT NULL, status text NOT NULL, nickname text,
  plan text NOT NULL, credit bigint NOT NULL, is_blocked boolean NOT NULL, version bigint NOT NULL,
  updated_at timestamp
);
CREATE TABLE contacts (id varchar(40) PRIMARY KEY, name text NOT NULL, note text);
CREATE TABLE assent_writes (
  key text PRIMARY KEY, operation text NOT NULL, params_sha256 text NOT NULL,
  takes_back text NOT NULL, reference text NOT NULL UNIQUE, version text NOT NULL,
  before text NOT NULL, after text NOT NULL, taken_back_by text NOT NULL,
  account text NOT NULL, written_at text NOT NULL
);
CREATE VIEW customer_list AS
  SELECT id, nickname, plan, credit, 'USD' AS currency, is_blocked FROM customers;
"""
ROWS = """
INSERT INTO customers VALUES ('c-1', '+1 555 0100', 'active', NULL, 'gold', 1200, false, 3, NULL);
INSERT INTO customers VALUES ('c-2', '+1 555 0200', 'active', 'Bo', 'free', 0, false, 1, NULL);
INSERT INTO contacts VALUES ('k-1', 'Ana Ruiz', NULL);
"""

_CUSTOMER = {"type": "id"}
_OPERATIONS: dict[str, Any] = {
    "set_phone": {
        "title": "Change a customer's phone number",
        "resource": "customer {customer}",
        "params": {"customer": _CUSTOMER, "phone": {"type": "line"}},
        "table": "customers",
        "key": {"id": "customer"},
        "columns": {"phone": "text", "plan": "text", "credit": "int", "version": "int"},
        "version": "version",
        "stamps": ("updated_at",),
        "read": "SELECT phone, plan, credit, version FROM customers WHERE id = :customer",
        "write": "UPDATE customers SET phone = :phone, updated_at = CURRENT_TIMESTAMP,"
        " version = version + 1 WHERE id = :customer AND version = :before_version",
        "undo": "UPDATE customers SET phone = :before_phone, version = version + 1"
        " WHERE id = :customer AND version = :after_version",
    },
    "set_status": {
        "title": "Set a customer's status",
        "resource": "customer {customer}",
        "params": {
            "customer": _CUSTOMER,
            "status": {"type": "choice", "values": ("active", "paused", "closed")},
            "nickname": {"type": "line"},
        },
        "table": "customers",
        "key": {"id": "customer"},
        "columns": {"status": "text", "nickname": "text?", "is_blocked": "bool"},
        "read": "SELECT status, nickname, is_blocked FROM customers WHERE id = :customer",
        "write": "UPDATE customers SET status = :status, nickname = :nickname WHERE id = :customer"
        " AND status = :before_status AND nickname IS NOT DISTINCT FROM :before_nickname",
        "undo": "UPDATE customers SET status = :before_status, nickname = :before_nickname"
        " WHERE id = :customer AND status = :after_status"
        " AND nickname IS NOT DISTINCT FROM :after_nickname",
    },
    "add_contact": {
        "title": "Add a contact",
        "resource": "contact {contact}",
        "scope": "contacts",
        "params": {"contact": {"type": "id"}, "name": {"type": "line"}},
        "table": "contacts",
        "key": {"id": "contact"},
        "columns": {"name": "text"},
        "read": "SELECT name FROM contacts WHERE id = :contact",
        "write": "INSERT INTO contacts (id, name) VALUES (:contact, :name)",
        "undo": "DELETE FROM contacts WHERE id = :contact AND name = :after_name",
    },
    "block": {
        "title": "Block a customer",
        "resource": "customer {customer}",
        "params": {"customer": _CUSTOMER, "credit": {"type": "int", "min": 0, "max": 100_000}},
        "table": "customers",
        "key": {"id": "customer"},
        "columns": {"is_blocked": "bool", "credit": "int", "version": "int"},
        "version": "version",
        "read": "SELECT is_blocked, credit, version FROM customers WHERE id = :customer",
        "write": "UPDATE customers SET is_blocked = TRUE, credit = :credit, version = version + 1"
        " WHERE id = :customer AND version = :before_version",
        "irreversible": "the customer is told at once",
    },
}

_FINDERS: dict[str, Any] = {
    "find_customers": {
        "title": "Find customers",
        "noun": "customer",
        "id": "id",
        "label": "{id} ({plan}, {credit})",
        "fields": {
            "id": "text",
            "nickname": "text?",
            "plan": "text",
            "credit": {"minor": "credit", "currency": "currency"},
            "is_blocked": "bool",
        },
        "read": "SELECT id, nickname, plan, credit, currency, is_blocked FROM customer_list"
        " ORDER BY credit DESC, id",
        "found_by": ({"column": "id", "looks_like": "c-#"}, {"column": "nickname"}),
    },
    "find_contacts": {
        "title": "Find contacts",
        "noun": "contact",
        "scope": "contacts",
        "id": "id",
        "label": "{name}",
        "fields": {"id": "text", "name": "text"},
        "read": "SELECT id, name FROM contacts",
        "found_by": ({"column": "id", "looks_like": "k-#"}, {"column": "name"}),
    },
}


def declaration(database: Database, *, has_keys: bool = True) -> SqlDeclaration:
    """The example over one kind of database, with or without the table of keys."""
    keys = {"keys": "assent_writes"} if has_keys else {}
    return SqlDeclaration.model_validate(
        {
            "system": "crm",
            "connector": "sql",
            "title": "Customer records",
            "database": database,
            "operations": _OPERATIONS,
            "finders": _FINDERS,
            **keys,
        }
    )


def connector(database: Database, *, has_keys: bool = True) -> Connector:
    """Its connector."""
    return declare(declaration(database, has_keys=has_keys), {})
