"""Reviewing together in Teams: what was shown is what is pressed, each run for itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.incoming import Click, Reply, Verb
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.teams_world import TeamsWorld

pytestmark = pytest.mark.slow


def waiting(number: int) -> Any:
    """The waiting refund as another run."""
    story = STORIES["waiting_0_of_2"]
    proposal = PROPOSAL.model_copy(update={"run_id": f"R-{number}"})
    run = story.run.model_copy(update={"id": f"R-{number}", "proposal": proposal})
    return replace(story, run=run)


@pytest.fixture
def three(teams: TeamsWorld) -> TeamsWorld:
    """A world in which three similar refunds wait."""
    teams.memory.shown = {f"R-{n}": waiting(n) for n in (1, 2, 3)}
    return teams


async def opened(three: TeamsWorld, who: str = "lead") -> str:
    """The batch's dialog, opened from its card."""
    await three.do(three.people.say, "batch", who)
    await three.said("Refund a payment, 3 times", who, "personal")
    await three.do(three.people.press, "Review 3 together", who, "3 times", refresh=False)
    return await three.do(three.people.dialog_text, who)


async def test_batch_presses_each_pair_that_was_shown_and_still_ticked(three: TeamsWorld):
    assert "R-2" in await opened(three)
    drifted = waiting(1)
    changed = drifted.run.proposal.model_copy(update={"round": 2})
    three.memory.shown["R-1"] = replace(
        drifted, run=drifted.run.model_copy(update={"proposal": changed})
    )
    await three.do(three.people.fill_and_submit, "lead", {"run_1": False})
    assert "2 of 2 approvals recorded" in await three.do(three.people.dialog_text, "lead")
    assert [(c.verb, c.run_id, c.digest) for c in three.memory.clicks] == [
        (Verb.APPROVE, "R-1", waiting(1).run.proposal.digest),  # as shown, not as it is now
        (Verb.APPROVE, "R-3", waiting(3).run.proposal.digest),
    ]
    assert {c.person.name for c in three.memory.clicks} == {"Lee Park"}
    assert all(c.person.roles == ("support", "support-lead") for c in three.memory.clicks)
    assert three.memory.messages == []


async def test_the_result_says_line_by_line_what_did_not_count(three: TeamsWorld):
    def press(click: Click) -> Reply:
        three.memory.clicks.append(click)
        is_changed = click.run_id == "R-2"
        return Reply("The plan changed since." if is_changed else "", is_refusal=is_changed)

    three.memory.press = press
    await opened(three)
    await three.do(three.people.fill_and_submit, "lead", {})
    said = await three.do(three.people.dialog_text, "lead")
    assert "2 of 3 approvals recorded" in said
    assert "✗ order 1043 (R-2): not counted. The plan changed since." in said
    assert "✓ order 1043 (R-1): your approval is recorded" in said


async def test_nothing_ticked_is_nothing_approved(three: TeamsWorld):
    await opened(three)
    inputs = {f"run_{at}": False for at in range(3)}
    await three.do(three.people.fill_and_submit, "lead", inputs)
    assert "nothing was approved" in await three.do(three.people.dialog_text, "lead")
    assert three.memory.clicks == []


async def test_a_batch_that_cannot_be_read_says_so(three: TeamsWorld):
    def batch(account: object) -> None:
        raise RuntimeError("the directory did not answer")

    three.memory.batch = batch
    await three.do(three.people.say, "batch", "lead")
    await three.said("I cannot look that up right now", "lead", "personal")


async def test_guests_are_shown_nothing(three: TeamsWorld):
    await three.do(three.people.say, "batch", "guest")
    await three.said("guest accounts cannot", "guest", "personal")
    value = {"data": {"verb": "review_batch"}}
    answer = await three.forge(three.invoke("task/fetch", value, "guest"))
    assert "guest accounts cannot" in str(answer["body"])
    assert "order 1043" not in str(answer["body"])


async def test_a_batch_opens_from_the_home_card(three: TeamsWorld):
    await three.do(three.people.say, "home", "lead")
    await three.said("Waiting for you", "lead", "personal")
    await three.do(three.people.press, "Review 3 together", "lead", "Waiting for you")
    assert "R-3" in await three.do(three.people.dialog_text, "lead")


async def test_where_nothing_waits_there_is_nothing_to_open(three: TeamsWorld):
    three.memory.shown = {}
    await three.do(three.people.say, "batch", "lead")
    await three.said("Nothing waits for you that could be reviewed", "lead", "personal")


@pytest.mark.slow
async def test_a_batch_that_takes_longer_than_teams_waits_is_said_later(three: TeamsWorld):
    three.memory.delay_seconds = 1.0
    await opened(three)
    await three.do(three.people.fill_and_submit, "lead", {})
    assert "I am still at it" in await three.do(three.people.dialog_text, "lead")
    await three.said("3 of 3 approvals are recorded", "lead", "personal")
    assert len(three.memory.clicks) == 3


@pytest.mark.parametrize("pairs", ["", "x", "R 1:zz", ",,,", "R-1", 5, None, ["R-1:ab"]])
async def test_forged_pairs_name_nothing(three: TeamsWorld, pairs: Any):
    data = {"form": "batch", "pairs": pairs, "run_0": "yes", "run_1": "yes"}
    answer = await three.forge(three.invoke("task/submit", {"data": data}))
    assert "nothing was approved" in str(answer["body"])
    assert three.memory.clicks == []
