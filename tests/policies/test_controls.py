"""Controls that an admin writes, each on either side: hours and weekends in a place's own time,
change freezes, lists, and environments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from policies.engine import Engine, StepFacts
from policies.findings import BundleError
from store.model.decision import Effect

TYPES = {"box.label": "string"}


@pytest.fixture
def denies_when(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object]
) -> Callable[..., bool]:
    """Whether a condition, as the one condition of a deny rule, denies at a moment (UTC)."""
    engines: dict[str, Engine] = {}

    def decide(condition: str, now: str = "", values: str = "{}", **facts: object) -> bool:
        if condition not in engines:
            engines[condition] = engine_of(
                "policy: box\napplies_to: [box.open]\n"
                f"values: {values}\nrules:\n"
                '  - {id: opens, effect: allow, all: {always: "true"}, because: "anybody may"}\n'
                "  - id: closed\n    effect: deny\n    all:\n"
                f"      closed: {json.dumps(condition)}\n    because: not now\n",
                TYPES,
            )
        at = datetime.fromisoformat(now).replace(tzinfo=UTC) if now else common_facts["now"]
        given = {**common_facts, "workflow.level": 3, "now": at, "box.label": "", **facts}
        decision = engines[condition].decide([StepFacts("s", "box.open", given)])
        assert decision.effect in (Effect.DENIED, Effect.MAY_RUN)
        if decision.effect is Effect.DENIED:
            assert decision.reason == "denied: not now"
        return decision.effect is Effect.DENIED

    return decide


NEW_YORK = 'now.getHours("America/New_York")'
OFFICE = f"!({NEW_YORK} >= 9 && {NEW_YORK} < 17)"
WEEKEND = 'now.getDayOfWeek("America/New_York") in [0, 6]'


@pytest.mark.parametrize(
    ("utc", "is_denied"),
    [
        ("2026-11-23T13:59:59", True),  # 08:59:59 in New York, winter
        ("2026-11-23T14:00:00", False),
        ("2026-11-23T21:59:59", False),
        ("2026-11-23T22:00:00", True),
        ("2026-07-20T12:59:59", True),  # an hour earlier in summer
        ("2026-07-20T13:00:00", False),
        ("2026-07-20T20:59:59", False),
        ("2026-07-20T21:00:00", True),
    ],
)
def test_office_hours_are_those_of_the_place(
    denies_when: Callable[..., bool], utc: str, is_denied: bool
) -> None:
    assert denies_when(OFFICE, utc) is is_denied


@pytest.mark.parametrize(
    ("utc", "is_denied"),
    [
        ("2026-11-21T04:59:59", False),  # still Friday in New York, Saturday in UTC
        ("2026-11-21T05:00:00", True),
        ("2026-11-23T04:59:59", True),  # still Sunday there
        ("2026-11-23T05:00:00", False),
    ],
)
def test_a_weekend_is_that_of_the_place(
    denies_when: Callable[..., bool], utc: str, is_denied: bool
) -> None:
    assert denies_when(WEEKEND, utc) is is_denied


def test_an_hour_that_clocks_skip_does_not_happen(denies_when: Callable[..., bool]) -> None:
    """On 2026-03-08 New York goes from 01:59:59 to 03:00:00."""
    between_two_and_three = f"{NEW_YORK} == 2"
    for utc in ("2026-03-08T06:59:59", "2026-03-08T07:00:00", "2026-03-08T07:30:00"):
        assert not denies_when(between_two_and_three, utc)
    assert denies_when(between_two_and_three, "2026-03-09T06:30:00")


def test_an_hour_that_clocks_repeat_is_closed_both_times(denies_when: Callable[..., bool]) -> None:
    """On 2026-11-01 New York has 01:00 to 01:59:59 twice."""
    between_one_and_two = f"{NEW_YORK} == 1"
    for utc, is_denied in (
        ("2026-11-01T04:59:59", False),
        ("2026-11-01T05:00:00", True),
        ("2026-11-01T06:00:00", True),
        ("2026-11-01T06:59:59", True),
        ("2026-11-01T07:00:00", False),
    ):
        assert denies_when(between_one_and_two, utc) is is_denied, utc


def test_a_zone_that_nobody_knows_is_a_finding(denies_when: Callable[..., bool]) -> None:
    with pytest.raises(BundleError, match="is not a time zone"):
        denies_when('now.getHours("America/New_Amsterdam") > 3')


FREEZE = "freezes.exists(freeze, now >= freeze.from && now < freeze.until)"
FREEZES = """
  freezes:
    - {from: 2026-12-24T18:00:00+01:00, until: 2026-12-27T08:00:00+01:00}
    - {from: 2026-12-31T22:00:00Z, until: 2027-01-01T06:00:00Z}
"""


@pytest.mark.parametrize(
    ("utc", "is_denied"),
    [
        ("2026-12-24T16:59:59", False),
        ("2026-12-24T17:00:00", True),
        ("2026-12-27T06:59:59", True),
        ("2026-12-27T07:00:00", False),
        ("2026-12-31T21:59:59", False),
        ("2026-12-31T22:00:00", True),
        ("2027-01-01T06:00:00", False),
    ],
)
def test_a_freeze_holds_from_its_first_to_its_last_second(
    denies_when: Callable[..., bool], utc: str, is_denied: bool
) -> None:
    assert denies_when(FREEZE, utc, FREEZES) is is_denied


@pytest.mark.parametrize(
    ("label", "is_denied"), [("blue", False), ("Blue", True), ("blue ", True), ("", True)]
)
def test_what_is_not_on_an_allowlist_is_denied(
    denies_when: Callable[..., bool], label: str, is_denied: bool
) -> None:
    values = "{allowed: [blue, green]}"
    assert denies_when("!(box.label in allowed)", "", values, **{"box.label": label}) is is_denied


def test_what_is_on_a_denylist_is_denied(denies_when: Callable[..., bool]) -> None:
    values = "{barred: [P-7]}"
    for person_id, is_denied in (("P-7", True), ("P-77", False), ("p-7", False)):
        facts = {"requester.id": person_id}
        assert denies_when("requester.id in barred", "", values, **facts) is is_denied


def test_a_rule_of_one_environment_does_not_hold_in_another(
    denies_when: Callable[..., bool],
) -> None:
    condition = "run.environment == 'production'"
    assert denies_when(condition, **{"run.environment": "production"})
    assert not denies_when(condition, **{"run.environment": "sandbox"})


@pytest.mark.parametrize("name", ["staging", "Sandbox", "sandbox ", "", "production\u200b"])
def test_an_environment_that_the_bundle_does_not_have_denies_everything(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object], name: str
) -> None:
    engine = engine_of(
        "policy: box\napplies_to: [box.open]\nrules:\n"
        '  - {id: opens, effect: allow, all: {always: "true"}, because: "anybody may"}\n',
        TYPES,
    )
    facts = {**common_facts, "workflow.level": 3, "box.label": "", "run.environment": name}
    decision = engine.decide([StepFacts("s", "box.open", facts)])
    assert decision.effect is Effect.DENIED
    assert "the bundle has no environment" in decision.reason
