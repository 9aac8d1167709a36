"""How far a delegation reaches, over plans made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.people.standing_in import StandingIn, amounts_minor, covers, stand_ins
from store.database import Database
from store.model.person import Account, Delegation, Person
from store.model.plan import Proposal, Step
from store.model.run import Run
from tests.bot.cards.stories import STORIES

START = datetime(2026, 11, 20, tzinfo=UTC)
END = START + timedelta(days=7)
WAITING = STORIES["waiting_0_of_2"].run
LEE = Account(surface="slack", team="T1", user="U0LEE", display_name="Lee")


def proposal() -> Proposal:
    assert WAITING.proposal is not None
    return WAITING.proposal


def lent(**changes: Any) -> Delegation:
    given = Delegation(
        id="D-1001",
        from_id="P-absent",
        from_name="Ann",
        to_id="P-sam",
        to_name="Sam",
        roles=("finance-leads", "support-leads"),
        starts_at=START,
        ends_at=END,
    )
    return given.model_copy(update=changes)


def paying(*amounts: tuple[int, str]) -> Proposal:
    """A plan of one step for each amount."""
    steps = tuple(
        Step(id=f"s{n}", operation="payments.refund", params={"to": [{"sum": money(minor, of)}]})
        for n, (minor, of) in enumerate(amounts)
    )
    plan = proposal().plan.model_copy(update={"steps": steps})
    return proposal().model_copy(update={"plan": plan})


def money(minor: int, currency: str) -> dict[str, Any]:
    return {"minor": minor, "currency": currency}


@pytest.mark.parametrize(
    ("at", "is_covered"),
    [
        (START - timedelta(microseconds=1), False),
        (START, True),
        (END - timedelta(microseconds=1), True),
        (END, False),
    ],
)
def test_a_delegation_reaches_from_its_start_to_just_before_its_end(
    at: datetime, is_covered: bool
) -> None:
    assert covers(lent(), WAITING, proposal(), at) is is_covered


def test_the_absent_requester_and_the_absent_editor_lend_nothing() -> None:
    edited = proposal().model_copy(update={"editors": ("P-7",), "editors_since": ("P-8",)})
    for who in (WAITING.request.person_id, "P-7", "P-8"):
        assert not covers(lent(from_id=who), WAITING, edited, START)
    assert covers(lent(from_id="P-9"), WAITING, edited, START)


def test_amounts_of_all_steps_add_up_in_each_currency() -> None:
    several = paying((300, "USD"), (250, "USD"), (7, "EUR"), (-40, "USD"))
    assert amounts_minor(several) == {"USD": 590, "EUR": 7}
    limits = {"USD": 590, "EUR": 7}
    assert covers(lent(amounts_minor=limits), WAITING, several, START)
    assert not covers(lent(amounts_minor={**limits, "USD": 589}), WAITING, several, START)
    assert not covers(lent(amounts_minor={"USD": 590}), WAITING, several, START)


def test_an_amount_that_only_the_facts_show_counts() -> None:
    (step,) = paying((300, "USD")).plan.steps
    facts = {"refund.amount_minor": 900, "refund.currency": "USD"}
    decided = proposal().decision.steps[0].model_copy(update={"step": step.id, "facts": facts})
    decision = proposal().decision.model_copy(update={"steps": (decided,)})
    shown = paying((300, "USD")).model_copy(update={"decision": decision})
    assert amounts_minor(shown) == {"USD": 900}


def test_only_roles_that_are_asked_for_and_not_held_are_used() -> None:
    asked = {role for r in proposal().decision.requirements for role in r.roles}
    person = Person(
        id="P-sam", name="Sam", roles=("support-leads",), account=LEE, delegated=(lent(),)
    )
    used = stand_ins(person, WAITING, proposal(), START)
    assert {s.role for s in used} == asked & {"finance-leads"}
    other = person.model_copy(update={"delegated": (lent(roles=("admins",)),)})
    assert stand_ins(other, WAITING, proposal(), START) == ()


class Nobody:
    """A directory that must not be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


@pytest.mark.parametrize("flag", ["is_guest", "is_bot", "is_stranger", "is_deactivated"])
def test_an_account_that_may_not_decide_is_lent_nothing(flag: str, tmp_path: Any) -> None:
    db = Database(f"sqlite:///{tmp_path}/assent.db")
    directory: Any = Nobody()
    account = LEE.model_copy(update={flag: True})
    person = Person(id="P-sam", name="Sam", account=account, delegated=(lent(),))
    assert StandingIn(db, directory, lambda: START).filled(person).delegated == ()
    db.close()


def test_stories_are_of_a_run_that_waits_for_roles() -> None:
    run: Run = WAITING
    assert run.request.person_id != "P-absent"
    assert any(r.roles for r in proposal().decision.requirements)
