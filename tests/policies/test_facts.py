"""Bad facts deny with a reason and never raise."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.engine import STEPS_MAX, Engine, StepFacts
from policies.facts import COMMON
from store.model.decision import Decision, Effect


class Shouted(StrEnum):
    USD = "USD"


def test_each_fact_dropped_in_turn_denies_by_its_name(
    decide_refund: Callable[..., Decision], refund_facts: Mapping[str, object]
) -> None:
    for name in refund_facts:
        decision = decide_refund(without=name)
        assert decision.effect is Effect.DENIED, name
        assert f"the fact {name} is missing" in decision.reason


def test_each_fact_empty_in_turn_denies(
    decide_refund: Callable[..., Decision], refund_facts: Mapping[str, object]
) -> None:
    for name in refund_facts:
        decision = decide_refund({name: None})
        assert decision.effect is Effect.DENIED, name
        assert f"the fact {name}" in decision.reason


def test_the_shipped_operations_facts_are_all_exercised(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    assert refund_facts.keys() == engine.fact_types("payments.refund").keys()


@pytest.mark.parametrize(
    "amount",
    [
        40.0,
        math.nan,
        math.inf,
        -math.inf,
        True,
        False,
        "4000",
        Decimal(4000),
        2**53,
        -(2**53),
        2**63,
        2**64,
        10**400,
        [4000],
        {"minor": 4000},
        b"4000",
    ],
)
def test_an_amount_is_an_exact_integer(
    decide_refund: Callable[..., Decision], amount: object
) -> None:
    decision = decide_refund({"refund.amount_minor": amount})
    assert decision.effect is Effect.DENIED
    assert "refund.amount_minor" in decision.reason
    assert decision.steps[0].rules == ()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 12),  # noqa: DTZ001 - a naive time is the point
        datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("America/New_York")),
        datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=1))),
        "2026-11-22",
        "2026-11-22T12:00:00",
        "2026-11-22T12:00:00+01:00",
        "2026-11-22 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "٢٠٢٦-11-22T12:00:00Z",
        1_795_348_800,
        datetime(2026, 11, 22, tzinfo=UTC).date(),
    ],
)
def test_a_time_is_aware_and_in_utc(decide_refund: Callable[..., Decision], moment: object) -> None:
    for name in ("now", "order.placed_at"):
        assert decide_refund({name: moment}).effect is Effect.DENIED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requester.roles", "support"),
        ("requester.roles", ["support", 7]),
        ("requester.roles", {"support"}),
        ("requester.roles", ["support"] * 501),
        ("refund.currency", Shouted.USD),
        ("refund.currency", "x" * 4_001),
        ("customer.id", "\ud800"),
        ("step.is_reversible", 1),
        ("step.is_reversible", "true"),
        ("workflow.level", 0),
        ("workflow.level", 5),
        ("workflow.level", -3),
        ("workflow.level", True),
        ("run.environment", "staging"),
        ("run.environment", ""),
        ("request.approved", True),
        ("refund.amount_minor ", 1),
    ],
)
def test_anything_else_than_declared_denies(
    decide_refund: Callable[..., Decision], name: str, value: object
) -> None:
    assert decide_refund({name: value}).effect is Effect.DENIED


def test_a_fact_name_that_is_no_text_denies(engine: Engine) -> None:
    facts: Mapping[str, object] = {7: 1}  # type: ignore[dict-item]
    assert engine.decide([StepFacts("s", "payments.refund", facts)]).effect is Effect.DENIED


@pytest.mark.parametrize("operation", ["payments.refunds", "PAYMENTS.REFUND", "*", "", "x" * 500])
def test_an_unknown_operation_denies(
    engine: Engine, refund_facts: Mapping[str, object], operation: str
) -> None:
    decision = engine.decide([StepFacts("s", operation, refund_facts)])
    assert decision.effect is Effect.DENIED
    assert "no connector offers the operation" in decision.reason
    assert len(decision.reason) < 200


def test_an_empty_or_endless_plan_denies(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    assert engine.decide([]).effect is Effect.DENIED
    steps = [StepFacts(f"s{n}", "payments.refund", refund_facts) for n in range(STEPS_MAX + 1)]
    assert engine.decide(steps).effect is Effect.DENIED


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=st.dictionaries(
        st.sampled_from([*COMMON, "refund.amount_minor", "payment.status", "other"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text("support-ops 0x\ud800", max_size=30)
        | st.lists(st.text("support", max_size=7), max_size=3)
        | st.datetimes(),
        max_size=4,
    )
)
def test_no_facts_make_it_raise_and_none_that_are_unsound_are_granted(
    decide_refund: Callable[..., Decision], changes: dict[str, object]
) -> None:
    decision = decide_refund(changes)
    sound = {"requester.id", "request.surface", "workflow.name", "payment.status"}
    if decision.effect is not Effect.DENIED:
        assert "other" not in changes
        assert all(type(v) is str for k, v in changes.items() if k in sound)
