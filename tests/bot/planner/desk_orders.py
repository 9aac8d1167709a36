"""Fixed orders behind a finder that answers as the desk's does: exact numbers, else words."""

from __future__ import annotations

import re

from connectors.operation import Record

_ROWS = (
    # number, customer, product, currency, total, refunded, ticket, status
    ("1043", "ACME Corp", "mechanical keyboard", "USD", 12900, 0, "T-882", "delivered"),
    ("1077", "ACME Corp", "compact keyboard", "USD", 13150, 0, "", "shipped"),
    ("1051", "ACME GmbH", "Schreibtisch", "EUR", 184999, 0, "T-890", "delivered"),
    ("1060", "株式会社サクラ", "万年筆 fountain pen", "JPY", 15000, 0, "T-899", "delivered"),
    ("1061", "Salmiya Trading", "espresso machine", "KWD", 4550000, 0, "", "delivered"),
    ("1062", "Lumen Bakery", "bread proofing basket", "GBP", 6400, 6400, "", "delivered"),
    ("1063", "Orbit Cycles", "torque wrench", "USD", 8000, 3000, "", "delivered"),
    ("1066", "Harbor & Sons", "storm lantern", "USD", 5890, 0, "T-905", "placed"),
    ("1067", "Titan Research", "oscilloscope", "USD", 240000, 0, "T-906", "delivered"),
    ("1069", "Juno Fernández", "guitar amplifier", "EUR", 30000, 3500, "", "delivered"),
    ("1080", "Maple Supply", "snow shovel", "CAD", 9000, 0, "", "delivered"),
    ("1081", "Fjord Outdoor", "tent", "SEK", 250000, 0, "", "delivered"),
    ("40", "Forty Winks", "pillow", "USD", 3000, 0, "", "delivered"),
)


def find(finder: str, words: str) -> tuple[Record, ...]:
    """Orders by number, else every word of the search in the customer's name or the product."""
    assert finder == "orders.find"
    if re.search(r"\d", words):
        wanted = words.strip("# ").upper()
        return tuple(_record(row) for row in _ROWS if wanted in {row[0], row[6]})
    parts = [w.removesuffix("s") for w in re.findall(r"\w+", words.casefold())]
    if not parts:
        return ()
    return tuple(
        _record(row)
        for row in reversed(_ROWS)
        if all(any(w in f" {text.casefold()}" for text in row[1:3]) for w in parts)
    )[:5]


def _record(row: tuple[str, str, str, str, int, int, str, str]) -> Record:
    number, customer, product, currency, total, refunded, ticket, status = row
    return Record(
        kind="order",
        id=number,
        label=f"{number} ({product})",
        fields={
            "id": number,
            "number": number,
            "customer": f"cus_{number}",
            "customer_name": customer,
            "payment": f"pay_{number}",
            "currency": currency,
            "status": status,
            "total": {"minor": total, "currency": currency},
            "paid": {"minor": total, "currency": currency},
            "refunded": {"minor": refunded, "currency": currency},
            "refundable": {"minor": total - refunded, "currency": currency},
            "ticket": ticket,
            "street": "1 Anvil Way",
            "city": "Tucson",
            "postcode": "85701",
            "country": "US",
        },
    )
