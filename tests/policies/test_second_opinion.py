"""Every shipped condition judged by cel-python too, on drawn facts: one answer or a defect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import celpy
import pytest
from celpy import celtypes
from celpy.evaluation import CELEvalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.bundle import Bundle
from policies.compiled import Policy
from policies.constants import constant
from policies.engine import Engine, StepFacts
from policies.facts import COMMON

Programs = dict[tuple[str, str], "celpy.Runner"]
TIMES = st.datetimes(datetime(2026, 7, 1), datetime(2027, 3, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001, UP017
AMOUNTS = st.sampled_from([9_999, 10_000, 10_001, 15_000, 100_000, 100_001]) | st.integers(
    -(2**53) + 1, 2**53 - 1
)
TEXTS = {
    "requester.id": ["person-dana"],
    "request.channel": ["support-ops", "direct"],
    "request.surface": ["slack"],
    "workflow.name": ["refund", "tidy-up"],
    "run.environment": ["sandbox", "production"],
    "refund.currency": ["USD", "JPY", "KWD", "usd", "XAU"],
    "payment.currency": ["USD", "JPY", "EUR"],
    "payment.status": ["paid", "partly refunded", "refunded", "cancelled"],
    "order.status": ["placed", "shipped", "delivered", "cancelled"],
    "order.currency": ["USD", "BHD", "XAU"],
    "customer.id": ["cus_acme"],
    "address.country": ["US", "CA", "us", ""],
    "address.current_country": ["US", "DE"],
    "ticket.status": ["open", "solved"],
}


COUNTERS = ["refunds_of_customer.x", "refunds_of_requester.x", "refunds_of_everybody.x"]


def _drawn(name: str, fact_type: str) -> st.SearchStrategy[object]:
    if name == "workflow.level":
        return st.integers(1, 4)
    match fact_type:
        case "int":
            return (
                st.integers(-2, 400)
                if name in {"read.age_seconds", "customer.refunds_24h"} or name.endswith(".count")
                else AMOUNTS
            )
        case "string":
            return st.sampled_from(TEXTS[name])
        case "bool":
            return st.booleans()
        case "timestamp":
            return TIMES
        case _:
            return st.lists(st.sampled_from(["support", "support-leads", "Support"]), max_size=3)


@pytest.fixture(scope="module")
def programs(desk: Bundle) -> Programs:
    """(rule, label) -> the condition as cel-python runs it, with dots in facts' names flattened."""
    environment = celpy.Environment()
    return {
        (rule, label): environment.program(environment.compile(_flat(text)))
        for policy in desk.policies
        for rule, label, text in _conditions(policy)
    }


def _conditions(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for rule in policy.file.rules:
        for label, text in (rule.all or rule.any).items():
            yield rule.id, label, text


def _flat(text: str) -> str:
    """Facts without dots: cel-python takes a dotted name for a field of a message."""
    names = (*COMMON, *TEXTS, *COUNTERS, "refund.x", "step.x", "box.x", "box_requests.x")
    prefixes = {name.partition(".")[0] for name in names}
    return re.sub(rf"\b({'|'.join(sorted(prefixes))})\.([a-z_0-9]+)\b(?!\()", r"\1__\2", text)


def _celpy(value: object) -> Any:
    """A fact or constant as cel-python's own type."""
    match value:
        case bool():
            return celtypes.BoolType(value)
        case int():
            return celtypes.IntType(value)
        case str():
            return celtypes.StringType(value)
        case datetime():
            return celtypes.TimestampType(value)
        case timedelta():
            return celtypes.DurationType(value)
        case list():
            return celtypes.ListType([_celpy(item) for item in value])
        case dict():
            return celtypes.MapType({celtypes.StringType(k): _celpy(v) for k, v in value.items()})
    raise TypeError(type(value))


def _second(program: celpy.Runner, bindings: Mapping[str, object]) -> bool | None:
    """cel-python's answer, None for an error."""
    activation = {name.replace(".", "__"): _celpy(value) for name, value in bindings.items()}
    try:
        return bool(program.evaluate(activation))
    except CELEvalError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation",
    [
        "payments.refund",
        "orders.cancel",
        "orders.change_address",
        "orders.add_note",
        "tickets.update",
    ],
)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_two_implementations_agree_on_every_shipped_condition(
    desk: Bundle,
    engine: Engine,
    programs: Programs,
    operation: str,
    data: st.DataObject,
) -> None:
    types = engine.fact_types(operation)
    facts = data.draw(st.fixed_dictionaries({n: _drawn(n, t) for n, t in types.items()}))
    (step,) = engine.decide([StepFacts("s", operation, facts)]).steps
    assert step.rules
    constants = {
        policy.file.policy: {n: constant(v).value for n, v in policy.file.values.items()}
        for policy in desk.policies
    }
    for rule in step.rules:
        own = constants[rule.source.partition("@")[0]]
        for check in rule.checks:
            level = {"workflow.level": _level(facts)}
            second = _second(programs[rule.rule, check.label], {**facts, **level, **own})
            assert second is check.is_met, (rule.rule, check, facts)


def _level(facts: Mapping[str, object]) -> int:
    """The capped level, worked out independently of the engine."""
    level = int(str(facts["workflow.level"]))
    cap = {"sandbox": 3, "production": 2}[str(facts["run.environment"])]
    return min(level, cap) if facts["step.is_reversible"] else min(level, cap, 2)


BOX = {
    "box.weight": "int",
    "box.limit": "int",
    "box.colour": "string",
    "box.labels": "list<string>",
    "box.sealed_at": "timestamp",
    "box.is_open": "bool",
    "box_requests.count": "int",
    "box_requests.sum_minor": "int",
}
BOX_VALUES = {
    "tops": {"red": 5, "blue": -3},
    "colours": ("red", "blue"),
    "wait": "36 hours",
    "closed": (
        {"from": datetime(2026, 12, 1, tzinfo=UTC), "until": datetime(2026, 12, 3, tzinfo=UTC)},
    ),
}
BOX_FACTS = st.fixed_dictionaries(
    {
        "box.weight": st.integers(-10, 10) | AMOUNTS,
        "box.limit": st.integers(-10, 10) | AMOUNTS,
        "box.colour": st.sampled_from(["red", "blue", "Red", "", "grün", "a.b"]),
        "box.labels": st.lists(st.sampled_from(["red", "fragile", "Red"]), max_size=3),
        "box.sealed_at": TIMES | st.sampled_from([datetime(2026, 12, 1, tzinfo=UTC)]),
        "box.is_open": st.booleans(),
        "box_requests.count": st.integers(0, 5),
        "box_requests.sum_minor": AMOUNTS,
    }
)
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
NUMBERS = st.deferred(
    lambda: st.sampled_from(
        [
            "0",
            "3",
            "box.weight",
            "box.limit",
            "box_requests.count",
            "box_requests.sum_minor",
            "tops[box.colour]",
            'tops["red"]',
            "size(box.labels)",
            "size(box.colour)",
            "box.sealed_at.getHours()",
            "box.sealed_at.getDayOfWeek()",
            "box.sealed_at.getMonth()",
        ]
    )
)
ATOMS = (
    st.builds("{} {} {}".format, NUMBERS, OPERATORS, NUMBERS)
    | st.builds(
        "{} {} {}".format,
        st.sampled_from(["box.sealed_at", "now", "now - wait", "closed[0].from"]),
        OPERATORS,
        st.sampled_from(["box.sealed_at", "box.sealed_at + wait", "closed[0].until"]),
    )
    | st.sampled_from(
        [
            "box.is_open",
            "true",
            "false",
            "box.colour in colours",
            "box.colour in tops",
            "box.colour in box.labels",
            "box.labels.exists(l, l in colours)",
            "box.labels.all(l, size(l) > 3)",
            "box.labels.exists_one(l, l == box.colour)",
            "closed.exists(c, now >= c.from && now < c.until)",
            "box.colour.startsWith('r')",
            "box.colour.endsWith('d')",
            "box.colour.contains('.')",
            "box.colour.matches('^[a-z]+$')",
            "box.sealed_at - now > wait",
            "now - box.sealed_at > duration('1h')",
        ]
    )
)
CONDITIONS = ATOMS | st.builds("{} {} {}".format, ATOMS, st.sampled_from(["&&", "||"]), ATOMS)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(conditions=st.lists(CONDITIONS, min_size=1, max_size=4), facts=BOX_FACTS)
def test_two_implementations_agree_on_drawn_conditions(
    engine_of: Callable[..., Engine],
    common_facts: Mapping[str, object],
    conditions: list[str],
    facts: dict[str, object],
) -> None:
    rules = "".join(
        f"  - {{id: r{n}, effect: deny, all: {{c: {json.dumps(text)}}}, because: b}}\n"
        for n, text in enumerate(conditions)
    )
    head = "policy: box\napplies_to: [box.open]\nvalues:\n" + VALUES_TEXT + "rules:\n"
    given = {**common_facts, **facts}
    (step,) = engine_of(head + rules, BOX).decide([StepFacts("s", "box.open", given)]).steps
    assert len(step.rules) == len(conditions), step.reason
    constants = {name: constant(value).value for name, value in BOX_VALUES.items()}
    environment = celpy.Environment()
    for text, rule in zip(conditions, step.rules, strict=True):
        program = environment.program(environment.compile(_flat(text)))
        second = _second(program, {**given, **constants})
        assert second is rule.checks[0].is_met, (text, facts, rule.checks[0].problem)


VALUES_TEXT = """\
  tops: {red: 5, blue: -3}
  colours: [red, blue]
  wait: 36 hours
  closed: [{from: 2026-12-01T00:00:00Z, until: 2026-12-03T00:00:00Z}]
"""
