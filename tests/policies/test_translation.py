"""What the engine answers is never excluded by the translation: the ground of every finding."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import cel, checked
from policies.analysis.solver import Session
from policies.analysis.terms import Translator
from policies.analysis.values import EPOCH, Number, Text, Truth
from policies.analysis.variables import Variables
from policies.analysis.world import World
from policies.constants import constant

TYPES = {
    "box.n": "int", "box.m": "int", "box.cur": "string", "box.status": "string",
    "box.open": "bool", "box.at": "timestamp", "now": "timestamp",
    "requester.roles": "list<string>", "box.tags": "list<string>",
}  # fmt: skip
VALUES = {
    "small": {"USD": 100, "EUR": 200},
    "pools": {"USD": ("a", "b"), "EUR": ("c",)},
    "some": ("a", "b", "c"),
    "none": (),
    "window": "2 days",
    "freezes": (
        {"from": datetime(2026, 1, 1, tzinfo=UTC), "until": datetime(2026, 1, 3, tzinfo=UTC)},
        {"from": datetime(2026, 1, 6, tzinfo=UTC), "until": datetime(2026, 1, 5, tzinfo=UTC)},
    ),
}
WORLD = World(roles=("a", "b", "leads"), caps={"sandbox": 3}, texts={}, wordlists={})

NUMBERS = st.sampled_from(
    ["box.n", "box.m", "small[box.cur]", "small['USD']", "0", "100", "-3", "box.n + 1",
     "box.n - box.m", "box.n * 3", "box.n * box.m", "box.n / 2", "box.n % 7", "-box.n",
     "size(some)", "size(box.cur)", "now.getHours('Europe/Berlin')", "box.at.getDayOfWeek()",
     "(box.open ? box.n : 7)", "int(box.at)"]
)  # fmt: skip
TEXTS = st.sampled_from(["box.cur", "box.status", "'USD'", "'a'", "''", "box.cur + 'x'"])
TIMES = st.sampled_from(
    ["now", "box.at", "timestamp('2026-01-02T00:00:00Z')", "now - duration('24h')",
     "box.at + window", "freezes[0].from", "timestamp('2026-01-01T00:00:00.000001Z')"]
)  # fmt: skip
SPANS = st.sampled_from(["window", "now - box.at", "duration('90m')", "duration('1h30m')"])
ORDERS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
LISTS = st.sampled_from(["some", "['a', 'USD']", "requester.roles", "box.tags", "small", "none",
                         "pools[box.cur]"])  # fmt: skip


def _compared(operands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(operands, ORDERS, operands).map(" ".join)


FROZEN = "freezes.exists(f, now >= f.from && now < f.until)"
ATOMS = st.one_of(
    _compared(NUMBERS),
    _compared(TIMES),
    _compared(SPANS),
    st.tuples(TEXTS, st.sampled_from([" == ", " != "]), TEXTS).map("".join),
    st.tuples(TEXTS, LISTS).map(" in ".join),
    st.sampled_from(
        ["box.open", "true", "false", "box.cur.matches('^U')", "box.status.startsWith('a')",
         "requester.roles.exists(r, r in some)", "requester.roles.all(r, r == 'a' || r == 'b')",
         "some.exists(s, s in requester.roles)", FROZEN,
         "freezes.all(f, now < f.from)", "small.exists(c, small[c] < box.n)",
         "some.all(s, s != box.cur)",
         "requester.roles.exists_one(r, r == 'a')", "has(small.USD)", "has(small.XAU)",
         "box.tags.exists(t, t == 'a')", "size(requester.roles) == 0", "some == ['a', 'b', 'c']",
         "requester.roles == ['a']", "box.open == (box.n > 0)", "freezes[0].until > now"]
    ),
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda text: f"!({text})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
    ),
    max_leaves=5,
)
FOURTH = datetime(2026, 1, 4, tzinfo=UTC)
DAYS = st.integers(0, 200).map(
    lambda hours: datetime(2025, 12, 30, tzinfo=UTC) + timedelta(hours=hours)
)
FACTS = st.fixed_dictionaries(
    {
        "box.n": st.sampled_from([-3, 0, 1, 7, 99, 100, 101, 200, 2**53 - 1]),
        "box.m": st.sampled_from([-(2**53) + 1, 0, 2, 100]),
        "box.cur": st.sampled_from(["USD", "EUR", "XAU", "a", ""]),
        "box.status": st.sampled_from(["a", "b", "USD", "zzz"]),
        "box.open": st.booleans(),
        "box.at": DAYS,
        "now": DAYS,
        "requester.roles": st.lists(st.sampled_from(["a", "b", "leads"]), max_size=3),
        "box.tags": st.lists(st.sampled_from(["a", "USD", "q"]), max_size=2),
    }
)


@pytest.fixture(scope="module")
def environment() -> cel.Environment:
    constants = {name: constant(value).type for name, value in VALUES.items()}
    return cel.Environment({**TYPES, **constants})


def _tell(session: Session, variables: Variables, facts: Mapping[str, object]) -> None:
    """The facts as the session's variables."""
    for name, value in facts.items():
        known = variables.fact(name)
        if isinstance(value, list):
            for item in ("a", "b", "c", "leads", "USD", ""):
                flag = variables.member(name, item)
                session.know(flag == (item in value))
        elif isinstance(known, Truth):
            session.know(known.is_true == value)
        elif isinstance(known, Text):
            session.know(known.term == session.code(str(value)))
        elif isinstance(known, Number) and isinstance(value, datetime):
            session.know(known.term == (value - EPOCH) // timedelta(microseconds=1) * 1_000)
        elif isinstance(known, Number):
            session.know(known.term == value)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=CONDITIONS, facts=FACTS)
def test_what_the_engine_answers_is_possible(
    environment: cel.Environment, text: str, facts: dict[str, object]
) -> None:
    constants = {name: constant(value).value for name, value in VALUES.items()}
    try:
        condition = environment.compile(text)
    except cel.ConditionError:
        return
    answer = condition.evaluate(environment.activation({**facts, **constants}))
    session = Session()
    variables = Variables("box.open", session, WORLD, TYPES)
    truth = Translator(session, variables, constants).condition(
        checked.read(environment.compile(text).checked())
    )
    _tell(session, variables, facts)
    if answer is True:
        assert session.ask(truth.is_true) == "sat"
    elif answer is False:
        assert session.ask(truth.is_false) == "sat"
    assert session.ask(truth.is_true, truth.is_false) == "unsat"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("box.n > small[box.cur]", {"box.n": 100, "box.cur": "USD"}),
        ("box.cur in small && box.n in [1, 2]", {"box.n": 3, "box.cur": "USD"}),
        (FROZEN, {"now": FOURTH}),
        ("requester.roles.exists(r, r in some)", {"requester.roles": ["leads"]}),
        ("now - box.at > window", {"now": FOURTH, "box.at": FOURTH - timedelta(days=1)}),
        ("box.cur in pools[box.status]", {"box.cur": "a", "box.status": "EUR"}),
    ],
)  # fmt: skip
def test_what_is_translated_is_decided_as_the_engine_decides_it(
    environment: cel.Environment, text: str, facts: dict[str, object]
) -> None:
    """These conditions are false, and the translation knows it: it is not merely permissive."""
    session = Session()
    variables = Variables("box.open", session, WORLD, TYPES)
    constants = {name: constant(value).value for name, value in VALUES.items()}
    truth = Translator(session, variables, constants).condition(
        checked.read(environment.compile(text).checked())
    )
    _tell(session, variables, facts)
    assert session.ask(truth.is_true) == "unsat"
    assert session.ask(truth.is_false) == "sat"


def test_the_solver_is_not_loaded_for_a_help_text() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from bot.cli import cli;"
        "CliRunner().invoke(cli, ['--help']); import policies.check, policies.bundle;"
        "sys.exit('z3' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
