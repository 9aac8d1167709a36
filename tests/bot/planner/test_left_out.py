"""What is said with a not, in an alternative or beside something else is asked about, not read."""

from __future__ import annotations

import pytest
from desk_orders import find as find_order

from bot.planner.left_out import is_left_out
from bot.planner.planner import Ask, Asked, Draft, Planned, Refuse
from bot.planner.rules import RulesPlanner
from connectors.operation import Record
from policies.workflow import Workflow
from store.model.run import Answer

_REST = """
    "budget": {"tool_calls": 9, "wall_clock_seconds": 9, "spend_usd": "0.05"},
    "outcome": {"unit": "u", "price_usd": "0.05"},
    "baseline": {"minutes": 1, "measured": "2026-10", "touches": 1},
    "reject_reasons": ["no"], "examples": [], "why": "w", "owner": "o", "autonomy": "L3"
"""
ROUTE = Workflow.model_validate_json(
    """{
    "workflow": "route", "title": "Route a ticket",
    "slots": {
      "ticket": {"type": "record", "finder": "find_ticket", "noun": "ticket",
                 "form": "[A-Z]+-[0-9]+", "is_described": false, "ask": "Which ticket?"},
      "team": {"type": "choice", "is_optional": true, "ask": "Which team?",
               "of": {"Payments": ["payments team"], "Platform": ["infrastructure"], "Web": []}},
      "priority": {"type": "choice", "is_optional": true, "words": ["priority"],
                   "of": {"High": ["p2"], "Low": ["minor"]}, "ask": "Which priority?"},
      "note": {"type": "text", "is_rest": true, "is_optional": true, "words": ["note"],
               "ask": "What shall they know?"}
    },
    "verbs": ["route", "belongs to"],
    "understands": ["route {ticket} to {team}[: {note}]", "route {ticket} to {team}[, {note}]",
                    "route {ticket} to {team} with priority {priority}",
                    "{ticket} belongs to {team}[: {note}]"],
    "steps": [{"one": {"use": "x.y", "with": {"ticket": "{ticket}"}, "when": "{team}"}}],"""
    + _REST
    + "}"
)
RESTART = Workflow.model_validate_json(
    """{
    "workflow": "restart", "title": "Restart a service",
    "slots": {
      "service": {"type": "record", "finder": "find_service", "noun": "service",
                  "form": "[a-z]+(-[a-z0-9]+)+", "ask": "Which service?"}
    },
    "verbs": ["restart"], "understands": ["restart {service}"],
    "steps": [{"one": {"use": "x.y", "with": {"service": "{service}"}}}],"""
    + _REST
    + "}"
)
GRANT = Workflow.model_validate_json(
    """{
    "workflow": "grant", "title": "Grant access",
    "slots": {
      "person": {"type": "record", "finder": "find_person", "noun": "person",
                 "form": "00u[a-z]+[0-9]", "is_named": true, "ask": "Who?"},
      "group": {"type": "record", "finder": "find_group", "noun": "group",
                "form": "00g[a-z]+[0-9]", "is_named": true, "ask": "Which group?"}
    },
    "verbs": ["give ... access", "give access"], "understands": ["give {person} access to {group}",
                    "give access to {group} to {person}",
                    "access to {group}", "give {person} access"],
    "steps": [{"one": {"use": "x.y", "with": {"person": "{person}", "group": "{group}"}}}],"""
    + _REST
    + "}"
)
RECORDS = {
    "find_ticket": {"PAY-12": "", "PAY-13": ""},
    "find_service": {"checkout": "", "checkout-worker": "", "search": ""},
    "find_person": {"00udana1": "Dana Cole", "00ulena1": "Lena Wolf"},
    "find_group": {"00gvpn1": "VPN", "00gbilling1": "Billing", "00gall1": "All people"},
}


def find(finder: str, words: str) -> tuple[Record, ...]:
    """By id, by whole name, or by words that are all in the id."""
    said, every = words.casefold(), RECORDS[finder]
    exact = [i for i, name in every.items() if said in {i.casefold(), name.casefold()}]
    like = [i for i in every if set(said.replace("-", " ").split()) <= set(i.split("-"))]
    found = exact or (like if finder == "find_service" else [])
    return tuple(Record("r", i, every[i] or i, {}) for i in found)


def plan(workflow: Workflow, said: str, *answers: tuple[str, str]) -> Planned:
    given = tuple(Answer(slot=slot, text=text) for slot, text in answers)
    return RulesPlanner().plan(Asked(said, (workflow,), find, given))


@pytest.mark.parametrize(
    ("workflow", "said", "slot"),
    [
        (ROUTE, "route PAY-12 away from payments", "team"),
        (ROUTE, "route PAY-12 from payments", "team"),
        (ROUTE, "route PAY-12 to anybody but payments", "team"),
        (ROUTE, "route PAY-12 to any team except payments", "team"),
        (ROUTE, "route PAY-12 to somebody other than the payments team", "team"),
        (ROUTE, "route PAY-12 to payments or platform", "team"),
        (ROUTE, "route PAY-12 to payments / platform", "team"),
        (ROUTE, "route PAY-12 to the payments team or to the infrastructure", "team"),
        (ROUTE, "route PAY-12 to payments and platform", "team"),
        (ROUTE, "route PAY-12 to payments or whoever is free", "team"),
        (ROUTE, "PAY-12 belongs to payments or platform", "team"),
        (ROUTE, "route PAY-12 to payments, or platform", "team"),
        (ROUTE, "route PAY-12 to payments with priority not high", "priority"),
        (RESTART, "restart checkout/checkout-worker", "service"),
        (RESTART, "restart checkout, checkout-worker", "service"),
        (ROUTE, "route PAY-12 to payments with priority high or low", "priority"),
        (ROUTE, "route PAY-12 but not PAY-13 to payments", "ticket"),
        (ROUTE, "route PAY-12, not PAY-13, to payments", "ticket"),
        (RESTART, "restart checkout but not checkout-worker", "service"),
        (RESTART, "restart checkout-worker but not checkout", "service"),
        (RESTART, "restart checkout except checkout-worker", "service"),
        (RESTART, "restart checkout other than checkout-worker", "service"),
        (RESTART, "restart checkout instead of checkout-worker", "service"),
        (RESTART, "restart checkout and checkout-worker", "service"),
        (RESTART, "restart all but checkout", "service"),
        (RESTART, "restart checkout but leave checkout-worker alone", "service"),
        (RESTART, "restart checkout-worker but leave search alone", "service"),
        (GRANT, "give Lena Wolf (00udana1) access to VPN", "person"),
        (GRANT, "give Lena Wolf 00udana1 access to VPN", "person"),
        (GRANT, "give Lena Wolf, 00udana1, access to VPN", "person"),
        (GRANT, "give 00udana1 (Lena Wolf) access to VPN", "person"),
        (GRANT, "give Dana Cole access to VPN like 00gbilling1", "group"),
        (GRANT, "give Dana Cole access to VPN (00gbilling1)", "group"),
        (GRANT, "give Dana Cole access to VPN, 00gbilling1", "group"),
        (GRANT, "give Dana Cole access to VPN, not 00gbilling1", "group"),
        (GRANT, "give Dana Cole (Lena Wolf) access to VPN", "person"),
    ],
)
def test_what_may_be_another_is_asked_about(workflow: Workflow, said: str, slot: str) -> None:
    planned = plan(workflow, said)
    assert isinstance(planned, Ask), planned
    assert planned.question.slot == slot


@pytest.mark.parametrize(
    "said",
    [
        "PAY-12 belongs to payments, but leave it",
        "route PAY-12 to payments, but leave it for now",
        "route PAY-12 to payments. But leave it as it is",
        "route PAY-12 to payments, but don't",
        "route PAY-12 to payments, no, not yet",
        "route PAY-12 to payments, but hold off",
        "route PAY-12 to payments; actually leave it",
        "route PAY-12 not to payments",
    ],
)
def test_an_order_that_is_taken_back_is_none(said: str) -> None:
    assert isinstance(plan(ROUTE, said), Refuse)


@pytest.mark.parametrize(
    ("workflow", "said", "values"),
    [
        (ROUTE, "route PAY-12 to payments", "PAY-12 Payments"),
        (ROUTE, "route PAY-12 back to payments", "PAY-12 Payments"),
        (ROUTE, "route PAY-12 from payments to platform", "PAY-12 Platform"),
        (ROUTE, "PAY-12 belongs to payments, not to platform", "PAY-12 Payments"),
        (ROUTE, "route PAY-12 to payments with priority high", "PAY-12 Payments High"),
        (ROUTE, "route PAY-12 to payments: do not tell them", "PAY-12 Payments do not tell them"),
        (ROUTE, "route PAY-12 to web: not platform or us", "PAY-12 Web not platform or us"),
        (RESTART, "restart checkout", "checkout"),
        (RESTART, "restart the checkout-worker service", "checkout-worker"),
        (RESTART, "checkout does not answer. Restart checkout", "checkout"),
        (GRANT, "give Dana Cole access to VPN", "00udana1 00gvpn1"),
        (GRANT, "give Dana Cole (00udana1) access to VPN", "00udana1 00gvpn1"),
        (GRANT, "give 00udana1 (Dana Cole) access to VPN (00gvpn1)", "00udana1 00gvpn1"),
        (GRANT, "give 00udana1 access to 00gbilling1", "00udana1 00gbilling1"),
        (GRANT, "give person 00udana1 access to group VPN", "00udana1 00gvpn1"),
        (GRANT, "give Dana Cole access to All people", "00udana1 00gall1"),
        (GRANT, "give Dana Cole access to All people (00gall1)", "00udana1 00gall1"),
        (GRANT, "give access to VPN to Dana Cole (she is new)", "00udana1 00gvpn1"),
    ],
)
def test_what_is_said_plainly_is_read(workflow: Workflow, said: str, values: str) -> None:
    planned = plan(workflow, said)
    assert isinstance(planned, Draft), planned
    assert " ".join(str(slot.value) for slot in planned.plan.slots) == values


def test_the_record_that_stays_is_offered_and_taken_when_pressed() -> None:
    said = "restart checkout but not checkout-worker"
    asked = plan(RESTART, said)
    assert isinstance(asked, Ask)
    assert [value for value, _ in asked.question.choices] == ["checkout", "none of these"]
    for answer in ("checkout", "yes"):
        planned = plan(RESTART, said, ("service", answer))
        assert isinstance(planned, Draft)
        assert planned.plan.steps[0].params == {"service": "checkout"}


def test_an_answer_can_leave_out_as_well() -> None:
    said = "route PAY-12 away from payments"
    for answer in ("not payments", "payments or platform", "anybody but web"):
        assert isinstance(plan(ROUTE, said, ("team", answer)), Ask)
    assert isinstance(plan(ROUTE, said, ("team", "platform")), Draft)


@pytest.mark.parametrize(
    ("words", "is_out"),
    [
        ("but not x", True),
        ("not to the x", True),
        ("isn't x", True),
        ("anyone but x", True),
        ("rather than x", True),
        ("more than x", False),
        ("late but x", False),
        ("do not act on x", False),
        ("x", False),
    ],
)
def test_words_that_leave_out(words: str, *, is_out: bool) -> None:
    folds = words.split()
    assert is_left_out(folds, folds.index("x")) is is_out


@pytest.mark.parametrize(
    "said",
    [
        "please refund order 1066 or else cancel it",
        "cancel order 1066 or refund it in full, out of stock",
        "storniere bitte 1066 oder erstatte 5 EUR",
    ],
)
def test_either_of_two_tasks_is_the_requesters_choice(
    workflows: tuple[Workflow, ...], said: str
) -> None:
    planned = RulesPlanner().plan(Asked(said, workflows, find_order))
    assert isinstance(planned, Ask), planned
    assert planned.question.slot == "workflow"
    assert {value for value, _ in planned.question.choices} >= {"refund", "cancel-order"}
