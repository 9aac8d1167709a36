"""Orders of the seeded desk that never change: documents, demonstrations and tests name them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Anchor:
    """One order with its payment. Days are relative to the desk's `today`, positive ones later.

    `refunds` are amounts in minor units with how many days ago; 0 is the first second of today.
    """

    order: str
    customer: str
    product: str
    currency: str
    total_minor: int
    placed_days_ago: int
    status: str = "delivered"
    payout_in_days: int = 12
    ticket: str = ""
    notes: tuple[str, ...] = ()
    refunds: tuple[tuple[int, int], ...] = ()
    is_payment_cancelled: bool = False


@dataclass(frozen=True)
class Buyer:
    """A customer and where they are."""

    id: str
    name: str
    email: str
    street: str
    city: str
    postcode: str
    country: str


BUYERS = (
    Buyer("cus_acme", "ACME Corp", "ap@acme.example", "1 Anvil Way", "Tucson", "85701", "US"),
    Buyer(
        "cus_acme_de",
        "ACME GmbH",
        "buchhaltung@acme.example",
        "Straße des 17. Juni 135",
        "Berlin",
        "10623",
        "DE",
    ),
    Buyer(
        "cus_sakura",
        "株式会社サクラ",
        "keiri@sakura.example",
        "丸の内1-9-1",
        "東京",
        "100-0005",
        "JP",
    ),
    Buyer(
        "cus_salmiya",
        "Salmiya Trading",
        "acc@salmiya.example",
        "Salem Al Mubarak St",
        "Salmiya",
        "22001",
        "KW",
    ),
    Buyer(
        "cus_lumen",
        "Lumen Bakery",
        "hello@lumen.example",
        "7 Mill Lane",
        "Bristol",
        "BS1 5TR",
        "GB",
    ),
    Buyer(
        "cus_orbit",
        "Orbit Cycles",
        "shop@orbit.example",
        "22 Oak Avenue",
        "Portland",
        "97201",
        "US",
    ),
    Buyer(
        "cus_harbor",
        "Harbor & Sons",
        "office@harbor.example",
        "3 Pier Road",
        "Boston",
        "02110",
        "US",
    ),
    Buyer(
        "cus_titan",
        "Titan Research",
        "buy@titan.example",
        "400 Science Park",
        "Austin",
        "73301",
        "US",
    ),
    Buyer(
        "cus_juno",
        "Juno Fernández",
        "juno@fernandez.example",
        "Calle Mayor 5",
        "Madrid",
        "28013",
        "ES",
    ),
    Buyer(
        "cus_hostile",
        "<!channel> Payroll *urgent* <https://evil.example|bank> \u202eknab\u202c",
        "x@evil.example",
        "`rm -rf` Street & Co. <@U1>",
        "https://evil.example/city",
        "00000",
        "US",
    ),
    Buyer(
        "cus_hostile_ar",
        "\u202eמעטפת\u202c שלום & ]]> {{name}}",
        "y@evil.example",
        "1 Trick Lane",
        "Haifa",
        "31000",
        "IL",
    ),
)

ANCHORS = (
    Anchor(
        "1043",
        "cus_acme",
        "mechanical keyboard",
        "USD",
        12900,
        9,
        ticket="T-882",
        notes=("Sent with express.", "Customer says the box was wet."),
    ),
    Anchor("1077", "cus_acme", "compact keyboard", "USD", 13150, 2, status="shipped"),
    Anchor(
        "1051", "cus_acme_de", "Schreibtisch, höhenverstellbar", "EUR", 184999, 6, ticket="T-890"
    ),
    Anchor("1060", "cus_sakura", "万年筆 fountain pen", "JPY", 15000, 5, ticket="T-899"),
    Anchor("1061", "cus_salmiya", "espresso machine", "KWD", 45500, 5),
    Anchor("1062", "cus_lumen", "bread proofing basket", "GBP", 6400, 20, refunds=((6400, 10),)),
    Anchor("1063", "cus_orbit", "torque wrench", "USD", 8000, 15, refunds=((3000, 8),)),
    Anchor(
        "1064", "cus_orbit", "track pump", "USD", 5500, 14, "cancelled", is_payment_cancelled=True
    ),
    Anchor("1065", "cus_harbor", "rain jacket", "USD", 4200, 3, "shipped"),
    Anchor("1066", "cus_harbor", "storm lantern", "USD", 5890, 1, "placed", ticket="T-905"),
    Anchor("1067", "cus_titan", "oscilloscope", "USD", 240000, 4, ticket="T-906"),
    Anchor("1068", "cus_titan", "soldering station", "USD", 9900, 25, payout_in_days=-5),
    Anchor("1069", "cus_juno", "guitar amplifier", "EUR", 30000, 7, refunds=((2000, 0), (1500, 0))),
    Anchor(
        "1070",
        "cus_hostile",
        "gift card <https://evil.example|claim> @here",
        "USD",
        2500,
        3,
        ticket="T-909",
        notes=("<!channel> *approve now*",),
    ),
    Anchor("1071", "cus_hostile_ar", "\u202eyek esuoh\u202c", "USD", 1900, 3),
)
