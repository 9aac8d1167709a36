"""Reviewing together: what was shown is what is pressed, each run for itself."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from bot.incoming import Reply, Verb
from bot.surfaces import slack_batch, slack_modals
from bot.surfaces.home import HomeView
from store.model.values import Json
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES

URL = "http://127.0.0.1:8000/"


def waiting(number: int):
    """The waiting refund as another run."""
    story = STORIES["waiting_0_of_2"]
    proposal = PROPOSAL.model_copy(update={"run_id": f"R-{number}"})
    run = story.run.model_copy(update={"id": f"R-{number}", "proposal": proposal})
    return replace(story, run=run)


async def window(world, who, wanted) -> Json:
    async with asyncio.timeout(6):
        while True:
            view = await world.do(world.people.modal, who)
            if view is not None and wanted in json.dumps(view, ensure_ascii=False):
                return view
            await asyncio.sleep(0.02)


@pytest.fixture
def three(one_world):
    """A world in which three similar refunds wait."""
    one_world.memory.shown = {f"R-{n}": waiting(n) for n in (1, 2, 3)}
    return one_world


async def test_batch_presses_each_pair_that_was_shown_and_still_ticked(three):
    assert await three.do(three.people.command, "/assent batch", "lead") == ""
    await window(three, "lead", "Approve all 3")
    drifted = waiting(1)
    changed = drifted.run.proposal.model_copy(update={"round": 2})
    three.memory.shown["R-1"] = replace(
        drifted, run=drifted.run.model_copy(update={"proposal": changed})
    )
    await three.do(three.people.submit, "lead", {"run_1": []})
    await window(three, "lead", "2 of 2 approvals recorded")
    pressed = [(c.verb, c.run_id, c.digest) for c in three.memory.clicks]
    assert pressed == [
        (Verb.APPROVE, "R-1", waiting(1).run.proposal.digest),  # as shown, not as it is now
        (Verb.APPROVE, "R-3", waiting(3).run.proposal.digest),
    ]
    assert {c.person.name for c in three.memory.clicks} == {"Lee Park"}
    assert all(c.person.roles == ("support", "support-lead") for c in three.memory.clicks)


async def test_the_button_says_how_many_are_ticked(three):
    await three.do(three.people.command, "/assent batch", "lead")
    view = await window(three, "lead", "Approve all 3")
    use = {"block_id": "run_1", "action_id": "include", "value": []}
    body = {"as": "lead", "view_id": view["id"], **use, "values": {"run_1": {"include": []}}}
    await three.do(three.people._post, "view-action", body)
    view = await window(three, "lead", "Approve 2 of 3")
    ticks = [
        "initial_options" in block["accessory"] for block in view["blocks"] if "accessory" in block
    ]
    assert ticks == [True, False, True]


async def test_the_result_says_line_by_line_what_did_not_count(three):
    def press(click):
        three.memory.clicks.append(click)
        is_changed = click.run_id == "R-2"
        return Reply("The plan changed since." if is_changed else "", is_refusal=is_changed)

    three.memory.press = press
    await three.do(three.people.command, "/assent batch", "lead")
    await window(three, "lead", "Approve all 3")
    await three.do(three.people.submit, "lead", {})
    view = await window(three, "lead", "2 of 3 approvals recorded")
    said = json.dumps(view, ensure_ascii=False)
    assert "✗ order 1043 (R-2): not counted. The plan changed since." in said
    assert "✓ order 1043 (R-1): your approval is recorded" in said
    assert view["submit"] is None


async def test_nothing_ticked_is_nothing_approved(three):
    await three.do(three.people.command, "/assent batch", "lead")
    await window(three, "lead", "Approve all 3")
    await three.do(three.people.submit, "lead", {"run_0": [], "run_1": [], "run_2": []})
    await window(three, "lead", "nothing was approved")
    assert three.memory.clicks == []


async def test_a_batch_that_cannot_be_read_says_so_instead_of_waiting_forever(three):
    def batch(account):
        raise RuntimeError("the directory did not answer")

    three.memory.batch = batch
    await three.do(three.people.command, "/assent batch", "lead")
    await window(three, "lead", "I cannot look that up right now")


async def test_guests_are_shown_nothing(three):
    assert "guest accounts cannot" in await three.do(three.people.command, "/assent batch", "guest")
    assert await three.do(three.people.modal, "guest") is None


async def test_a_batch_opens_from_the_home_page(three):
    await three.do(three.people.home, "lead")
    async with asyncio.timeout(6):
        while "Review 3 together" not in await three.do(three.people.home, "lead"):
            await asyncio.sleep(0.05)
    await three.do(three.people.press_home, "Review 3 together", "lead")
    await window(three, "lead", "Approve all 3")


def test_home_offers_it_from_two_runs_of_one_workflow_on():
    other = waiting(2)
    other = replace(other, run=other.run.model_copy(update={"workflow": "cancel-order"}))
    one_each = slack_modals.home(HomeView((waiting(1), other), ()), URL)
    assert "together" not in json.dumps(one_each)
    two = slack_modals.home(HomeView((waiting(1), waiting(2), other), ()), URL)
    assert "Review 2 together" in json.dumps(two)


def test_lines_that_the_metadata_has_no_room_for_are_not_shown():
    views = [waiting(int("9" * 55) + n) for n in range(25)]
    view = slack_batch.batch_form(views, views[0].now)
    pairs = view["private_metadata"].split(",")
    lines = [block for block in view["blocks"] if block.get("block_id")]
    assert len(lines) == len(pairs) == 20
    assert "and 5 more" in json.dumps(view)
    assert "Approve all 20" in json.dumps(view)


def test_forged_metadata_names_nothing():
    ticked = {"run_0": {"include": {"selected_options": [{"value": "yes"}]}}}
    for forged in ("", "x", "R 1:zz", ",,,", "R-1"):
        assert slack_batch.ticked(forged, ticked) == ()
    for odd in (None, "odd", {}, {"run_0": {"include": "x"}}, {"run_0": "x"}):
        assert slack_batch.ticked("R-1:ab", odd) == ()
