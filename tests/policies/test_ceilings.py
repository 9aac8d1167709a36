"""The largest amount without a person, as it is printed, is what the engine lets run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policies.check import Checked, check
from policies.engine import Engine, StepFacts
from policies.facts import Catalogue
from store.model.decision import Effect

REFUNDS, REFUND = "policies/refunds.yml", "workflows/refund.yml"
Amend = Callable[..., Checked]


@pytest.fixture
def amend(folder: Path, catalogue: Catalogue, finders: Mapping[str, Mapping[str, str]]) -> Amend:
    """Replaces texts in a copy of the shipped bundle whose refunds are L3; checks it."""

    def apply(*edits: tuple[str, str, str]) -> Checked:
        for file, old, new in ((REFUND, "autonomy: L2", "autonomy: L3"), *edits):
            text = (folder / file).read_text()
            assert old in text, f"{old!r} is not in {file}"
            (folder / file).write_text(text.replace(old, new, 1))
        return check(folder, catalogue, finders)

    return apply


def sandbox(checked: Checked, workflow: str = "refund") -> str:
    """What is printed of a workflow in the sandbox."""
    assert not checked.findings, checked.findings
    return next(
        c.sentence for c in checked.ceilings if (c.workflow, c.environment) == (workflow, "sandbox")
    )


def test_shipped_workflows_write_nothing_without_a_person(
    desk_folder: Path, catalogue: Catalogue
) -> None:
    checked = check(desk_folder, catalogue, None)
    sentences = {c.sentence for c in checked.ceilings}
    assert sentences == {"nothing: every write is approved at L2"}
    assert len(checked.ceilings) == 6


def test_the_environment_caps_what_runs(amend: Amend) -> None:
    printed = {c.environment: c.sentence for c in amend().ceilings if c.workflow == "refund"}
    assert printed["production"] == "nothing: every write is approved at L2"
    assert printed["sandbox"].startswith("payments.refund of at most 100.00 USD, ")


def test_every_currency_has_its_own_amount_in_its_own_units(amend: Amend) -> None:
    printed = sandbox(amend((REFUNDS, "USD: 10000,", "USD: 12345,")))
    assert "at most 123.45 USD, 100.00 EUR, " in printed
    assert "15000 JPY" in printed
    assert "100.000 BHD, KWD or TND" in printed


def test_what_is_printed_is_the_last_amount_that_the_engine_lets_run(
    amend: Amend, catalogue: Catalogue, refund_facts: Mapping[str, object]
) -> None:
    checked = amend((REFUNDS, "USD: 10000,", "USD: 12345,"))
    assert "123.45 USD" in sandbox(checked)
    assert checked.bundle
    engine = Engine(checked.bundle, catalogue)
    room = {"payment.paid_minor": 90_000, "payment.refundable_minor": 90_000}

    def effect(amount_minor: int) -> Effect:
        facts = {**refund_facts, **room, "workflow.level": 3, "refund.amount_minor": amount_minor}
        return engine.decide([StepFacts("refund", "payments.refund", facts)]).effect

    assert [effect(12_345), effect(12_346)] == [Effect.MAY_RUN, Effect.NEEDS_APPROVAL]


def test_a_step_that_always_asks_a_person_holds_the_whole_plan(amend: Amend) -> None:
    printed = sandbox(amend(("workflows/cancel-order.yml", "L2", "L3")), "cancel-order")
    assert printed == "nothing: some step of it is always denied or asks a person"


def test_a_counter_bounds_a_window(amend: Amend) -> None:
    own = (
        "counters:\n  asked: {per: [requester.id], window: 12 hours,"
        " amount: refund.amount_minor, currency: refund.currency}\n"
    )
    limit = (
        "  - {id: much, effect: require, all: {much: 'asked.sum_minor + refund.amount_minor >"
        " 4 * small[refund.currency]'}, require: [{role: finance-leads, count: 1}], because: so}\n"
        "  - {id: often, effect: deny, all: {often: 'asked.count >= 7'}, because: so}\n"
    )
    rules = (REFUNDS, "rules:\n", f"rules:\n{limit}")
    printed = sandbox(amend((REFUNDS, "counters:\n", own), rules))
    assert "; 7 times a requester in 12 hours; 400.00 USD, " in printed
    assert "60000 JPY" in printed.partition("; 400.00 USD")[2]


LIMITS = (
    "refund.amount_minor > small[refund.currency]",
    "refund.amount_minor > large[refund.currency]",
    "refunds_of_everybody.sum_minor + refund.amount_minor > large_day[refund.currency]",
)


def test_an_amount_without_a_limit_is_a_finding(amend: Amend) -> None:
    but = "&& refund.currency != 'CHF'"
    (finding,) = amend(*[(REFUNDS, f'"{one}"', f'"{one} {but}"') for one in LIMITS]).findings
    assert finding.file == REFUND
    assert finding.line > 1
    assert finding.message == (
        "in sandbox payments.refund runs without a person and without a limit in CHF;"
        " let a rule deny or require somebody above some refund.amount_minor"
    )


def test_a_limit_that_is_not_understood_is_no_finding_and_is_said(amend: Amend) -> None:
    odd = [(one, one.replace("refund.amount_minor", "refund.amount_minor / 2")) for one in LIMITS]
    printed = sandbox(amend(*[(REFUNDS, f'"{one}"', f'"{other}"') for one, other in odd]))
    assert "not worked out, because of medium-refund, large-refund, much-in-one-day" in printed


def test_a_counter_that_has_counted_nothing_has_summed_nothing(amend: Amend) -> None:
    """The rule asks only from the second refund on, and still bounds the day."""
    assert "1000.00 USD" in sandbox(amend()).partition(" a requester in 1 day")[0]
