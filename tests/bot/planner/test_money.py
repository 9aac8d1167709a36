"""Every way to write a number, and what it can mean."""

# ruff: noqa: E501 - what is said and what comes of it stand on one line

from __future__ import annotations

import pytest

from bot.planner.money import read
from bot.planner.normalise import hear
from bot.planner.tokens import tokenize

READ = [
    ("40", "USD", (4000,)), ("40.5", "USD", (4050,)), ("40,50", "EUR", (4050,)),
    ("1,234.56", "USD", (123456,)), ("1.234,56", "EUR", (123456,)), ("1 234,56", "EUR", (123456,)),
    ("1'234.56", "CHF", (123456,)), ("1'234", "CHF", (123400,)), ("1234.5", "USD", (123450,)),
    ("1.234.567", "EUR", (123456700,)), ("1,234,567.89", "USD", (123456789,)),
    ("1.234", "USD", (123400, 123)), ("1,234", "USD", (123400, 123)), ("1.234", "KWD", (1234000, 1234)),
    ("01.234", "KWD", (1234,)), ("1,234", "JPY", (1234,)), ("15000", "JPY", (15000,)),
    ("12.345,678", "KWD", (12345678,)),
]  # fmt: skip
UNREAD = [
    ("0", "USD", "zero"), ("0.00", "USD", "zero"), ("1.2345", "USD", "too precise"),
    ("150.5", "JPY", "too precise"), ("1,234.567", "USD", "too precise"), ("1,23,456.00", "USD", "malformed"),
    ("1.2.3", "USD", "malformed"), ("12.11.2026", "USD", "malformed"), ("1,234.5,6", "USD", "malformed"),
    ("0.001", "USD", "too precise"), ("90071992547409.93", "USD", "too large"), ("9" * 3000, "USD", "too large"),
    ("9007199254740992", "JPY", "too large"),
]  # fmt: skip


@pytest.mark.parametrize(("digits", "currency", "minors"), READ)
def test_amount_is_read(digits: str, currency: str, minors: tuple[int, ...]) -> None:
    assert read(digits, currency).minors == minors


MARKED = [
    ("1,234", "USD", (123400,)), ("1,234", "GBP", (123400,)), ("12,345", "AUD", (1234500,)),
    ("1,234.50", "USD", (123450,)), ("1,23", "USD", (123,)), ("1.234", "USD", (123400, 123)),
    ("1,234", "EUR", (123400, 123)), ("1,234", "CAD", (123400, 123)), ("1,234", "CHF", (123400, 123)),
    ("1,234", "PLN", (123400, 123)), ("1,234", "KWD", (1234000, 1234)), ("1,234", "JPY", (1234,)),
    ("0,234", "USD", ()), ("1,2345", "USD", ()), ("1234,567", "USD", ()),
]  # fmt: skip


@pytest.mark.parametrize(("digits", "currency", "minors"), MARKED)
def test_three_digits_behind_the_comma_of_dollars_are_no_cents(
    digits: str, currency: str, minors: tuple[int, ...]
) -> None:
    assert read(digits, currency, is_marked=True).minors == minors


@pytest.mark.parametrize(("digits", "currency", "problem"), UNREAD)
def test_amount_that_is_none_says_why(digits: str, currency: str, problem: str) -> None:
    assert read(digits, currency).problem == problem
    assert read(digits, currency).minors == ()


TOKENS = [
    ("$40", [("money", "40")]), ("40 USD", [("money", "40")]), ("EUR 40 USD 50", [("money", "40"), ("money", "50")]),
    ("CHF 40.-", [("money", "40")]), ("1 234,56 €", [("money", "1 234,56")]), ("$40-50", [("unclear", "")]),
    ("10%", [("unclear", "")]), ("50 cents", [("unclear", "")]), ("T-882", [("code", "")]),
    ("2026-11-12", [("code", "")]), ("10:30", [("code", "")]), ("#1043", [("reference", "1043")]),
    ("4\u200b0", [("hidden", "")]), ("40²", [("hidden", "")]), ("٤٠", [("hidden", "")]), ("４０", [("integer", "40")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_number_is_read_whole_or_not_at_all(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(t.kind, t.digits) for t in tokenize(hear(text).text)] == expected
