"""What a simulated reader knows of the world beside its prompt: a few words for tasks, reasons,
currencies and numbers. It stands for a language model in tests and is far from being one."""

from __future__ import annotations

import re
from types import MappingProxyType

# A word of a workflow's name -> how people ask for it in English, and in a few other languages.
TASKS = MappingProxyType(
    {
        "refund": (
            "refund", "reimburse", "money back", "make it right", "make them whole", "compensate",
            "their money", "credit back", "return the money", "owe them", "comp them",
        ),
        "cancel": ("cancel", "call off", "scrap", "no longer want", "bin the order"),
        "address": ("ship", "address", "deliver", "redirect", "moved to", "send it to"),
    }
)  # fmt: skip
FOREIGN_TASKS = MappingProxyType(
    {
        "refund": ("rimbors", "terugbetal", "zwróć", "zwrot", "återbetal", "返金", "退款", "iade"),
        "cancel": ("annulla", "annuleer", "anuluj", "avboka", "キャンセル", "取消", "iptal"),
        "address": ("indirizzo", "adres", "住所", "地址"),
    }
)
REASONS = MappingProxyType(
    {
        "damaged": ("damage", "broke", "crack", "smash", "shatter", "in pieces", "dent", "scratch"),
        "wrong-item": ("wrong item", "wrong one", "not what they ordered", "wrong colour"),
        "late": ("late", "took weeks", "overdue", "never came", "too slow"),
        "goodwill": ("goodwill", "as a gesture", "be nice", "apolog"),
        "customer-request": ("changed their mind", "no longer want", "does not want"),
        "duplicate": ("twice", "by mistake"),
        "out-of-stock": ("out of stock", "sold out"),
        "fraud": ("fraud", "stolen"),
    }
)
CURRENCIES = MappingProxyType(
    {
        "$": "USD", "usd": "USD", "dollars": "USD", "bucks": "USD", "€": "EUR", "eur": "EUR",
        "euros": "EUR", "euro": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP", "¥": "JPY",
        "yen": "JPY", "jpy": "JPY", "kwd": "KWD", "dinars": "KWD",
    }
)  # fmt: skip
DECIMALS = MappingProxyType({"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3, "TND": 3})
WHOLE = ("full", "everything", "all of it", "the whole", "entire")
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = ["ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
NUMBERS = MappingProxyType(
    {word: value for value, word in enumerate(_UNITS, 1)}
    | {word: value * 10 for value, word in enumerate(_TENS, 1)}
)
_CURRENCY = "|".join(re.escape(mark) for mark in sorted(CURRENCIES, key=len, reverse=True))
_COUNT = "|".join(NUMBERS)
IN_FIGURES = re.compile(
    rf"(?P<before>[$€£¥]|\b(?:usd|eur|gbp|jpy|kwd)\b)\s?(?P<figures>\d[\d,]*(?:\.\d+)?)"
    rf"|(?P<figures2>\d[\d,]*(?:\.\d+)?)\s?(?P<after>{_CURRENCY})(?!\w)",
    re.I,
)
IN_WORDS = re.compile(
    rf"\b(?P<count>(?:{_COUNT})(?:[ -](?:{_COUNT}))?)\s(?P<unit>{_CURRENCY})\b", re.I
)
ORDER = re.compile(
    r"(?<![\w$€£¥.,-])#?(\d{3,6})(?![\w%]|[.,]\d|\s?(?:\$|€|£|¥|usd|eur|dollars))", re.I
)
NAME = re.compile(r"\b[A-Z][A-Za-z]{2,}\b")
