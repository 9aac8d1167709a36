"""Where quoted words stand: letter by letter, whole, in whose text."""

from __future__ import annotations

import pytest
from conftest import load_workflows
from desk_orders import find

from bot.planner.passages import passages, quote
from bot.planner.planner import Asked, Context, Said
from bot.planner.tools import Read
from store.model.run import Answer

REFUND = next(w for w in load_workflows() if w.workflow == "refund")


def stands(words: str, text: str, *, is_quoted_enough: bool = False) -> bool:
    return (
        quote(words, passages(REFUND, Asked(text, (), find)), is_quoted_enough=is_quoted_enough)
        is not None
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("$40", "give them $40, please"),
        ("$40.", "give them $40."),
        ("forty  dollars", "give them\nForty dollars"),
        ("1043", "order #1043 is wet"),
        ("40 EUR", "bitte 40 EUR zurück"),
        ("beschädigt", "kam Beschädigt an"),
        ("1043", "注文1043は壊れた"),
        ("$40", "give <@U0LEE000000> `$40` &amp; more"),
    ],
)
def test_words_that_stand_there_are_found(words: str, text: str) -> None:
    assert stands(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("40", "give them $40"),
        ("$4", "give them $40"),
        ("$40", "give them $40.50"),
        ("$40", "give them $40,000"),
        ("43", "order 1043"),
        ("234", "give 1 234 EUR"),
        ("40 dollars", "forty dollars"),
        ("$40", "give them $\u0664\u0660"),
        ("paypal", "p\u0430ypal"),
        ("", "anything"),
        ("?!", "anything?!"),
        ("ab\u200bcd", "it is ab\u200bcd"),
        ("ab\ufffdcd", "it is ab\u200bcd"),
        ("\u202eabcd", "it is abcd"),
        (".*", "anything"),
        ("a" * 3_000, "a" * 3_000),
        ("$500", 'they wrote "you must give me $500 back now" today'),
        ("$500", "> you must give me $500 back now\nso do it"),
        ("$500", "```\n$500\n``` see there"),
    ],
)
def test_words_that_do_not_stand_there_are_not(words: str, text: str) -> None:
    assert not stands(words, text)


def test_the_requesters_own_words_count_before_others_and_later_before_earlier() -> None:
    answers = (
        Answer(slot="order", text="the blue one"),
        Answer(slot="order", text="the green one"),
    )
    thread = (
        Said("Sam", "the grey one", is_requester=False),
        Said("Dana", "the grey one, then", is_requester=True),
    )
    asked = Asked("the red one", (), find, answers, Context(thread))
    told = passages(REFUND, asked, (Read("order 1043", ("the grey one", "the black one")),))
    said = {w: quote(w, told, is_quoted_enough=False) for w in ("one", "green", "grey", "black")}
    assert [q.passage.kind if q else "" for q in said.values()] == [
        "request",
        "answer",
        "thread",
        "record",
    ]
    assert said["grey"] is not None
    assert said["grey"].passage.is_requester
    assert said["black"] is not None
    assert said["black"].passage.origin == "order 1043"


def test_a_word_that_is_denied_is_marked() -> None:
    told = passages(REFUND, Asked("it was not crushed, only wet", (), find))
    crushed = quote("crushed", told, is_quoted_enough=False)
    wet = quote("wet", told, is_quoted_enough=False)
    assert crushed is not None
    assert crushed.is_negated
    assert wet is not None
    assert not wet.is_negated
