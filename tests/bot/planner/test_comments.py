"""Comments, and statuses that a sentence begins with: what is to be written is no order."""

from __future__ import annotations

import pytest

from bot.planner.planner import Ask, Asked, Draft, Planned
from bot.planner.rules import RulesPlanner
from connectors.operation import Record
from policies.workflow import Workflow

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


def test_what_nobody_should_do_is_not_asked_for() -> None:
    assert not isinstance(plan("nobody should close PAY-1 today"), Ask | Draft)
