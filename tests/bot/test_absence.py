"""A person who goes away hands their own roles over in the chat, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.incoming import Verb
from tests.bot.test_people import employ

SMALL = "refund $40 on order 1043, arrived damaged"
LARGE = "refund $120 on order 1043, arrived damaged"


def until(world: Any, days: int) -> str:
    return f"{world.clock() + timedelta(days=days):%Y-%m-%d}"


def test_a_person_hands_their_own_roles_over_and_takes_them_back(world: Any) -> None:
    employ(world, "U0SAM", ("support",), "Sam Field")
    absence = world.assent.absence
    reply = absence.away(world.account("lead"), f"until {until(world, 5)} to slack:U0SAM because x")
    assert not reply.is_refusal, reply.text
    assert "Sam Field decides for you in support and support leads" in reply.text
    run = world.ask(LARGE)
    assert world.press(Verb.APPROVE, run, "U0SAM").is_refusal, "Lee is no finance lead"
    other = world.ask(SMALL)
    assert "Sam Field no longer" in absence.back(world.account("lead")).text
    assert world.press(Verb.APPROVE, other, "U0SAM").is_refusal
    assert absence.back(world.account("lead")).text == "You had handed nothing over."


@pytest.mark.parametrize(
    ("user", "text", "message"),
    [
        ("lead", "", "say it like"),
        ("lead", "until tomorrow to slack:U0SAM", "tomorrow is no day"),
        ("lead", "until 2026-13-01 to slack:U0SAM", "2026-13-01 is no day"),
        ("lead", "until {5} to @sam because ill", "@sam is nobody here"),
        ("lead", "until {5} to teams:7d1f0a52-0000-4000-8000-000000000d01", "nobody here"),
        ("lead", "until {40} to slack:U0SAM", "at most 30 days"),
        ("lead", "until {-2} to slack:U0SAM", "before it ends"),
        ("lead", "until {5} to slack:lead", "themselves"),
        ("lead", "until {5} to slack:U0SAM because " + "x" * 301, "300 characters"),
        ("outsider", "until {5} to slack:U0SAM", "no role"),
    ],
)
def test_what_cannot_be_handed_over_is_said(world: Any, user: str, text: str, message: str) -> None:
    employ(world, "U0SAM", ("support",), "Sam Field")
    for days in (5, 40, -2):
        text = text.replace(f"{{{days}}}", until(world, days))
    reply = world.assent.absence.away(world.account(user), text)
    assert reply.is_refusal
    assert message in reply.text


def test_nothing_is_handed_to_or_by_an_outsider(world: Any) -> None:
    away, text = world.assent.absence.away, f"until {until(world, 5)} to slack:agent2"
    assert "guest" in away(world.account("lead", is_guest=True), text).text
    world.directory.is_away = True
    assert "cannot check" in away(world.account("lead"), text).text
