"""Modals and the home page: within Slack's limits whatever texts hold, and read back as written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.cards import forms, press
from bot.cards.batch import Outcome
from bot.cards.forms import FormKind
from bot.incoming import Reply
from bot.surfaces import slack_batch, slack_forms, slack_modals, slack_views
from bot.surfaces.home import HomeView
from bot.surfaces.slack_views import Origin
from tests.bot.cards import slack_limits
from tests.bot.cards.hostile_words import with_text
from tests.bot.cards.stories import STORIES

HOSTILE = (
    "<!channel> <https://evil.example|bank> & *bold* :tada:",
    "\u202eabc\u200b\x00\n\n",
    "<" * 40_000,
    '"\\' * 5_000,
    "",
)
ORIGIN = Origin(press.Press("R-20391", "ab" * 32), "C0SUPPORTOP", "1763728863.000100", "1.2")
URL = "http://127.0.0.1:8000/"


def view_faults(view) -> list[str]:
    """Faults of a view: its own texts, its blocks, everything shown in its inputs."""
    shown = [block for block in view["blocks"] if block["type"] != "input"]
    faults = slack_limits.faults(shown, blocks_max=100)
    # The characters over all blocks are a limit of messages, not of views.
    found = [fault for fault in faults if "over all blocks" not in fault]
    if len(view["blocks"]) > 100:
        found.append("blocks")
    labels = [view[name] for name in ("title", "submit", "close") if name in view]
    found += [str(label) for label in labels if not 1 <= slack_limits.utf16(label["text"]) <= 24]
    if slack_limits.utf16(view.get("private_metadata", "")) > 3_000:
        found.append("private_metadata")
    ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]
    if len(ids) != len(set(ids)):
        found.append("a block_id twice")
    for block in view["blocks"]:
        if block["type"] == "input":
            found += slack_limits.input_faults(block)
        if "accessory" in block:
            found += slack_limits.element_faults(block["accessory"])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_keeps_every_view_within_slacks_limits(hostile):
    shown = with_text(STORIES["waiting_1_of_2"], hostile)
    shown = replace(shown, reject_reasons=(hostile,) * 200)
    asking = with_text(STORIES["asking_in_words"], hostile)
    home = slack_modals.home(HomeView((shown,) * 60, (shown,) * 60), URL)
    views = [
        *(
            slack_forms.render(forms.form(kind, view, slot), ORIGIN)
            for kind, view, slot in (
                (FormKind.REJECT, shown, ""),
                (FormKind.ANSWER, asking, asking.run.question.slot),
                (FormKind.EDIT, shown, ""),
                (FormKind.ASK, shown, ""),
                (FormKind.REPLY, with_text(STORIES["question_open"], hostile), ""),
                (FormKind.REVIEW, shown, ""),
            )
        ),
        slack_batch.batch_form((shown,) * 60, shown.now),
        slack_batch.outcome(
            tuple(
                Outcome("R-1", hostile, Reply(hostile, is_refusal=True), shown) for _ in range(20)
            )
        ),
        slack_views.message("Reject", hostile or "x"),
        slack_modals.details_page(shown, 0),
        slack_modals.details_page(shown, 999),
        home,
    ]
    for view in views:
        assert view_faults(view) == []
    assert "40 more" in json.dumps(home)


def test_origin_survives_the_modal_and_forged_metadata_is_none():
    assert slack_views.origin(ORIGIN.metadata()) == ORIGIN
    for forged in ("", "|||", "R-1|C|1|1", "R-1:zz zz|C|1|1", "x" * 3_000):
        assert slack_views.origin(forged) is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"reason": {"value": {"selected_option": {"value": "1"}}}}, "outside 30 days"),
        ({"text": {"value": {"value": "  because "}}}, "because"),
        (
            {
                "reason": {"value": {"selected_option": {"value": "0"}}},
                "text": {"value": {"value": "43 $"}},
            },
            "wrong amount: 43 $",
        ),
        ({"reason": {"value": {"selected_option": {"value": "9"}}}}, ""),
        ({"reason": {"value": {"selected_option": {"value": "-1"}}}}, ""),
        ({"reason": {"value": {"selected_option": None}}}, ""),
        ({}, ""),
        (None, ""),
        ("odd", ""),
    ],
)
def test_reason_is_the_chosen_one_and_the_persons_words(values, reason):
    shown = STORIES["waiting_1_of_2"]
    filled = slack_forms.filled(forms.fields(FormKind.REJECT, shown), values)
    assert forms.read(FormKind.REJECT, shown, filled).text == reason


def test_open_leads_to_the_thread_and_only_to_a_well_formed_one():
    shown = STORIES["waiting_1_of_2"]
    assert f"{URL}archives/C0SUPPORT/p1763728863000100" in json.dumps(
        slack_modals.home(HomeView((shown,), ()), URL)
    )
    assert '"url"' not in json.dumps(slack_modals.home(HomeView((shown,), ()), "javascript:x"))


def test_an_empty_home_says_how_to_begin():
    shown = json.dumps(slack_modals.home(HomeView((), ()), URL))
    assert "Nothing waits for you." in shown
    assert "Mention me in a channel" in shown


async def test_pages_of_details_turn(one_world):
    from bot.cards import block_kit
    from bot.cards.run_card import run_card

    card = block_kit.render(run_card(STORIES["waiting_1_of_2"]))
    await one_world.surface.post(one_world.place(), card)
    await one_world.do(one_world.people.press, "Details", "lead", "R-20391")
    view = await _modal(one_world, "page 1 of 3")
    button = view["blocks"][-1]["elements"][-1]
    body = {
        "as": "lead",
        "view_id": view["id"],
        "block_id": view["blocks"][-1]["block_id"],
        "action_id": button["action_id"],
    }
    await one_world.do(one_world.people._post, "view-action", body)
    assert "payment pay_7731" in json.dumps(await _modal(one_world, "page 2 of 3"))


async def _modal(world, wanted):
    import asyncio

    async with asyncio.timeout(6):
        while True:
            view = await world.do(world.people.modal, "lead")
            if view is not None and wanted in json.dumps(view):
                return view
            await asyncio.sleep(0.02)
