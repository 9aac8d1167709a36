"""What the seeded desk sells and to whom: plain words that the generator draws from."""

from __future__ import annotations

# Product and price in minor units of a two-decimal currency.
PRODUCTS = (
    ("desk lamp", 3490),
    ("office chair", 18900),
    ("standing desk", 44900),
    ("27-inch monitor", 27900),
    ("laptop stand", 4250),
    ("USB-C dock", 15900),
    ("webcam", 7990),
    ("noise-cancelling headset", 19900),
    ("wireless mouse", 3990),
    ("whiteboard", 8900),
    ("paper shredder", 6450),
    ("label printer", 12900),
    ("filing cabinet", 21500),
    ("footrest", 2890),
    ("cable tray", 1990),
    ("coffee grinder", 5490),
)
FIRST_WORDS = (
    "Northwind", "Globex", "Initech", "Umbra", "Hooli", "Stark", "Wayne", "Soylent", "Vandelay",
    "Tyrell", "Cyber", "Aperture", "Wonka", "Duff", "Gringott", "Oceanic", "Pied", "Bluth",
    "Dunder", "Sterling", "Prestige", "Monarch", "Octan", "Virtucon", "Zenith", "Kestrel",
)  # fmt: skip
LAST_WORDS = ("Traders", "Labs", "Studio", "Logistics", "Clinic", "Books", "Works", "Partners")

# Currency, its scale against a two-decimal price, and places that it ships to.
PLACES = {
    "USD": (
        ("Main Street", "Springfield", "62701", "US"),
        ("Oak Avenue", "Portland", "97201", "US"),
    ),
    "EUR": (
        ("Lindenallee", "Hamburg", "20259", "DE"),
        ("Rue de la Paix", "Lyon", "69002", "FR"),
    ),
    "GBP": (("High Street", "Leeds", "LS1 4DY", "GB"), ("Mill Lane", "Bristol", "BS1 5TR", "GB")),
    "CHF": (("Bahnhofstrasse", "Zürich", "8001", "CH"),),
    "JPY": (("千代田", "東京", "100-0001", "JP"),),
    "KWD": (("Gulf Road", "Kuwait City", "13001", "KW"),),
}
PRICE_SCALE = {"JPY": 150, "KWD": 300}  # in hundredths: ¥1.5 a cent, 3 fils a cent
SUBJECTS = ("Arrived damaged", "Where is my parcel?", "Wrong item", "Invoice please", "Too late")
NOTES = ("Called the customer.", "Carrier informed.", "VIP, be quick.", "Photos are in the ticket.")
REASONS = ("damaged", "wrong item", "late", "goodwill")
