"""The same person in the next system: found by a field of the first record, asked for only where
that finds nothing or several."""

from __future__ import annotations

import pytest

from bot.cards.origins import origins
from bot.planner.planner import Ask, Asked, Draft
from bot.planner.rules import RulesPlanner
from connectors.operation import Record
from policies.workflow import Workflow
from store.model.run import Answer

LEAVE = Workflow.model_validate_json(
    """{
    "workflow": "leave", "title": "Leave", "why": "w", "owner": "o", "autonomy": "L2",
    "slots": {
      "person": {"type": "record", "finder": "first.find", "noun": "person", "is_named": true,
                 "ask": "Whom?"},
      "mailbox": {"type": "record", "finder": "second.find", "noun": "mailbox",
                  "from": "{person.email}", "is_optional": true, "ask": "Which mailbox?"},
      "login": {"type": "record", "finder": "third.find", "noun": "login",
                "from": "{person.email}", "ask": "Which login?"}
    },
    "verbs": ["offboard"], "understands": ["offboard {person}"],
    "steps": [
      {"one": {"use": "first.suspend", "with": {"person": "{person}"}}},
      {"two": {"use": "second.suspend", "with": {"mailbox": "{mailbox}"}, "when": "{mailbox}"}},
      {"three": {"use": "third.remove", "with": {"login": "{login}"}, "when": "{login}"}}
    ],
    "budget": {"tool_calls": 9, "wall_clock_seconds": 9, "spend_usd": "0.05"},
    "outcome": {"unit": "u", "price_usd": "0.05"},
    "baseline": {"minutes": 1, "measured": "2026-10", "touches": 1},
    "reject_reasons": ["no"], "examples": []
    }"""
)
PEOPLE = {
    "first.find": {"omar@a.example": ["p-omar"], "kim@a.example": ["p-kim"]},
    "second.find": {"omar@a.example": ["m-omar"]},
    "third.find": {"omar@a.example": ["o"], "kim@a.example": ["k1", "k2"], "k2": ["k2"]},
}


def find(finder: str, words: str) -> tuple[Record, ...]:
    found = PEOPLE[finder].get(words, [])
    return tuple(Record("person", id_, f"{id_} ({words})", {"email": words}) for id_ in found)


def plan(said: str, *answers: tuple[str, str]) -> Draft | Ask:
    given = tuple(Answer(slot=slot, text=text) for slot, text in answers)
    planned = RulesPlanner().plan(Asked(said, (LEAVE,), find, given))
    assert isinstance(planned, Draft | Ask), planned
    return planned


def test_one_address_is_enough_for_three_systems() -> None:
    planned = plan("offboard omar@a.example")
    assert isinstance(planned, Draft)
    assert [s.params for s in planned.plan.steps] == [
        {"person": "p-omar"},
        {"mailbox": "m-omar"},
        {"login": "o"},
    ]
    login = planned.plan.slots[2]
    assert (login.said, login.source) == ("omar@a.example", "p-omar (omar@a.example)")


def test_where_nothing_is_found_a_step_is_left_out_and_the_plan_says_why() -> None:
    planned = plan("offboard kim@a.example", ("login", "k2"))
    assert isinstance(planned, Draft)
    assert [s.id for s in planned.plan.steps] == ["one", "three"]
    [mailbox] = [slot for slot in planned.plan.slots if slot.name == "mailbox"]
    assert mailbox.value is None
    assert mailbox.source == "nothing was found for kim@a.example"


def test_several_are_asked_about_and_none_is_an_answer() -> None:
    planned = plan("offboard kim@a.example")
    assert isinstance(planned, Ask)
    assert planned.question.slot == "login"
    assert [value for value, _ in planned.question.choices[:2]] == ["k1", "k2"]
    without = plan("offboard kim@a.example", ("login", "None."))
    assert isinstance(without, Draft)
    assert [s.id for s in without.plan.steps] == ["one"]


def test_an_answer_that_finds_nobody_is_asked_again() -> None:
    planned = plan("offboard kim@a.example", ("login", "everybody"))
    assert isinstance(planned, Ask)
    assert "I find no login for “everybody”." in planned.question.text


@pytest.mark.parametrize(
    "answer",
    ["not k2", "no, offboard k2 instead", "k2 or k1", "it is k2", "k2, k1", "no", "not", "k2?"],
)
def test_only_a_login_alone_is_an_answer(answer: str) -> None:
    planned = plan("offboard kim@a.example", ("login", answer))
    assert isinstance(planned, Ask)
    assert planned.question.slot == "login"


@pytest.mark.parametrize("answer", ["k2", " k2. ", "omar@a.example"])
def test_the_card_says_whose_word_an_account_is(answer: str) -> None:
    planned = plan("offboard kim@a.example", ("login", answer))
    assert isinstance(planned, Draft)
    login = planned.plan.slots[-1]
    assert login.source == "the requester's answer, not from kim@a.example"
    assert f"login {login.value} is from the requester's answer" in str(origins((login,)))


def test_an_answer_about_one_person_is_none_about_the_next() -> None:
    """An edit puts in another person: what was said of the first one's login counts no more."""
    answers = (("login", "k2"), ("person", "omar@a.example"))
    planned = plan("offboard kim@a.example", *answers)
    assert isinstance(planned, Draft)
    assert planned.plan.steps[-1].params == {"login": "o"}


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("{nobody.email}", "no slot nobody"),
        ("{person}", "one field of another record slot"),
        ("mail {person.email}", "one field of another record slot"),
        ("{login.email}", "has to be a record slot that stands before"),
    ],
)
def test_a_link_that_leads_nowhere_is_a_finding(link: str, problem: str) -> None:
    from policies.workflow_references import Known, _link

    slot = LEAVE.slots["mailbox"].model_copy(update={"from_": link})
    workflow = LEAVE.model_copy(update={"slots": {**LEAVE.slots, "mailbox": slot}})
    known = Known(catalogue={}, finders=None, settings=None)
    said = [message for _, message in _link(workflow, known, "mailbox", slot)]
    assert any(problem in each for each in said), said
