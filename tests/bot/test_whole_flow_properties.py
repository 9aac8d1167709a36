"""Stories through the whole flow, drawn and told: whatever happens, each write that the ledger
knows of was allowed and consented to, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bot.catalogue import loaded
from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from store.model.run import Status
from tests.bot.whole_flow import Asked, Drawn, WholeFlow

EXAMPLES = 12  # stories of one session; each takes some four seconds
STEPS = 16
TWO_ASKED: tuple[Asked, Asked] = (("agent", "1043", 60), ("agent2", "1067", 20))
ONE_LEAD = Drawn(1_000_000, 0, ({"role": "support-leads", "count": 1},))
TWO_LEADS = Drawn(1_000_000, 0, ({"role": "support-leads", "count": 2},))
CLOSED = Drawn(4_000, 0, ({"role": "support-leads", "count": 1},))
STRICTER = Drawn(1_000_000, 0, ({"role": "finance-leads", "count": 2},))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def story(made: Path) -> type[WholeFlow]:
    """A story from an empty store on, under the shipped bundle with drawn rules for refunds."""

    class Story(WholeFlow):
        pass

    Story.made = made
    Story.base = loaded(BUNDLE_SHIPPED)
    return Story


def test_no_drawn_story_ends_with_a_write_that_nobody_allowed(story: type[WholeFlow]) -> None:
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # short enough to be read
            suppress_health_check=list(HealthCheck),
        ),
    )


def approver_loses_the_role(told: WholeFlow) -> None:
    told.meanwhile.append(lambda: told.act("role", ("lead", "support-leads")))
    told.press(Verb.APPROVE, 0, "lead")


def approver_leaves(told: WholeFlow) -> None:
    told.meanwhile.append(lambda: told.act("account", "lead"))
    told.press(Verb.APPROVE, 0, "lead")


def requester_leaves_the_group(told: WholeFlow) -> None:
    told.meanwhile.append(lambda: told.act("role", ("agent", "support")))
    told.press(Verb.APPROVE, 0, "lead")


def policy_refuses_it_meanwhile(told: WholeFlow) -> None:
    told.meanwhile.append(lambda: told.act("policy", CLOSED))
    told.press(Verb.APPROVE, 0, "lead")


def policy_asks_for_others_meanwhile(told: WholeFlow) -> None:
    told.meanwhile.append(lambda: told.act("policy", STRICTER))
    told.press(Verb.APPROVE, 0, "lead")


def requester_approves_by_another_account(told: WholeFlow) -> None:
    told.press(Verb.APPROVE, 0, "alias")


def one_human_approves_twice(told: WholeFlow) -> None:
    told.act("policy", TWO_LEADS)
    told.act("role", ("lead-alias", "support-leads"))
    told.ask_for("agent2", "1077", 95)
    told.press(Verb.APPROVE, 2, "lead")
    told.press(Verb.APPROVE, 2, "lead-alias")


def editor_approves_the_own_edit(told: WholeFlow) -> None:
    told.edit(0, "lead2", 95, is_approved=False)
    told.press(Verb.APPROVE, 0, "lead2")


@pytest.mark.parametrize(
    "happens",
    [
        approver_loses_the_role,
        approver_leaves,
        requester_leaves_the_group,
        policy_refuses_it_meanwhile,
        policy_asks_for_others_meanwhile,
        requester_approves_by_another_account,
        one_human_approves_twice,
        editor_approves_the_own_edit,
    ],
)
def test_this_story_ends_without_a_write(
    story: type[WholeFlow], happens: Callable[[WholeFlow], None]
) -> None:
    told = story()
    try:
        told.begin(ONE_LEAD, 2, TWO_ASKED)
        happens(told)
        told.check()
        assert Status.APPLIED not in told.statuses()
    finally:
        told.teardown()


def test_a_requester_cannot_have_more_done_than_the_counter_allows(story: type[WholeFlow]) -> None:
    told = story()
    try:
        told.begin(ONE_LEAD, 2, (("agent", "1043", 5), ("agent", "1067", 5)))
        for order, dollars in (("1043", 20), ("1067", 20), ("1077", 60)):
            told.ask_for("agent", order, dollars)
        for _ in range(10):  # a payment that changed is approved anew
            told.press(Verb.APPROVE, 0, "lead")
        told.check()
        assert told.statuses().count(Status.APPLIED) == 3
    finally:
        told.teardown()


def test_a_story_without_a_twist_ends_well(story: type[WholeFlow]) -> None:
    told = story()
    try:
        told.begin(ONE_LEAD, 2, TWO_ASKED)
        told.press(Verb.APPROVE, 0, "lead")
        told.check()
        assert told.statuses().count(Status.APPLIED) == 1
    finally:
        told.teardown()
