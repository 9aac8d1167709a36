"""One human with an account in Slack and one in Teams, and who would be two or somebody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incoming import Verb
from bot.people.directories import Directories
from bot.planner.rules import RulesPlanner
from bot.ports import Directory
from bot.view import Stance
from store import ledger, people
from store.database import Database
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.attacks.witness import HUGE, MEDIUM, SMALL, Witness
from tests.bot.two_sided import ANN, EVE, LEE, MIRA, TwoSided

pytestmark = pytest.mark.slow  # whole runs over two directories


@pytest.fixture
def two(tmp_path: Path, made: Path) -> Iterator[TwoSided]:
    folder = tmp_path / "state"
    shutil.copytree(made, folder)
    world = TwoSided(folder, RulesPlanner(), {})
    yield world
    world.assent.close()


class SlackAlone(TwoSided):
    """The same people, and Teams is switched off."""

    def everybody(self, db: Database) -> Directory:
        super().everybody(db)
        return Directories({"slack": self.directory})


@pytest.fixture
def watch(two: TwoSided) -> Witness:
    return Witness(two)


def test_a_lead_by_slacks_group_approves_in_teams_and_the_ledger_says_where(two: TwoSided) -> None:
    two.declare()
    run = two.ask(SMALL)
    assert two.approved_in_teams(run, "lead").status is Status.APPLIED
    with two.assent.db.read() as cx:
        (entry,) = [e for e in ledger.show(cx, run.id) if e.kind is Kind.APPROVAL]
    assert (entry.data["surface"], entry.data["user"]) == ("teams", LEE)
    assert "support-leads" in entry.data["roles"]


def test_a_lead_by_a_roster_of_teams_approves_in_slack(two: TwoSided) -> None:
    two.declare()
    two.directory.roles["lead"] = ("Lee Park", ())
    two.teams.roles[LEE] = ("Lee Park", ("support-leads",))
    assert two.approve(two.ask(SMALL), "lead").status is Status.APPLIED


def test_asked_in_teams_and_approved_in_slack(two: TwoSided) -> None:
    two.declare()
    _, run = two.ask_in_teams(SMALL)
    assert run is not None
    assert run.status is Status.WAITING, run.note
    assert two.approve(run, "lead").status is Status.APPLIED


def test_a_requester_never_approves_from_the_other_platform(two: TwoSided, watch: Witness) -> None:
    two.declare()
    run = two.ask(SMALL, "lead")
    watch.refused(two.press_in_teams(Verb.APPROVE, run, "lead"), "somebody else")
    _, other = two.ask_in_teams("refund $41 on order 1043, arrived damaged", "lead")
    assert other is not None
    watch.refused(two.press(Verb.APPROVE, other, "lead"), "somebody else")
    assert two.waits(run)
    assert two.waits(other)
    watch.nothing_was_written()


def test_a_requester_cancels_from_the_other_platform(two: TwoSided) -> None:
    two.declare()
    run = two.ask(SMALL)
    assert not two.press_in_teams(Verb.CANCEL, run, "agent").is_refusal
    assert two.run(run.id).status is Status.CANCELLED


def test_two_accounts_of_one_human_count_once(two: TwoSided, watch: Witness) -> None:
    two.declare()
    two.teams.roles[ANN] = ("Ann W.", ("finance-leads",))
    run = two.ask(HUGE)
    two.approve_only(run, "finance")
    assert "counts once" in two.press_in_teams(Verb.APPROVE, run, "finance").text
    assert two.run(run.id).status is Status.WAITING
    watch.nothing_was_written()


def test_one_verdict_is_taken_back_from_the_other_platform(two: TwoSided) -> None:
    two.declare()
    run = two.ask(HUGE)
    two.approve_only(run, "finance")
    assert not two.press_in_teams(Verb.WITHDRAW, run, "finance").is_refusal
    assert two.approvals(run) == []


def test_two_accounts_found_to_be_one_human_while_it_waits_count_once(two: TwoSided) -> None:
    two.teams.roles[ANN] = ("Ann W.", ("finance-leads",))
    run = two.ask(HUGE)
    two.approve_only(run, "finance")
    two.declare()
    assert "counts once" in two.press_in_teams(Verb.APPROVE, run, "finance").text
    assert two.run(run.id).status is Status.WAITING


def test_an_account_that_nobody_declared_is_lent_nothing(two: TwoSided, watch: Witness) -> None:
    """Eve calls herself Lee Park in Teams."""
    two.declare()
    run = two.ask(SMALL)
    watch.refused(two.press_in_teams(Verb.APPROVE, run, EVE), "a support lead")
    assert two.assent.reading.stance(two.in_teams(EVE), run.id) is Stance.ONLOOKER
    assert two.waits(run)


def test_an_account_of_another_tenant_is_nobodys_whatever_its_id(
    two: TwoSided, watch: Witness
) -> None:
    two.declare()
    run = two.ask(SMALL)
    reply = two.press_in_teams(Verb.APPROVE, run, "lead", team="another", is_stranger=True)
    watch.refused(reply, "another organisation")
    assert two.waits(run)


def test_whoever_left_in_slack_is_lent_nothing_of_it_in_teams(
    two: TwoSided, watch: Witness
) -> None:
    two.declare()
    run = two.ask(SMALL)
    two.directory.flags["lead"] = {"is_deactivated": True}
    watch.refused(two.press_in_teams(Verb.APPROVE, run, "lead"), "a support lead")
    assert two.waits(run)


def test_whoever_left_in_teams_does_not_act_there_and_still_does_in_slack(
    two: TwoSided, watch: Witness
) -> None:
    two.declare()
    two.teams.roles[LEE] = ("Lee Park", ("support-leads",))
    two.teams.flags[LEE] = {"is_deactivated": True}
    run = two.ask(SMALL)
    watch.refused(two.press_in_teams(Verb.APPROVE, run, "lead", is_deactivated=True), "deactivated")
    two.directory.roles["lead"] = ("Lee Park", ())
    watch.refused(two.press(Verb.APPROVE, run, "lead"))
    two.directory.roles["lead"] = ("Lee Park", ("support-leads",))
    assert two.approve(run, "lead").status is Status.APPLIED


def test_a_group_that_was_left_after_the_approval_in_teams_counts_no_more(
    two: TwoSided, watch: Witness
) -> None:
    two.declare()
    run = two.ask(HUGE)
    assert not two.press_in_teams(Verb.APPROVE, run, "finance").is_refusal
    two.directory.roles["finance"] = ("Ann Weiss", ())
    two.approve(run, "finance2")
    again = two.run(run.id)
    assert again.status is Status.WAITING
    assert "no longer in finance leads" in again.note
    watch.nothing_was_written()


def test_a_surface_that_does_not_answer_refuses_who_has_an_account_on_it(
    two: TwoSided, watch: Witness
) -> None:
    """What Teams would say of Lee is not known; of Raj there is nothing to ask in Teams."""
    two.declare()
    two.teams.is_away = True
    run = two.ask(MEDIUM, "agent2")
    watch.refused(two.press(Verb.APPROVE, run, "finance"), "cannot check your role")
    assert two.assent.reading.stance(two.account("finance"), run.id) is None
    assert two.waits(run)
    assert two.approve(run, "finance2").status is Status.APPLIED


def test_with_both_surfaces_away_nobody_approves(two: TwoSided, watch: Witness) -> None:
    two.declare()
    run = two.ask(SMALL)
    two.directory.is_away = two.teams.is_away = True
    reply = two.press(Verb.APPROVE, run, "lead", is_directory_away=True)
    watch.refused(reply, "cannot check your role")
    assert two.assent.reading.view(run.id) is not None, "its card can be drawn all the same"
    assert two.waits(run)


def test_a_surface_that_is_switched_off_is_not_asked_and_grants_nothing(
    tmp_path: Path, made: Path
) -> None:
    folder = tmp_path / "off"
    shutil.copytree(made, folder)
    world = SlackAlone(folder, RulesPlanner(), {})
    try:
        world.declare()
        world.teams.is_away = True
        run = world.ask(SMALL)
        assert world.approve(run, "lead").status is Status.APPLIED
    finally:
        world.assent.close()


def test_a_delegate_decides_on_the_other_platform_and_never_for_themselves(
    two: TwoSided, watch: Witness
) -> None:
    two.declare()
    away = two.assent.absence.away(
        two.account("finance"), f"until {two.clock().date()} to slack:lead2 because I am away"
    )
    assert not away.is_refusal, away.text
    run = two.ask(MEDIUM)
    assert two.approved_in_teams(run, "lead2").status is Status.APPLIED
    own = two.ask("refund $121 on order 1043, arrived damaged", "finance")
    watch.refused(two.press_in_teams(Verb.APPROVE, own, "lead2"))
    two.directory.flags["finance"] = {"is_deactivated": True}
    two.teams.flags[ANN] = {"is_deactivated": True}
    last = two.ask(HUGE)
    watch.refused(two.press_in_teams(Verb.APPROVE, last, "lead2"), "a finance lead")


def test_how_to_come_back_is_said_as_each_platform_takes_it(two: TwoSided) -> None:
    two.declare()
    until = f"until {two.clock().date()} to"
    here = two.assent.absence.away(two.account("finance"), f"{until} slack:lead2")
    assert "/assent back ends it" in here.text
    there = two.assent.absence.away(two.in_teams("lead"), f"{until} teams:{MIRA}")
    assert "@Assent back ends it" in there.text


def test_a_role_of_the_absent_in_teams_is_lent_in_slack(two: TwoSided) -> None:
    two.declare()
    two.directory.roles["finance"] = ("Ann Weiss", ())
    two.teams.roles[ANN] = ("Ann Weiss", ("finance-leads",))
    two.assent.absence.away(two.account("finance"), f"until {two.clock().date()} to slack:lead2")
    assert two.approve(two.ask(MEDIUM), "lead2").status is Status.APPLIED


def test_a_card_names_who_may_approve_on_either_side_once(two: TwoSided) -> None:
    two.declare()
    two.teams.roles[MIRA] = ("Mira Sol", ("support-leads",))
    two.teams.roles[EVE] = ("Kim Roth", ("support-leads",))
    run = two.ask(SMALL)
    view = two.assent.reading.view(run.id)
    assert view is not None
    assert view.eligible["support-leads"] == ("Lee Park", "Mira Sol", "Kim Roth")


def test_both_accounts_are_one_person_in_the_store(two: TwoSided) -> None:
    two.declare()
    ids = {two.person_id(two.account("lead")), two.person_id(two.in_teams("lead"))}
    assert len(ids) == 1
    with two.assent.db.read() as cx:
        found = people.accounts_of(cx, ids.pop())
    assert {one.surface for one in found} == {"slack", "teams"}
