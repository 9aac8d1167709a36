"""Other words for whoever was there, the same every time; and a case that reads back as written."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.cases.case import SAYS_CHARACTERS_MAX
from evals.cases.suite import CASE_FILE
from evals.retelling.cast import cast
from evals.retelling.redaction import Redactor
from evals.retelling.yaml import case_text
from policies import document
from tests.evals.writing import SUITE

KEEP = {"refund", "order", "damaged", "Bestellung", "US"}
KNOWN = {"1043": "1067", "Dana Okafor": "Kim One", "Dana": "Kim", "99 Geheimweg": "12 Main Street"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("refund $40 on order 1043, damaged", "refund $40 on order 1067, damaged"),
        ("Refund order #1043 please", "Refund order #1067 please"),
        ("order 10435 is another", "order 90001 is another"),
        ("for dana okafor", "for Kim One"),
        ("DANA asked", "Kim asked"),
        ("send it to 99 Geheimweg", "send it to 12 Main Street"),
        ("Jan Kowalski, then Kowalski", "Acacia Birch, then Birch"),
        ("mail a.b+c@firma.example.org now", "mail person1@customer.example now"),
        ("see https://firma.example/x?y=1 or www.firma.example", None),
        ("call +49 (30) 123-4567 or 030/1234567", None),
        ("IBAN DE89 3704 0044 0532 0130 00", None),
        ("ask <@U0DANA00000> in <#C1|secret>", "ask @person1 in @person2"),
        ("give back 1250 or 1250.00", "give back 1250 or 1250.00"),
        ("1.234,56 EUR, 12 dollars and EUR 4000", "1.234,56 EUR, 12 dollars and EUR 4000"),
        ("Bestellung in the US", "Bestellung in the US"),
        ("", ""),
    ],
)
def test_whoever_was_there_is_somebody_else(said: str, told: str | None) -> None:
    redactor = Redactor(KEEP, KNOWN, [125_000])
    seen = redactor.text(said)
    if told is not None:
        assert seen == told
    for private in ("firma", "4567", "1234567", "3704", "0532", "secret", "Kowalski"):
        assert private not in seen


def test_the_same_word_becomes_the_same_word_and_others_others() -> None:
    redactor = Redactor(KEEP, {})
    first = redactor.text("Novak owes Meyer 55501 and 55502")
    again = redactor.text("Meyer paid 55501 to Novak, NOVAK said")
    assert first == "Acacia owes Birch 90001 and 90002"
    assert again == "Birch paid 90001 to Acacia, Acacia said"
    names = {redactor.text(f"X{letter}") for letter in "abcdefghijklmnopqrstuvwxyz"}
    assert len(names) == 26


def test_hostile_text_takes_no_time() -> None:
    redactor = Redactor(KEEP, KNOWN)
    began = time.perf_counter()
    for piece in ("1 ", "a@", "<@", "$1,", "A'", "www.", "a.b@c.d", "((((", "1-"):
        redactor.text((piece * SAYS_CHARACTERS_MAX)[:SAYS_CHARACTERS_MAX])
    assert time.perf_counter() - began < 2


def test_people_are_played_by_people_with_their_roles() -> None:
    from evals.cases.case import SuiteFile
    from policies.parse import parse

    file = parse(SuiteFile, document.read("suite.yml", SUITE.encode()), [])
    assert file is not None
    found = cast(
        file,
        ["p1", "p2", "p3"],
        {"p1": ("support",), "p2": ("admins",)},
        {"p3": ("finance-leads",)},
    )
    assert found.players == {"p1": "dana", "p2": "ann", "p3": "lee"}
    assert found.roles == {"ann": ("admins",), "lee": ("finance-leads",)}
    with pytest.raises(ValueError, match="the run had more"):
        cast(file, ["p1", "p2", "p3", "p4"], {}, {})


TEXT = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=40)
VALUE = st.recursive(
    st.booleans() | st.integers(-9_999, 9_999) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(request=TEXT, then=st.lists(VALUE, max_size=3), expect=VALUE, remark=TEXT)
def test_a_case_reads_back_as_it_was_written(
    request: str, then: list[Any], expect: Any, remark: str
) -> None:
    case = {"case": "a-case", "request": request, "then": then, "expect": {"values": expect}}
    text = case_text(case, [remark] if remark.strip() else [])
    read = document.read("x.yml", text.encode(), CASE_FILE).tree
    assert read == {"cases": (_frozen(case),)}


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def test_what_cannot_be_seen_is_left_out() -> None:
    text = case_text({"case": "a-case", "request": "pay\u202e me\x00\u2028\u200b$40"}, [])
    assert document.read("x.yml", text.encode()).tree["cases"][0]["request"] == "pay me\n$40"
