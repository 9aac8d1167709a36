"""Counters as an admin declares them: what is refused, and what conditions may then speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from policies.counters import Counter
from policies.engine import Engine, StepFacts
from policies.findings import BundleError
from store.model.decision import Decision, Effect

TYPES = {
    "box.amount_minor": "int",
    "box.currency": "string",
    "box.label": "string",
    "box.tags": "list<string>",
}
FILE = """policy: box
applies_to: [box.open]
{values}
counters:
  {name}: {{{counter}}}
rules:
  - {{id: opens, effect: allow, all: {{always: "true"}}, because: "anybody may"}}
  - {{id: often, effect: require, all: {{again: "{condition}"}},
     require: [{{role: support-leads, count: 1}}], because: "asked again"}}
"""
SOUND = "per: [requester.id], window: 24 hours, amount: box.amount_minor, currency: box.currency"


def written(
    counter: str = SOUND,
    *,
    name: str = "boxes",
    condition: str = "boxes.count >= 2",
    values: str = "",
) -> str:
    return FILE.format(counter=counter, name=name, condition=condition, values=values)


@pytest.fixture
def findings_of(engine_of: Callable[..., Engine]) -> Callable[..., list[str]]:
    def build(*args: str, **named: str) -> list[str]:
        with pytest.raises(BundleError) as refused:
            engine_of(written(*args, **named), TYPES)
        return [str(finding) for finding in refused.value.findings]

    return build


def decide(engine: Engine, common: Mapping[str, object], tallies: Mapping[str, object]) -> Decision:
    facts = {
        **common,
        "workflow.level": 3,
        "box.amount_minor": 100,
        "box.currency": "USD",
        "box.label": "",
        "box.tags": [],
        **tallies,
    }
    return engine.decide([StepFacts("s", "box.open", facts)])


def test_conditions_speak_of_a_counters_count_and_sum(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object]
) -> None:
    engine = engine_of(
        written(condition="boxes.count >= 2 || boxes.sum_minor + box.amount_minor > 500"), TYPES
    )
    for count, sum_minor, effect in (
        (1, 400, Effect.MAY_RUN),
        (2, 0, Effect.NEEDS_APPROVAL),
        (0, 401, Effect.NEEDS_APPROVAL),
    ):
        tallies = {"boxes.count": count, "boxes.sum_minor": sum_minor}
        assert decide(engine, common_facts, tallies).effect is effect


def test_an_operation_cannot_be_judged_without_its_counters(
    engine_of: Callable[..., Engine], common_facts: Mapping[str, object]
) -> None:
    engine = engine_of(written(), TYPES)
    assert set(engine.fact_types("box.open")) >= {"boxes.count", "boxes.sum_minor"}
    for tallies in ({}, {"boxes.count": 0}, {"boxes.count": None, "boxes.sum_minor": 0}):
        assert decide(engine, common_facts, tallies).effect is Effect.DENIED


def test_a_counter_without_an_amount_counts_alone(engine_of: Callable[..., Engine]) -> None:
    engine = engine_of(written("per: [], window: 90 minutes"), TYPES)
    [counter] = engine.counters("box.open")
    assert counter == Counter("boxes", (), timedelta(minutes=90))
    assert set(counter.fact_types) == {"boxes.count"}
    assert counter.facts(3, 0) == {"boxes.count": 3}
    with pytest.raises(BundleError, match=r"boxes\.sum_minor|undeclared"):
        engine_of(written("per: [], window: 90 minutes", condition="boxes.sum_minor > 2"), TYPES)


def test_what_an_operation_unknown_to_policy_is_counted_by_is_nothing(
    engine_of: Callable[..., Engine],
) -> None:
    assert engine_of(written(), TYPES).counters("box.shut") == ()


@pytest.mark.parametrize(
    ("counter", "place", "words"),
    [
        (SOUND.replace("requester.id", "requester.shoe_size"), "per", "is not a fact of box.open"),
        (SOUND.replace("requester.id", "box.tags"), "per", "is of type list<string>"),
        (SOUND.replace("requester.id", "now"), "per", "is of type timestamp"),
        (SOUND.replace("[requester.id]", "[box.label, box.label]"), "per", "listed twice"),
        (
            SOUND.replace("amount: box.amount_minor", "amount: box.label"),
            "amount",
            "of type string",
        ),
        (SOUND.replace("currency: box.currency", "currency: box.amount_minor"), "currency", "int"),
        (SOUND.replace("currency: box.currency", "currency: box.coin"), "currency", "not a fact"),
        (SOUND.replace("24 hours", "59 seconds"), "window", "1 minute to 400 days"),
        (SOUND.replace("24 hours", "401 days"), "window", "1 minute to 400 days"),
        (SOUND.replace("24 hours", "a while"), "window", "1 minute to 400 days"),
    ],
)
def test_a_counter_that_cannot_count_is_one_finding_at_its_place(
    findings_of: Callable[..., list[str]], counter: str, place: str, words: str
) -> None:
    found = [f for f in findings_of(counter) if words in f]
    assert len(found) == 1, findings_of(counter)
    line, column = (int(n) for n in found[0].split(":")[1:3])
    text = written(counter).splitlines()[line - 1]
    assert text.startswith("  boxes:"), (place, found)
    assert text[:column].count(f"{place}: ") or text[column - 1 :].startswith(place)


@pytest.mark.parametrize("window", ["1 minute", "400 days"])
def test_the_longest_and_the_shortest_window_stand(
    engine_of: Callable[..., Engine], window: str
) -> None:
    engine_of(written(SOUND.replace("24 hours", window)), TYPES)


@pytest.mark.parametrize("half", ["amount: box.amount_minor", "currency: box.currency"])
def test_an_amount_without_its_currency_is_refused(
    engine_of: Callable[..., Engine], half: str
) -> None:
    with pytest.raises(AssertionError, match="stand together"):
        engine_of(written(f"per: [], window: 1 day, {half}"), TYPES)


@pytest.mark.parametrize("name", ["requester", "box", "run", "now"])
def test_a_counter_is_not_named_like_a_fact(
    findings_of: Callable[..., list[str]], name: str
) -> None:
    assert any(f"{name} is also the name of a fact" in f for f in findings_of(name=name))


def test_a_counter_is_not_named_like_a_constant(findings_of: Callable[..., list[str]]) -> None:
    found = findings_of(values="values: {boxes: 3}")
    assert any("boxes is also the name of a constant" in finding for finding in found)


def test_a_counter_of_two_files_is_one_finding(
    change: Callable[[str, str, str], tuple[str, ...]],
) -> None:
    counter = "counters: {asked: {per: [requester.id], window: 1 day}}\n\nrules:"
    assert change("policies/notes.yml", "rules:", counter) == ()
    found = change("policies/orders.yml", "rules:", counter)
    assert len(found) == 1
    assert "asked is also in policies/notes.yml" in found[0]


def test_a_subject_is_the_same_for_the_same_values_alone() -> None:
    counter = Counter("c", ("a.b", "a.c"), timedelta(days=1))
    one = counter.subject({"a.b": "x", "a.c": "y", "other": 1})
    assert one == counter.subject({"a.b": "x", "a.c": "y"})
    assert one != counter.subject({"a.b": "xy", "a.c": ""})
    assert one != counter.subject({"a.b": "y", "a.c": "x"})


def test_a_negative_amount_makes_no_room() -> None:
    counter = Counter("c", (), timedelta(days=1), amount="a.n", currency="a.c")
    assert counter.amount_minor({"a.n": -5}) == 0
    assert counter.amount_minor({"a.n": 5}) == 5
