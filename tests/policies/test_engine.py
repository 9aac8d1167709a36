"""Deny by default: the order in which a step is refused, granted and bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from policies.engine import Engine, StepFacts
from policies.findings import BundleError
from store.model.decision import Decision, Effect

ALLOW = "  - {id: granted, effect: allow, all: {always: 'true'}, because: it is allowed}\n"
ASK = "  - {id: asked, effect: require, require: [{role: admins, count: 1}], because: look at it}\n"
HEAD = "policy: box\napplies_to: [box.open]\n"
TYPES = {"box.weight": "int", "box.colour": "string", "box.sealed_at": "timestamp"}
BOX = {"box.weight": 5, "box.colour": "red", "box.sealed_at": "2026-11-01T00:00:00Z"}

Decide = Callable[..., Decision]


@pytest.fixture
def decide(engine_of: Callable[..., Engine], common_facts: Mapping[str, object]) -> Decide:
    """Decides on rules written in the test: `decide(rules, values=..., level=..., **facts)`."""

    def run(rules: str, values: str = "{}", level: int = 3, **facts: object) -> Decision:
        engine = engine_of(f"{HEAD}values: {values}\nrules:\n{rules}", TYPES)
        changes = {name.replace("__", "."): value for name, value in facts.items()}
        step = {**common_facts, "workflow.level": level, **BOX, **changes}
        return engine.decide([StepFacts("open", "box.open", step)])

    return run


def test_what_was_compiled_serves_the_same_text_alone(engine_of: Callable[..., Engine]) -> None:
    rule = "  - {id: granted, effect: allow, all: {early: 'now < until'}, because: it is early}\n"
    text = f"{HEAD}values: {{until: 2026-12-01T00:00:00Z}}\nrules:\n{rule}"
    [first], [second] = (engine_of(text, TYPES)._policies["box.open"] for _ in range(2))
    assert second is first
    with pytest.raises(BundleError, match="timestamp, string"):
        engine_of(text.replace("2026-12-01T00:00:00Z", "'2026-12-01T00:00:00Z'"), TYPES)
    with pytest.raises(BundleError, match="until"):
        engine_of(text.replace("until:", "later:"), TYPES)


def test_without_any_rule_that_allows_it_is_denied(decide: Decide) -> None:
    decision = decide(ASK)
    assert decision.effect is Effect.DENIED
    assert decision.reason == "denied: no rule allows this"


def test_a_require_rule_grants_nothing(decide: Decide) -> None:
    assert decide(ASK, level=2).effect is Effect.DENIED
    assert decide(ALLOW + ASK, level=2).effect is Effect.NEEDS_APPROVAL


def test_the_missing_condition_of_an_allow_rule_is_named(decide: Decide) -> None:
    rules = "  - {id: light, effect: allow, all: {light enough: 'box.weight < 3'}, because: light}"
    assert decide(rules).reason == "denied: no rule allows this (light needs: light enough)"


def test_deny_wins_over_allow_wherever_it_stands(decide: Decide) -> None:
    deny = "  - {id: stop, effect: deny, all: {red: 'box.colour == \"red\"'}, because: red stays}\n"
    for rules in (ALLOW + deny, deny + ALLOW):
        decision = decide(rules)
        assert decision.effect is Effect.DENIED
        assert decision.reason == "denied: red stays"


@pytest.mark.parametrize("effect", ["deny", "require", "allow"])
@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("limits[box.colour] > 3", "Key not found"),
        ("box.weight * 9223372036854775807 > 0", "overflow"),
        ("box.weight / (box.weight - 5) > 0", "zero"),
        ("box.weight % (box.weight - 5) > 0", "modulus"),
        ("int(box.colour) > 0", ""),
        ("timestamp(box.colour) < now", ""),
        ("now.getHours(box.colour) < 3", "timezone"),
        ("[1, 2][box.weight] > 0", "index"),
    ],
)
def test_a_condition_that_cannot_be_judged_denies_whatever_its_rule_says(
    decide: Decide, effect: str, condition: str, why: str
) -> None:
    require = "require: [{role: admins, count: 1}], " if effect == "require" else ""
    checks = f"any: {{truth: 'true', trap: '{condition}'}}"
    rule = f"  - {{id: broken, effect: {effect}, {checks}, {require}because: x}}\n"
    decision = decide(ALLOW + rule, values="{limits: {blue: 3}}")
    assert decision.effect is Effect.DENIED
    assert "the rule broken could not be judged: trap" in decision.reason
    broken = next(r for r in decision.steps[0].rules if r.rule == "broken")
    assert broken.is_matched is None
    assert [c.is_met for c in broken.checks] == [True, None]
    assert why.lower() in broken.checks[1].problem.lower()


def test_iteration_bombs_end_quickly_and_deny(decide: Decide) -> None:
    ten = "[1,2,3,4,5,6,7,8,9,10]"
    bomb = "box.weight > 0"
    for name in "abcdefg":
        bomb = f"{ten}.all({name}, {bomb})"
    rule = f"  - {{id: bomb, effect: deny, all: {{bomb: '{bomb}'}}, because: boom}}\n"
    decision = decide(ALLOW + rule)
    assert decision.effect is Effect.DENIED
    assert "Iteration budget exceeded" in decision.reason


def test_a_backtracking_pattern_does_not_hang(decide: Decide) -> None:
    rule = "  - {id: r, effect: deny, all: {m: 'box.colour.matches(\"^(a+)+$\")'}, because: x}\n"
    assert decide(ALLOW + rule, box__colour="a" * 3_000 + "!").effect is Effect.MAY_RUN


def test_requirements_keep_the_largest_count_of_a_role_with_its_reason(decide: Decide) -> None:
    rules = ALLOW + (
        "  - {id: one, effect: require, require: [{role: admins, count: 1}], because: a}\n"
        "  - {id: two, effect: require, require: [{role: admins, count: 2},"
        " {role: support, count: 1}], because: 'b {box.weight}'}\n"
        "  - {id: three, effect: require, require: [{role: admins, count: 2}], because: c}\n"
    )
    found = [(r.who, r.count, r.rule, r.because) for r in decide(rules).requirements]
    assert found == [("admins", 2, "two", "b 5"), ("support", 1, "two", "b 5")]


def test_l1_writes_nothing_even_where_everything_is_allowed_and_approved(decide: Decide) -> None:
    decision = decide(ALLOW + ASK, level=1)
    assert decision.effect is Effect.DENIED
    assert "L1" in decision.reason


def test_l2_denies_a_write_that_no_rule_gives_an_approver(decide: Decide) -> None:
    decision = decide(ALLOW, level=2)
    assert decision.reason == (
        "denied: this workflow is L2: every write needs an approver, and no rule names one"
    )


def test_l3_lets_rules_decide(decide: Decide) -> None:
    assert decide(ALLOW, level=3).effect is Effect.MAY_RUN
    assert decide(ALLOW, level=3).reason == "may run: it is allowed"


def test_without_a_way_back_a_step_stays_at_l2(decide: Decide) -> None:
    seen = "  - {id: free, effect: deny, all: {free: 'workflow.level >= 3'}, because: too free}\n"
    for level in (3, 4):
        decision = decide(ALLOW, level=level, step__is_reversible=False)
        assert decision.effect is Effect.DENIED
        assert "cannot be taken back" in decision.reason
        decision = decide(ALLOW + ASK + seen, level=level, step__is_reversible=False)
        assert decision.effect is Effect.NEEDS_APPROVAL


def test_the_environment_caps_the_level_and_rules_see_the_capped_one(decide: Decide) -> None:
    rules = ALLOW + (
        "  - {id: level, effect: require, all: {below 3: 'workflow.level < 3'},"
        " require: [{role: admins, count: 1}], because: level}\n"
    )
    assert decide(rules, level=4).effect is Effect.MAY_RUN
    decision = decide(rules, level=4, run__environment="production")
    assert decision.effect is Effect.NEEDS_APPROVAL
    assert decision.steps[0].rules[1].checks[0].values == {"workflow.level": 2}


def test_values_of_what_a_condition_speaks_of_are_recorded(decide: Decide) -> None:
    rules = ALLOW + (
        "  - id: over\n    effect: deny\n"
        "    all: {over the limit: 'box.weight > limits[box.colour] && now > since.start'}\n"
        "    because: '{box.weight} of {limits[box.colour]}'\n"
    )
    values = "{limits: {red: 3}, since: {start: 2026-11-01T02:00:00+02:00}}"
    decision = decide(rules, values=values)
    assert decision.reason == "denied: 5 of 3"
    assert decision.steps[0].rules[1].checks[0].values == {
        "box.weight": 5,
        "limits[box.colour]": 3,
        "now": "2026-11-22T12:00:00Z",
        "since.start": "2026-11-01T00:00:00Z",
    }


def test_every_judged_rule_is_in_the_decision_with_its_source(decide: Decide) -> None:
    rules = decide(ALLOW + ASK).steps[0].rules
    assert [(r.rule, r.effect, r.is_matched, r.source) for r in rules] == [
        ("granted", "allow", True, "box@test"),
        ("asked", "require", True, "box@test"),
    ]


@pytest.mark.parametrize(
    ("moment", "is_denied"),
    [
        # New York leaves daylight saving time on 2026-11-01 at 06:00 UTC: 01:30 is there twice.
        ("2026-11-01T05:30:00Z", True),
        ("2026-11-01T06:30:00Z", True),
        ("2026-11-01T07:00:00Z", False),
        # and enters it on 2026-03-08 at 07:00 UTC: 02:30 is not there at all.
        ("2026-03-08T06:59:59Z", True),
        ("2026-03-08T07:00:00Z", False),
    ],
)
def test_local_hours_follow_daylight_saving(decide: Decide, moment: str, is_denied: bool) -> None:
    rule = (
        "  - {id: night, effect: deny, because: night, all:"
        " {the hour of one at night: 'now.getHours(\"America/New_York\") == 1'}}\n"
    )
    effect = Effect.DENIED if is_denied else Effect.MAY_RUN
    assert decide(ALLOW + rule, now=moment).effect is effect


def test_deciding_twice_gives_the_same_decision(decide: Decide) -> None:
    assert decide(ALLOW + ASK) == decide(ALLOW + ASK)
