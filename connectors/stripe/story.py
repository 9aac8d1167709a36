"""Stories with Stripe: one account of our own stand-in, kept in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from connectors.money import money
from connectors.operation import Value
from connectors.story import Row, Rows, System, Write
from connectors.stripe.amounts import from_stripe, to_stripe
from connectors.stripe.standin import Answer, Front, Tenant
from connectors.stripe.standin_book import Book
from connectors.stripe.story_records import fill

ACCOUNT, KEY = "acct_1AssentRevenue", "rk_test_51TheKeyOfTheStory"
CHARGES, REFUNDS, CUSTOMERS = "stripe_charges", "stripe_refunds", "stripe_customers"
NOTED = ("last_refund", "tier")  # the keys of a customer's metadata that are columns


class _InProcess(Front):
    """Answers of one book, whatever tenant a request names."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self.only, self.book = tenant, Book(lambda: 0)

    def tenant(self, named: str) -> Tenant:
        del named
        return self.only

    def call(self, tenant: Tenant, method: str, path: str, body: str = "", key: str = "") -> Answer:
        with tenant.lock:
            return self.book.call(method, path, body, key)


class StripeStory(System):
    """An account. The server runs from the first story on."""

    columns = MappingProxyType(
        {
            CHARGES: {
                "customer": str,
                "order": str,
                "amount_minor": int,
                "refunded_minor": int,
                "currency": str,
                "status": str,
                "is_disputed": bool,
                "is_captured": bool,
                "description": str,
            },
            REFUNDS: {
                "charge": str,
                "amount_minor": int,
                "currency": str,
                "reason": str,
                "status": str,
            },
            CUSTOMERS: {
                "name": str,
                "email": str,
                "is_deleted": bool,
                **dict.fromkeys(NOTED, str),
                "other_notes": str,
            },
        }
    )

    def __init__(self) -> None:
        self._tenant = Tenant(ACCOUNT, {KEY: "write"})
        self._front: _InProcess | None = None
        self._book = Book(lambda: 0)

    @property
    def address(self) -> str:
        if self._front is None:
            self._front = _InProcess(self._tenant)
            self._front.book = self._book
        return self._front.address

    def begin(self, now: datetime) -> None:
        seconds = int(now.timestamp())
        self._book = Book(lambda: seconds)
        fill(self._book, seconds)
        if self._front is not None:
            self._front.book = self._book

    def secret(self, account: str) -> str:
        return KEY if account == ACCOUNT else "rk_test_nobody"

    def rows(self) -> Rows:
        with self._tenant.lock:
            return {
                CHARGES: {id_: _charge(each) for id_, each in self._book.charges.items()},
                REFUNDS: {id_: _refund(each) for id_, each in self._book.refunds.items()},
                CUSTOMERS: {id_: _customer(each) for id_, each in self._book.customers.items()},
            }

    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        held = {CHARGES: self._book.charges, CUSTOMERS: self._book.customers}[table]
        with self._tenant.lock:
            _set(held[id_], values)

    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        refunded: dict[str, int] = {}
        for id_, refund in after[REFUNDS].items():
            if id_ in before[REFUNDS]:
                continue
            charge, amount = str(refund["charge"]), int(refund["amount_minor"])
            refunded[charge] = refunded.get(charge, 0) + amount
            said = {"charge": charge, "amount": money(amount, str(refund["currency"]))}
            yield Write("stripe.refund", {**said, "reason": refund["reason"]})
        for id_, now in after[CHARGES].items():
            was = before[CHARGES].get(id_, {})
            expected = {
                **was,
                "refunded_minor": was.get("refunded_minor", 0) + refunded.get(id_, 0),
            }
            if now != expected:
                yield Write("unknown", {"charge": id_})
        for id_, now in after[CUSTOMERS].items():
            yield from _noted(id_, before[CUSTOMERS].get(id_, {}), now)

    def close(self) -> None:
        if self._front is not None:
            self._front.server.shutdown()
            self._front.server.server_close()
            self._front = None


def _charge(charge: Mapping[str, Any]) -> Row:
    currency = charge["currency"]
    return {
        "customer": charge["customer"] or "",
        "order": charge["metadata"].get("order_id", ""),
        "amount_minor": from_stripe(charge["amount"], currency)["minor"],
        "refunded_minor": from_stripe(charge["amount_refunded"], currency)["minor"],
        "currency": currency.upper(),
        "status": charge["status"],
        "is_disputed": charge["disputed"],
        "is_captured": charge["captured"],
        "description": charge["description"],
    }


def _refund(refund: Mapping[str, Any]) -> Row:
    return {
        "charge": refund["charge"],
        "amount_minor": from_stripe(refund["amount"], refund["currency"])["minor"],
        "currency": refund["currency"].upper(),
        "reason": refund["metadata"].get("reason", ""),
        "status": refund["status"],
    }


def _customer(customer: Mapping[str, Any]) -> Row:
    noted = customer["metadata"]
    others = sorted(f"{key}={value}" for key, value in noted.items() if key not in NOTED)
    return {
        "name": customer["name"],
        "email": customer["email"],
        "is_deleted": bool(customer.get("deleted")),
        **{key: noted.get(key, "") for key in NOTED},
        "other_notes": "; ".join(others),
    }


def _set(record: dict[str, Any], values: Mapping[str, Value]) -> None:
    """As somebody at the dashboard leaves it."""
    currency = str(record.get("currency", "")).upper()
    for column, value in values.items():
        match column:
            case "refunded_minor" | "amount_minor":
                name = "amount_refunded" if column == "refunded_minor" else "amount"
                record[name] = to_stripe(int(value), currency)
            case "is_disputed" | "is_captured" | "is_deleted":
                record[column.removeprefix("is_")] = value
            case "customer":
                record[column] = value or None
            case "order":
                record["metadata"]["order_id"] = value
            case "last_refund" | "tier":
                record["metadata"][column] = value
            case "currency":
                record[column] = str(value).lower()
            case _:
                record[column] = value


def _noted(customer: str, was: Row, now: Row) -> Iterator[Write]:
    for key in NOTED:
        if was.get(key) != now[key]:
            values = {"customer": customer, "key": key, "value": now[key]}
            yield Write("stripe.set_metadata", values)
    if any(was.get(column) != now[column] for column in now if column not in NOTED):
        yield Write("unknown", {"customer": customer})


STORY = StripeStory
