"""A time that lies ahead is never left out where a task is done as soon as it is approved."""

# ruff: noqa: E501 - what is said and what comes of it stand on one line

from __future__ import annotations

from datetime import date

import pytest

from bot.planner.claims import judge
from bot.planner.planner import Ask, Asked, Draft, Planned, Refuse
from bot.planner.rules import RulesPlanner
from bot.planner.schema import claim_of
from connectors.operation import Record
from policies.workflow import Workflow
from store.model.run import Answer

TODAY = date(2026, 11, 23)  # a Monday
WORKFLOW = Workflow.model_validate(
    {
        "workflow": "close",
        "title": "Close a ticket",
        "why": "To try times.",
        "owner": "nobody",
        "autonomy": "L3",
        "slots": {
            "ticket": {"type": "record", "finder": "x.tickets", "noun": "ticket", "form": "PAY-[0-9]+", "ask": "Which?"},
            "note": {"type": "text", "is_rest": True, "is_optional": True, "characters_max": 200, "words": ("note",), "ask": "Why?"},
        },
        "verbs": ("close", "schließe", "cierra", "ferme"),
        "understands": ("close {ticket}[, {note}]", "close {ticket}: {note}", "close {ticket} because {note}"),
        "steps": ({"close": {"use": "x.close", "with": {"ticket": "{ticket}", "note": "{note}"}}},),
        "budget": {"tool_calls": 5, "wall_clock_seconds": 10, "spend_usd": "0.10"},
        "outcome": {"unit": "ticket", "price_usd": "0.10"},
        "baseline": {"minutes": 1, "measured": "2026-10", "touches": 1},
        "reject_reasons": ("no",),
        "examples": (),
    }
)  # fmt: skip


def find(finder: str, words: str) -> tuple[Record, ...]:
    number = words.strip().upper()
    return (Record(kind="x", id=number, label=number, fields={}),) if number == "PAY-12" else ()


def plan(text: str, *answers: Answer) -> Planned:
    return RulesPlanner().plan(Asked(text, (WORKFLOW,), find, answers, today=TODAY))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("close PAY-12 on 30 November 2026", "on 30 November 2026"),
        ("close PAY-12, effective 1 December 2026", "effective 1 December 2026"),
        ("On Friday, close PAY-12", "On Friday"),
        ("close PAY-12 tomorrow", "tomorrow"),
        ("close PAY-12, tomorrow", "tomorrow"),
        ("close PAY-12 next week", "next week"),
        ("close PAY-12 at 5pm", "at 5pm"),
        ("close PAY-12 at 17:00 please", "at 17:00"),
        ("close PAY-12 at noon", "at noon"),
        ("close PAY-12 in 2 hours", "in 2 hours"),
        ("close PAY-12 this evening", "this evening"),
        ("close PAY-12 at the end of the month", "at the end of the month"),
        ("close PAY-12 for 2 weeks", "for 2 weeks"),
        ("close PAY-12 for now", "for now"),
        ("close PAY-12 until Friday", "until Friday"),
        ("close PAY-12 by Friday", "by Friday"),
        ("close PAY-12 from 1 December", "from 1 December"),
        ("close PAY-12 in December", "in December"),
        ("close PAY-12 after Christmas", "after Christmas"),
        ("close PAY-12 later", "later"),
        ("close PAY-12 once she has answered", "once she has answered"),
        ("close PAY-12 as soon as the freeze is over", "as soon as the freeze is over"),
        ("close PAY-12 after the bank answers", "after the bank answers"),
        ("close PAY-12 once Jo agrees", "once Jo agrees"),
        ("close PAY-12, but only when Jo agrees", "only when Jo agrees"),
        ("close PAY-12 after Jo has agreed", "after Jo has agreed"),
        ("close PAY-12 as soon as Jo approves", "as soon as Jo approves"),
        ("close PAY-12 when Jo is ok with it", "when Jo is ok with it"),
        ("close PAY-12 subject to Jo's approval", "subject to Jo's approval"),
        ("close PAY-12 pending approval by Jo", "pending approval by Jo"),
        ("close PAY-12 once approved by Jo", "once approved by Jo"),
        ("close PAY-12, Jo permitting", "Jo permitting"),
        ("schließe PAY-12 am Freitag", "am Freitag"),
        ("schließe PAY-12 nächste Woche", "nächste Woche"),
        ("cierra PAY-12 el viernes", "el viernes"),
        ("ferme PAY-12 demain", "demain"),
        ("tomorrow, close PAY-12: they call tomorrow", "tomorrow"),
        ("the switch is scheduled for Friday: close PAY-12", "for Friday"),
    ],
)
def test_a_time_ahead_is_refused_in_the_words_that_said_it(said: str, words: str) -> None:
    planned = plan(said)
    assert isinstance(planned, Refuse), planned
    assert planned.is_certain, "no model overrules it"
    assert f"“{words}”" in planned.text
    assert "as soon as it is approved" in planned.text


@pytest.mark.parametrize(
    "said",
    [
        "close PAY-12",
        "close PAY-12 today please",
        "close PAY-12 now, good morning everyone",
        "Guten Morgen, bitte schließe PAY-12",
        "Hope you had a nice weekend! Please close PAY-12",
        "close PAY-12, it arrived late on Friday",
        "It arrived two weeks too late. close PAY-12",
        "She called on Monday at 5pm. close PAY-12",
        "It was ordered last week. close PAY-12",
        "It broke after 2 weeks. close PAY-12",
        "On Friday it came back. close PAY-12",
        "The price dropped the next day. close PAY-12",
        "It was broken when it arrived. close PAY-12",
        "It broke after he has used it once. close PAY-12",
        "close PAY-12 as soon as possible",
        "close PAY-12 when you can, thanks",
        "close PAY-12 once approved",
        "close PAY-12 subject to approval",
        "close PAY-12, Jo agreed after the call",
        "close PAY-12, Jo approved it",
        "close PAY-12: restart it only when Jo agrees",
        "It is about 3 November. close PAY-12",
        "It is from 2 weeks ago. close PAY-12",
        "close PAY-12: the bank calls on Friday, they answer next week",
        "close PAY-12, they will look at it again tomorrow",
        "close PAY-12 because the customer is away until December",
        '"please wait until tomorrow or next week" they wrote. close PAY-12',
    ],
)
def test_what_is_over_or_belongs_to_a_comment_is_no_time_to_wait_for(said: str) -> None:
    assert isinstance(plan(said), Draft), said


def test_an_answer_s_time_counts_as_the_request_s() -> None:
    asked = plan("close a ticket")
    assert isinstance(asked, Ask)
    planned = plan("close a ticket", Answer(slot="ticket", text="PAY-12, on Friday"))
    assert isinstance(planned, Refuse)
    assert "on Friday" in planned.text


def test_an_answer_that_was_of_no_use_does_not_end_the_request() -> None:
    later = Answer(slot="ticket", text="ask me later")
    assert isinstance(plan("close a ticket", later), Ask)
    assert isinstance(plan("close a ticket", later, Answer(slot="ticket", text="PAY-12")), Draft)


def test_a_model_s_claim_leaves_no_time_out() -> None:
    text = "PAY-12 is to be done with on Friday"
    told = [{"slot": "ticket", "value": "PAY-12", "words": "PAY-12", "from": "request"}]
    claim = claim_of({"kind": "plan", "workflow": "close", "slots": told})
    planned = judge(claim, Asked(text, (WORKFLOW,), find, today=TODAY), is_last=True)
    assert isinstance(planned, Refuse)
