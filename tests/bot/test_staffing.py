"""`assent people`, as an operator types it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import is_expected
from bot.incoming import Verb
from store import people
from store.ledger.search import find
from store.model.entry import Kind
from store.model.person import Account
from store.model.run import Status
from tests.bot.test_people import LEADS, declare, employ

pytestmark = pytest.mark.slow  # every command opens the store and the bundle anew
SMALL = "refund $40 on order 1043, arrived damaged"


def assent(world: Any, *words: str) -> Result:
    return CliRunner().invoke(cli, ["people", words[0], "--state", str(world.folder), *words[1:]])


def told(world: Any, *words: str) -> str:
    result = assent(world, *words)
    assert result.exit_code == 0, result.output or repr(result.exception)
    return result.output


def refused(world: Any, *words: str) -> str:
    """What is said to who typed something that cannot be; nothing was written."""
    with world.assent.db.read() as cx:
        before = len(find(cx, kind=Kind.DELEGATION, limit=99))
    result = assent(world, *words)
    assert result.exception is not None
    assert is_expected(result.exception), repr(result.exception)
    with world.assent.db.read() as cx:
        assert len(find(cx, kind=Kind.DELEGATION, limit=99)) == before
    return str(result.exception)


@pytest.fixture
def staffed(world: Any) -> Any:
    """Lee with two accounts, one never seen; Sam with one."""
    employ(world, "U0LEE", LEADS, "Lee Park")
    employ(world, "U0LEE2", LEADS, "Lee Park")
    employ(world, "U0SAM", ("support",), "Sam Field")
    declare(world, lee=("U0LEE", "U0LEE2"))
    with world.assent.db.begin() as tx:
        for user in ("U0LEE", "U0SAM"):
            people.person_for(tx, world.account(user))
    return world


def day(world: Any, days: int) -> str:
    return f"{world.clock() + timedelta(days=days):%Y-%m-%d}"


def test_people_are_listed_with_ids_names_and_accounts(staffed: Any) -> None:
    lines = told(staffed, "list").splitlines()
    assert any("lee" in line and "slack:U0LEE" in line for line in lines)
    assert any("slack:U0SAM" in line for line in lines)


def test_an_operator_lets_somebody_decide_and_ends_it(staffed: Any) -> None:
    words = ("--to", "slack:U0SAM", "--until", day(staffed, 3), "--because", "ill", "--as", "Noor")
    limits = ("--role", "support-leads", "--workflow", "refund", "--max", "500.00USD")
    said = told(staffed, "delegate", "--from", "lee", *words, *limits)
    assert said.startswith("D-1001")
    assert "support-leads; refund only; up to $500.00" in said
    assert said.splitlines()[0] in told(staffed, "list")
    assert "D-1001" in told(staffed, "show", "slack:U0SAM")
    assert "D-1001" in told(staffed, "show", "lee")
    run = staffed.ask(SMALL)
    assert staffed.approve(run, "U0SAM").status is Status.APPLIED
    assert "is ended" in told(staffed, "end-delegation", "D-1001", "--as", "Noor")
    run = staffed.ask("refund $4 on order 1043, arrived damaged")
    assert staffed.press(Verb.APPROVE, run, "U0SAM").is_refusal
    with staffed.assent.db.read() as cx:
        entries = find(cx, kind=Kind.DELEGATION, limit=9)
    assert {e.data["act"]: (e.actor, e.sensitive["by"]) for e in entries} == {
        "given": ("operator", "Noor"),
        "ended": ("operator", "Noor"),
    }


def test_the_end_of_a_delegation_is_told_in_utc_whatever_zone_its_day_ends_in(staffed: Any) -> None:
    last = staffed.clock() + timedelta(days=3)
    midnight = datetime(last.year, last.month, last.day, tzinfo=ZoneInfo("America/New_York"))
    end = (midnight + timedelta(days=1)).astimezone(UTC)
    words = ("--to", "slack:U0SAM", "--until", day(staffed, 3), "--because", "ill", "--as", "Noor")
    told(staffed, "delegate", "--from", "lee", *words)
    assert f"until {end:%Y-%m-%d %H:%M} UTC" in told(staffed, "list")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--from": "Lee Park"}, "no person Lee Park"),
        ({"--from": "LEE"}, "no person LEE"),
        ({"--from": "slack:u0lee"}, "no person slack:u0lee"),
        ({"--to": "slack:U0LEE"}, "themselves"),
        ({"--until": "31"}, "at most 30 days"),
        ({"--until": "-2"}, "starts before it ends"),
        ({"--until": "next week"}, "is no time"),
        ({"--until": "9999-12-31"}, "is no time"),
        ({"--until": "2026-12-01T10:00"}, "is no time"),
        ({"--role": "support-lead"}, "no role support-lead"),
        ({"--workflow": "refnd"}, "no workflow refnd"),
        ({"--max": "500"}, "no amount"),
        ({"--max": "500.001USD"}, "no amount"),
        ({"--max": "1.5JPY"}, "no amount"),
        ({"--max": "500XAU"}, "no amount"),
        ({"--max": "-500USD"}, "no amount"),
        ({"--max": "\u0665\u0660USD"}, "no amount"),
    ],
)
def test_what_cannot_be_delegated_is_refused_in_a_sentence(
    staffed: Any, changes: dict[str, str], message: str
) -> None:
    words = {"--from": "lee", "--to": "slack:U0SAM", "--until": "3", "--because": "x"}
    words |= {"--as": "Noor", **changes}
    if words["--until"].removeprefix("-").isdecimal():
        words["--until"] = day(staffed, int(words["--until"]))
    typed = [word for pair in words.items() for word in pair]
    assert message in refused(staffed, "delegate", *typed)


def test_what_is_over_or_unknown_cannot_be_ended(staffed: Any) -> None:
    assert "no delegation D-9" in refused(staffed, "end-delegation", "D-9", "--as", "Noor")


def test_ids_that_were_merged_name_the_same_person(world: Any) -> None:
    for user in ("U0LEE", "U0LEE2"):
        employ(world, user, LEADS)
        world.ask(f"refund ${len(user)} on order 1043, arrived damaged", user)
    with world.assent.db.begin() as tx:
        first, second = (people.person_for(tx, world.account(u)) for u in ("U0LEE", "U0LEE2"))
    declare(world, leigh=("U0LEE", "U0LEE2"))
    assert told(world, "show", second) == told(world, "show", first)
    assert f"the same human as: {second}" in told(world, "show", "leigh")
    assert second not in told(world, "list")


def test_accounts_of_both_platforms_are_shown_and_named(world: Any) -> None:
    """Dana is in the shipped bundle with an account in each; neither has spoken yet."""
    teams = "teams:7d1f0a52-0000-4000-8000-000000000d01"
    shown = told(world, "show", "dana")
    assert f"account {teams} (in the bundle, not seen yet)" in shown
    assert told(world, "show", teams) == told(world, "show", "slack:U0DANA00000") == shown
    with world.assent.db.begin() as tx:
        guid = teams.partition(":")[2]
        people.person_for(
            tx, Account(surface="teams", team="tenant", user=guid, display_name="Dana O.")
        )
    assert f"account {teams}\n" in told(world, "show", "dana")
    assert teams in told(world, "list")


def test_status_names_roles_that_nobody_holds(world: Any, monkeypatch: Any) -> None:
    why = {"finance-leads": "there is no user group finance-leads"}
    monkeypatch.setattr(world.directory, "vacancies", lambda: why)
    status = world.assent.reading.status()
    assert "Nobody holds finance-leads: there is no user group finance-leads." in str(status)
    monkeypatch.setattr(world.directory, "vacancies", lambda: None)
    assert "does not answer" in str(world.assent.reading.status())
