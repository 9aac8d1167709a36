"""How people write currencies, each way with every currency that it may mean."""

from __future__ import annotations

from types import MappingProxyType

from bot.planner.vocabulary import fold, word_set
from store.model.values import CURRENCY_EXPONENTS

DOLLARS = frozenset({"USD", "CAD", "AUD"})
KRONER = frozenset({"SEK", "NOK", "DKK"})
DINARS = frozenset({"BHD", "KWD", "TND"})
UNSUPPORTED: frozenset[str] = frozenset()

# Behind a number these make it no amount: asked about.
NOT_MONEY = frozenset({"%", "percent", "prozent", "cent", "cents", "pence", "points", "stars"})

SYMBOLS = MappingProxyType(
    {
        "$": DOLLARS, "€": frozenset({"EUR"}), "£": frozenset({"GBP"}), "¥": frozenset({"JPY"}),
        "₩": frozenset({"KRW"}),
        **dict.fromkeys("₹₺₽₴₦₫₱฿₪₡₲₵₸₿¢₭₮₼₾", UNSUPPORTED),
    }
)  # fmt: skip

_ABBREVIATIONS = {
    "us$": frozenset({"USD"}), "$us": frozenset({"USD"}),
    "ca$": frozenset({"CAD"}), "c$": frozenset({"CAD"}), "cad$": frozenset({"CAD"}),
    "a$": frozenset({"AUD"}), "au$": frozenset({"AUD"}), "aud$": frozenset({"AUD"}),
    "usd$": frozenset({"USD"}), "nz$": UNSUPPORTED, "hk$": UNSUPPORTED, "s$": UNSUPPORTED,
    "r$": UNSUPPORTED, "mx$": UNSUPPORTED, "kr": KRONER, "zł": frozenset({"PLN"}),
    "kd": frozenset({"KWD"}), "bd": frozenset({"BHD"}), "sfr": frozenset({"CHF"}),
    "cn¥": UNSUPPORTED, "jp¥": frozenset({"JPY"}),
}  # fmt: skip

# ISO 4217 codes in wide use that Assent does not handle, so that they are asked about.
_OTHER_CODES = word_set(
    "aed afn ars azn bdt bgn brl clp cny cop czk egp eth ghs hkd huf idr ils inr isk jod kes kzt "
    "mad mxn myr ngn nzd omr pen php pkr qar ron rub sar sgd thb try twd uah uyu vnd xaf xof zar"
)

_CODES = {
    **{code.lower(): frozenset({code}) for code in CURRENCY_EXPONENTS},
    **dict.fromkeys(_OTHER_CODES, UNSUPPORTED),
}

_NAMES = {
    "dollar": DOLLARS, "dollars": DOLLARS, "buck": DOLLARS, "bucks": DOLLARS,
    "dolares": DOLLARS, "dolar": DOLLARS, "us dollars": frozenset({"USD"}),
    "us dollar": frozenset({"USD"}), "american dollars": frozenset({"USD"}),
    "canadian dollars": frozenset({"CAD"}), "canadian dollar": frozenset({"CAD"}),
    "australian dollars": frozenset({"AUD"}), "australian dollar": frozenset({"AUD"}),
    "euro": frozenset({"EUR"}), "euros": frozenset({"EUR"}),
    "pound": frozenset({"GBP"}), "pounds": frozenset({"GBP"}), "quid": frozenset({"GBP"}),
    "pounds sterling": frozenset({"GBP"}), "yen": frozenset({"JPY"}), "won": frozenset({"KRW"}),
    "franc": frozenset({"CHF"}), "francs": frozenset({"CHF"}), "franken": frozenset({"CHF"}),
    "swiss francs": frozenset({"CHF"}), "kronor": KRONER, "kroner": KRONER, "krona": KRONER,
    "krone": KRONER, "zloty": frozenset({"PLN"}), "zlotys": frozenset({"PLN"}),
    "dinar": DINARS, "dinars": DINARS, "rupees": UNSUPPORTED, "pesos": UNSUPPORTED,
    "yuan": UNSUPPORTED, "rubles": UNSUPPORTED, "bitcoin": UNSUPPORTED, "btc": UNSUPPORTED,
    **dict.fromkeys(NOT_MONEY, UNSUPPORTED),
}  # fmt: skip

GLUED = MappingProxyType(
    {fold(k): v for k, v in {**SYMBOLS, **_ABBREVIATIONS, **_CODES, **_NAMES}.items()}
)
PREFIXES = MappingProxyType(
    {
        fold(k): v
        for k, v in {**SYMBOLS, **_ABBREVIATIONS, **_CODES}.items()
        if k not in {"%", "try", "all"}
    }
)
WORDS = MappingProxyType(
    {
        fold(k): v
        for k, v in {**SYMBOLS, **_ABBREVIATIONS, **_CODES, **_NAMES}.items()
        if k not in {"try", "won"}
    }
)
