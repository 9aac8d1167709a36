"""The binding behind its fence: only True and False are answers, and zones come with Assent."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from policies.cel import (
    CONDITION_MAX,
    TOGETHER_MAX,
    ConditionError,
    Conditions,
    Environment,
)
from policies.mentions import is_time_zone, mentions, objections

FACTS = {"refund.amount_minor": "int", "refund.currency": "string", "now": "timestamp"}
CONSTANTS = {
    "small": "map<string,int>",
    "freezes": "list<map<string,timestamp>>",
    "hours": "map<string,int>",
}


def test_an_error_value_is_not_taken_for_true() -> None:
    environment = Environment({"limits": "map<string,int>", "key": "string"})
    condition = environment.compile("limits[key] > 1")
    answer = condition.evaluate(environment.activation({"limits": {}, "key": "x"}))
    assert answer == 'Key not found in map : "x"'


def test_a_missing_or_mistyped_variable_is_an_error_and_no_exception() -> None:
    environment = Environment({"n": "int"})
    condition = environment.compile("n > 1")
    for values in ({}, {"n": 1.5}, {"n": 2**64}, {"n": None}, {"n": object()}):
        assert isinstance(condition.evaluate(environment.activation(values)), str)


def together(environment: Environment, *texts: str) -> Conditions:
    return environment.together([(text, environment.compile(text)) for text in texts])


def test_conditions_judged_together_answer_as_each_does_by_itself() -> None:
    environment = Environment({"n": "int", "limits": "map<string,int>", "l": "list<int>"})
    texts = [
        "n > 1 // a comment",
        "n < 1",
        "n in [1, 2]",
        "true || n > 1",
        "(n > 1) ? true : false",
    ]
    activation = environment.activation({"n": 2, "limits": {}, "l": list(range(500))})
    assert together(environment, *texts).evaluate(activation) == [True, False, True, True, True]
    # One error is that of its own condition; the others are judged all the same.
    failing = [*texts, 'limits["x"] > 1', "n > 1"]
    found = together(environment, *failing).evaluate(activation)
    assert found == [True, False, True, True, True, 'Key not found in map : "x"', True]
    # What exhausts the iteration budget only together is judged one by one.
    looping = ["l.all(x, x >= 0)"] * 100
    assert together(environment, *looping).evaluate(activation) == [True] * 100
    assert together(environment).evaluate(activation) == []


@pytest.mark.parametrize("count", [TOGETHER_MAX - 1, TOGETHER_MAX, TOGETHER_MAX + 1, 1_000])
def test_any_number_of_conditions_is_judged_in_order(count: int) -> None:
    environment = Environment({"n": "int"})
    long = " " * (CONDITION_MAX // 2) if count == 1_000 else ""
    found = together(environment, *(f"n > {number}{long}" for number in range(count)))
    assert found.evaluate(environment.activation({"n": 100})) == [n < 100 for n in range(count)]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("n >\n  m", 2, 3), ("n > 'x'", 1, 3), ("n", 1, 1), ("", 1, 1), ("n > 1 &&", 1, 9)],
)
def test_what_does_not_compile_is_placed(text: str, line: int, column: int) -> None:
    with pytest.raises(ConditionError) as refusal:
        Environment({"n": "int"}).compile(text)
    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert "[INVALID_ARGUMENT]" not in refusal.value.message


def test_zones_are_found_without_the_system_s_files() -> None:
    """In a process of its own, because the binding looks for a zone once and remembers failure."""
    code = (
        "from datetime import UTC, datetime\n"
        "from policies.cel import Environment\n"
        "e = Environment({'now': 'timestamp'})\n"
        "c = e.compile('now.getHours(\"America/New_York\") == 7')\n"
        "print(c.evaluate(e.activation({'now': datetime(2026, 1, 1, 12, tzinfo=UTC)})))\n"
        "import os; print(os.path.exists(os.environ['TZDIR'] + '/America/New_York'))\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    for zones, expected in (("", "True\nTrue"), ("/nonexistent", "Invalid timezone\nFalse")):
        environ.pop("TZDIR", None)
        if zones:
            environ["TZDIR"] = zones
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env=environ,
            timeout=30,
            check=False,
        )
        assert done.stdout.strip() == expected, done.stderr


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("Europe/Berlin", True),
        ("UTC", True),
        ("Mars/Base", False),
        ("../UTC", False),
        ("/etc/localtime", False),
        ("localtime", False),
        ("europe/berlin", False),
        ("", False),
    ],
)
def test_time_zones_are_those_of_the_database(name: str, *, is_known: bool) -> None:
    assert is_time_zone(name) is is_known


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("refund.amount_minor > small[refund.currency]",
         ["refund.amount_minor", "small[refund.currency]"]),
        ("refund.amount_minor > small['USD']", ["refund.amount_minor", 'small["USD"]']),
        ("hours.from <= now.getHours('UTC')", ["hours.from", "now"]),
        ("freezes.exists(f, now >= f.from)", ["freezes", "now"]),
        ("refund.currency.startsWith('now')", ["refund.currency"]),
        ("'small' == \"now\" // refund.currency", []),
        ("refund.currency in small && refund.currency != ''", ["refund.currency", "small"]),
        ("small[refund.currency + 'x'] > 1", ["small", "refund.currency"]),
        ("r'\\' == refund.currency", ["refund.currency"]),
        ("now>now", ["now"]),
        ("small[", ["small"]),
    ],
)  # fmt: skip
def test_what_a_condition_speaks_of_is_found(text: str, found: list[str]) -> None:
    assert [mention.text for mention in mentions(text, FACTS, CONSTANTS)] == found


@pytest.mark.parametrize("text", ["1.5 > x", "double(x) > y", "dyn(x)", "uint(x) == y", "1e3 > x"])
def test_fractions_and_conversions_are_objected_to(text: str) -> None:
    assert list(objections(text))


@pytest.mark.parametrize("text", ["'1.5' == x", "x.exists(y, y == 1)", "size(x) > 0", "a.b1 > 15"])
def test_plain_conditions_are_not_objected_to(text: str) -> None:
    assert not list(objections(text))
