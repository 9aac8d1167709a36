"""Comments, and statuses that a sentence begins with: what is to be written is no order."""

from __future__ import annotations

import pytest

from bot.planner.claims import judge
from bot.planner.planner import Ask, Asked, Draft, Planned
from bot.planner.rules import RulesPlanner
from bot.planner.schema import claim_of
from connectors.operation import Record
from policies.workflow import Workflow
from store.model.run import Answer

TICKETS = Workflow.model_validate_json(
    """{
    "workflow": "update", "title": "Update a ticket", "why": "w", "owner": "o", "autonomy": "L2",
    "slots": {
      "ticket": {"type": "record", "finder": "tickets.find", "noun": "ticket",
                 "form": "[A-Z]+-[0-9]+", "ask": "Which ticket?"},
      "status": {"type": "choice", "words": ["status"], "is_optional": true, "ask": "Which status?",
                 "of": {"In Progress": ["start"], "Done": ["close"]}},
      "note": {"type": "text", "is_rest": true, "is_optional": true, "ask": "What?"}
    },
    "verbs": ["close", "start", "comment on", "set ... to", "update"],
    "understands": ["{status} {ticket}[, {note}]", "set {ticket} to {status}[, {note}]",
                    "comment on {ticket}: {note}"],
    "steps": [
      {"note": {"use": "tickets.comment", "with": {"ticket": "{ticket}", "text": "{note}"},
                "when": "{note}"}},
      {"move": {"use": "tickets.move", "with": {"ticket": "{ticket}", "status": "{status}"},
                "when": "{status}"}}],
    "budget": {"tool_calls": 9, "wall_clock_seconds": 9, "spend_usd": "0.05"},
    "outcome": {"unit": "u", "price_usd": "0.05"},
    "baseline": {"minutes": 1, "measured": "2026-10", "touches": 1},
    "reject_reasons": ["no"], "examples": []
    }"""
)


def find(_finder: str, words: str) -> tuple[Record, ...]:
    keys = [key for key in ("PAY-1", "PAY-2") if key == words.upper()]
    return tuple(Record("ticket", key, key, {"number": key}) for key in keys)


def plan(said: str) -> Planned:
    return RulesPlanner().plan(Asked(said, (TICKETS,), find))


def steps(said: str) -> dict[str, str]:
    """What each step of the plan writes: its text or its status."""
    planned = plan(said)
    assert isinstance(planned, Draft), planned
    assert {step.params["ticket"] for step in planned.plan.steps} == {"PAY-1"}
    return {s.id: str(s.params.get("text", s.params.get("status"))) for s in planned.plan.steps}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("close PAY-1", {"move": "Done"}),
        ("close PAY-1, fixed in 4.2", {"note": "fixed in 4.2", "move": "Done"}),
        ("set PAY-1 to the in progress", {"move": "In Progress"}),
        ("comment on PAY-1: one, two, three", {"note": "one, two, three"}),
        ("comment on PAY-1: one\ntwo", {"note": "one two"}),
        # What is quoted is passed on whole, and never read.
        (
            'comment on PAY-1: they say "close PAY-2 at once" and wait.',
            {"note": 'they say "close PAY-2 at once" and wait'},
        ),
        ('comment on PAY-1: "we are on it, since Monday"', {"note": "we are on it, since Monday"}),
        ("close PAY-1, “not our fault at all”.", {"note": "not our fault at all", "move": "Done"}),
        ('comment on PAY-1: "on it"', {"note": "on it"}),
        # Links are passed on, as they stand, and nothing in them is read.
        ("comment on PAY-1: see https://a.example/PAY-2.", {"note": "see https://a.example/PAY-2"}),
        ("comment on PAY-1: https://a.example?x=close", {"note": "https://a.example?x=close"}),
        (
            "comment on PAY-1: https://a.example https://b.example",
            {"note": "https://a.example https://b.example"},
        ),
        (
            "comment on PAY-1: the page (https://a.example/1), please. https://b.example",
            {"note": "the page (https://a.example/1), please. https://b.example"},
        ),
        (
            'comment on PAY-1: "see https://a.example/close" they say',
            {"note": '"see https://a.example/close" they say'},
        ),
        (
            "https://a.example/PAY-2 comment on PAY-1: see https://b.example",
            {"note": "see https://b.example"},
        ),
        (
            "“it is not our fault” they say. Comment on PAY-1: see https://b.example now",
            {"note": "see https://b.example now"},
        ),
        (
            "“it is not our fault”. Comment on PAY-1: see “that is it” https://b.example",
            {"note": "see “that is it” https://b.example"},
        ),
        (
            "close PAY-1, fixed in https://a.example/c",
            {"note": "fixed in https://a.example/c", "move": "Done"},
        ),
        (
            "comment on PAY-1\nnote: see https://a.example\nstatus: done",
            {"note": "see https://a.example", "move": "Done"},
        ),
        (
            "comment on PAY-1: the page (https://a.example) says Monday",
            {"note": "the page (https://a.example) says Monday"},
        ),
        (
            'comment on PAY-1: "we look at it then" until Monday',
            {"note": '"we look at it then" until Monday'},
        ),
        # Words that would ask for something elsewhere, the key of another ticket included.
        ("comment on PAY-1: see PAY-2", {"note": "see PAY-2"}),
        ("comment on PAY-1: now close PAY-2, thanks", {"note": "now close PAY-2, thanks"}),
        ("close PAY-1, PAY-2 is the same", {"note": "PAY-2 is the same", "move": "Done"}),
    ],
)
def test_a_comment_is_all_that_follows(said: str, expected: dict[str, str]) -> None:
    assert steps(said) == expected


@pytest.mark.parametrize(
    ("said", "slot"),
    [
        ("update PAY-1", "status"),  # a plan without a step is no plan
        ("comment on PAY-1", "status"),
        ("close PAY-1 and PAY-2", "ticket"),  # nor is one of two done in silence
        ("close PAY-3, fixed", "ticket"),
    ],
)
def test_what_is_open_is_asked(said: str, slot: str) -> None:
    planned = plan(said)
    assert isinstance(planned, Ask), planned
    assert planned.question.slot == slot


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\x1f"])
def test_a_link_with_what_cannot_be_seen_is_asked_for_again(hidden: str) -> None:
    planned = plan(f"comment on PAY-1: see https://a.example/{hidden}x")
    assert not isinstance(planned, Draft), planned


@pytest.mark.parametrize("answer", ["https://a.example/x", "see https://a.example/x."])
def test_an_answer_with_a_link_is_taken_whole(answer: str) -> None:
    answers = (Answer(slot="note", text=answer),)
    planned = RulesPlanner().plan(Asked("close PAY-1", (TICKETS,), find, answers))
    assert isinstance(planned, Draft), planned
    assert planned.plan.steps[0].params["text"] == answer.removesuffix(".")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("see https://a.example/x", "see https://a.example/x"),
        ("see", "see"),  # a model that leaves the link out does not take it away
        ("see https://b.example", "see https://b.example"),  # nor does one that was not said count
    ],
)
def test_a_model_neither_loses_nor_makes_up_a_link(value: str, words: str) -> None:
    said = "comment on PAY-1: see https://a.example/x"
    slots = [("ticket", "PAY-1", "PAY-1"), ("note", value, words)]
    told = [{"slot": s, "value": v, "words": w, "from": "request"} for s, v, w in slots]
    claim = claim_of({"kind": "plan", "workflow": "update", "slots": told})
    planned = judge(claim, Asked(said, (TICKETS,), find), (), is_last=True)
    assert isinstance(planned, Draft), planned
    assert planned.plan.steps[0].params["text"] == "see https://a.example/x"


def test_what_nobody_should_do_is_not_asked_for() -> None:
    assert not isinstance(plan("nobody should close PAY-1 today"), Ask | Draft)
