"""Until when: what words for days mean, seen from a Monday, and what is asked instead of guessed."""

# ruff: noqa: E501 - what is said and what comes of it stand on one line

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.planner.claims import judge
from bot.planner.planner import Ask, Asked, Draft, Planned
from bot.planner.rules import RulesPlanner
from bot.planner.schema import claim_of
from bot.planner.until import shown
from connectors.operation import Record
from policies.workflow import Workflow
from store.model.run import Answer

TODAY = date(2026, 11, 23)  # a Monday
WORKFLOW = Workflow.model_validate(
    {
        "workflow": "grant",
        "title": "Grant access",
        "why": "To try days.",
        "owner": "nobody",
        "autonomy": "L2",
        "slots": {
            "person": {"type": "record", "finder": "x.people", "noun": "person", "is_named": True, "ask": "Who?"},
            "group": {"type": "record", "finder": "x.groups", "noun": "group", "is_named": True, "ask": "Where?"},
            "until": {"type": "day", "words": ("end date",), "ask": "Until when?", "is_optional": True},
        },
        "verbs": ("give ... access",),
        "understands": ("give {person} access to {group}[ {until}]", "give {person} {until} access to {group}"),
        "steps": ({"join": {"use": "x.join", "with": {"who": "{person}", "what": "{group}", "until": "{until}"}}},),
        "budget": {"tool_calls": 5, "wall_clock_seconds": 10, "spend_usd": "0.10"},
        "outcome": {"unit": "grant", "price_usd": "0.10"},
        "baseline": {"minutes": 1, "measured": "2026-10", "touches": 1},
        "reject_reasons": ("no",),
        "examples": (),
    }
)  # fmt: skip
KNOWN = {"x.people": ("Dana Cole", "Bo"), "x.groups": ("Billing", "Night shift")}


def find(finder: str, words: str) -> tuple[Record, ...]:
    names = [name for name in KNOWN[finder] if name.casefold() == words.casefold()]
    return tuple(Record(kind="x", id=name, label=name, fields={}) for name in names)


def plan(text: str, *answers: str, slot: str = "until", today: date = TODAY) -> Planned:
    said = tuple(Answer(slot=slot, text=answer) for answer in answers)
    return RulesPlanner().plan(Asked(text, (WORKFLOW,), find, said, today=today))


def until(words: str, today: date = TODAY) -> str | None:
    """The parameter of the step, "asks" where the day is asked about."""
    planned = plan(f"give Dana Cole access to Billing {words}", today=today)
    if isinstance(planned, Ask):
        assert planned.question.slot == "until", planned
        return "asks"
    assert isinstance(planned, Draft), planned
    return planned.plan.steps[0].params.get("until")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("", None),
        ("please", None),
        ("until Friday", "2026-11-27"),
        ("until this Friday, thanks", "2026-11-27"),
        ("until Fri 27 Nov 2026", "2026-11-27"),
        ("till 2026-12-01", "2026-12-01"),
        ("until 30 November", "2026-11-30"),
        ("until the 30th of November 2026", "2026-11-30"),
        ("until Nov. 30th, 2026", "2026-11-30"),
        ("until January 31", "2027-01-31"),
        ("until 30.11.2026", "2026-11-30"),
        ("until 30/11/2026", "2026-11-30"),
        ("until 11/30/2026", "2026-11-30"),
        ("for 2 weeks", "2026-12-07"),
        ("for the next three days", "2026-11-26"),
        ("for a month", "2026-12-23"),
        ("for 14d", "2026-12-07"),
        ("until tomorrow", "2026-11-24"),
        ("until end of month", "2026-11-30"),
        ("until the end of next month", "2026-12-31"),
        ("until the end of February", "2027-02-28"),
        ("bis zum 30. November", "2026-11-30"),
        ("bis Ende des Monats", "2026-11-30"),
        ("für zwei Wochen", "2026-12-07"),
        ("hasta el 30 de noviembre de 2026", "2026-11-30"),
        ("durante 3 días", "2026-11-26"),
        ("jusqu'au 1er décembre", "2026-12-01"),
        ("jusqu'à la fin du mois", "2026-11-30"),
        ("pendant deux semaines", "2026-12-07"),
        ("permanently", None),
        ("until Friday, she covers for Bo", "2026-11-27"),
        ("for 2 weeks because Bo left on Monday", "2026-12-07"),
        ("until Friday at the latest", "2026-11-27"),
        ("for 2 weeks from now", "2026-12-07"),
        ("because she joined last week", None),
        ("today", None),
    ],
)
def test_words_for_a_day_are_read(words: str, day: str | None) -> None:
    assert until(words) == day


@pytest.mark.parametrize(
    "words",
    [
        "until Monday",  # today, or in a week
        "until next Friday",
        "until 03/04/2027",
        "until 30.11.",
        "until 20 November",  # just over, or in a year
        "until 20 November 2026",
        "until 31 February",
        "until 29 February",
        "until Friday 28 November",  # a Saturday
        "until 30 Nov '26",
        "until the audit is over",
        "until further notice",
        "until December",
        "until next week",
        "until end of the week",  # Friday or Sunday
        "until Friday 5pm",
        "until 5pm",
        "until Friday at 17:00",
        "for 2 hours",
        "for a few days",
        "for 2 or 3 weeks",
        "for half a year",
        "for 3 business days",
        "for 99999 days",
        "until about Friday",
        "until Friday or Sunday",
        "until Friday, or until 4 December",
        "from 1 December until 4 December",
        "for 2 weeks from Wednesday",
        "until tomorrow, or Friday",
        "until Friday or whenever",
        "until a week on Friday",
        "until Friday week",
        "until Friday the 4th",
        "until Friday next week",
        "until the Friday after next",
        "until 2 weeks before Christmas",
        "until 4 December 2026 2027",
        "until 30 November, starting 25 November",
        "for a week or two",
        "for a week and a half",
        "for 2 weeks 3 days",
        "for 2 weeks starting next month",
        "for 2 weeks ago",
        "for the rest of the month",
        "for now",
        "(2 weeks)",
        "(Friday)",
        ", 2 weeks",
        "today only",
        "by Friday",
        "during December",
        "while Bo is away",
        "as long as Bo is away",
        "from tomorrow",
        "\nend date: when she is back",
        "until \u0663\u0660 November",  # Arabic-Indic digits
        "until \uff13\uff10 N\u043evember",  # a Cyrillic letter
        "until 30\u200b November",
    ],
)
def test_what_is_no_one_day_is_asked_about_though_it_may_be_left_out(words: str) -> None:
    assert until(words) == "asks"


def test_the_end_may_stand_in_front_and_is_no_condition() -> None:
    planned = plan("Until Friday, give Dana Cole access to Billing")
    assert isinstance(planned, Draft)
    assert planned.plan.steps[0].params["until"] == "2026-11-27"


def test_a_form_s_line_is_read() -> None:
    planned = plan("give Dana Cole access to Billing\nend date: 30 November")
    assert isinstance(planned, Draft)
    assert planned.plan.steps[0].params["until"] == "2026-11-30"


def test_an_answer_needs_no_until_and_no_end_leaves_it_out() -> None:
    said = "give Dana Cole access to Billing until the audit"
    answered = {
        "Friday": "2026-11-27", "2 weeks": "2026-12-07", "2026-11-30": "2026-11-30", "no end": None
    }  # fmt: skip
    for answer, day in answered.items():
        planned = plan(said, answer)
        assert isinstance(planned, Draft), answer
        assert planned.plan.steps[0].params.get("until") == day
    assert isinstance(plan(said, "as long as it takes"), Ask)


@pytest.mark.parametrize("answer", ["None.", "No end date, please", "permanently", "forever"])
def test_a_whole_answer_may_say_that_nothing_ends(answer: str) -> None:
    planned = plan("give Dana Cole access to Billing until the audit", answer)
    assert isinstance(planned, Draft)
    assert "until" not in planned.plan.steps[0].params


@pytest.mark.parametrize(
    "answer",
    ["no", "no idea", "not longer than my vacation, no later", "the end is open, ask Bea", "never mind", "Friday, or never"],
)  # fmt: skip
def test_a_word_of_an_answer_never_says_that_nothing_ends(answer: str) -> None:
    planned = plan("give Dana Cole access to Billing until the audit", answer)
    assert isinstance(planned, Ask), answer
    assert planned.question.slot == "until"


def test_a_time_beside_a_name_outlives_the_question_about_the_name() -> None:
    planned = plan("give Dana Cole access to Billing on Friday", "Billing", slot="group")
    assert isinstance(planned, Ask)
    assert planned.question.slot == "until"


def test_a_list_of_names_is_never_taken_for_its_first() -> None:
    for text in (
        "give Dana Cole and Bo access to Billing",
        "give Dana Cole access to Billing and Night shift until Friday",
        "give Dana Cole access to Billing, Night shift",
        "give Dana Cole access to Billing. give Bo access to Billing until Friday",
        "give Bo access to Night shift. And give Bo access to Billing.",
    ):
        assert isinstance(plan(text), Ask), text


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.dates(TODAY, TODAY + timedelta(days=3_650)))
def test_a_day_is_read_as_it_is_shown(day: date) -> None:
    assert until(f"until {shown(day)}") == day.isoformat()
    assert until(f"until {day.isoformat()}") == day.isoformat()
    planned = plan("give Dana Cole access to Billing until ever", shown(day))
    assert isinstance(planned, Draft)
    assert planned.plan.steps[0].params["until"] == day.isoformat()


PIECES = [
    "until ", "for ", "30 ", "2 ", "weeks ", "days ", "November ", "Friday ", "31 ", "February ", ".", ",",
    "2026-11-30 ", "9999-99-99 ", "03/04/2026 ", "or ", "not ", "end of ", "month ", "next ", "\u0663", "\uff13",
    "99999999999999999999 ", "1.1.1 ", "-", "/", "5pm ", "from ", "today ", "\u200b", "no end ", "permanently ",
]  # fmt: skip
noise = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=80)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(noise, st.dates(date(1999, 12, 1), date(9999, 12, 31)))
def test_whatever_is_written_a_day_lies_ahead_and_was_said(words: str, today: date) -> None:
    planned = plan(f"give Dana Cole access to Billing until {words}", today=today)
    for slot in planned.plan.slots if isinstance(planned, Draft) else ():
        if slot.name == "until":
            assert date.fromisoformat(str(slot.value)) >= today
            heard = unicodedata.normalize("NFKC", " ".join(words.split()))
            assert slot.said.removeprefix("until").strip(" :=") in heard
    if isinstance(planned, Draft):
        assert planned.plan.steps[0].params.get("until"), "an end that was said is not left out"


def claimed(value: str, words: str, text: str) -> Planned:
    slots = [
        ("person", "Dana Cole", "Dana Cole"),
        ("group", "Billing", "Billing"),
        ("until", value, words),
    ]
    told = [{"slot": s, "value": v, "words": w, "from": "request"} for s, v, w in slots]
    claim = claim_of({"kind": "plan", "workflow": "grant", "slots": told})
    planned = judge(claim, Asked(text, (WORKFLOW,), find, today=TODAY), is_last=True)
    assert isinstance(planned, Ask | Draft)
    return planned


def test_a_model_s_day_counts_where_the_rules_read_the_same() -> None:
    planned = claimed("2026-11-27", "until Friday", "Dana Cole: Billing, until Friday")
    assert isinstance(planned, Draft)
    assert planned.plan.steps[0].params["until"] == "2026-11-27"


@pytest.mark.parametrize(
    ("value", "words"),
    [("2026-11-28", "until Friday"), ("2026-11-27", "when she is back"), ("2026-11-01", "until Friday"), ("soon", "until Friday")],
)  # fmt: skip
def test_a_model_s_own_day_is_never_taken_unpressed(value: str, words: str) -> None:
    planned = claimed(value, words, "Dana Cole: Billing, until Friday, when she is back")
    if isinstance(planned, Draft):
        assert planned.plan.steps[0].params["until"] == "2026-11-27", "what the requester wrote"
