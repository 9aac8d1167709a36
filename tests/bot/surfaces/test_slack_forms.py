"""Edit, ask, reply and take back: what a person fills in arrives as a click, a refusal stays."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from bot.cards import block_kit, forms
from bot.cards.forms import FormKind
from bot.cards.run_card import run_card
from bot.incoming import Reply, Verb
from bot.surfaces import slack_forms
from bot.workspace.storage import column
from tests.bot.cards.one_refund import PROPOSAL, SKIPPABLE
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.test_slack_modals import ORIGIN


async def _card(world, story="waiting_1_of_2"):
    world.memory.shown["R-20391"] = STORIES[story]
    return await world.surface.post(world.place(), block_kit.render(run_card(STORIES[story])))


async def _click(world):
    return (await world.until(lambda: world.memory.clicks))[0]


async def _modal(world, who, wanted):
    async with asyncio.timeout(6):
        while True:
            view = await world.do(world.people.modal, who)
            if view is not None and wanted in json.dumps(view):
                return view
            await asyncio.sleep(0.02)


async def test_an_edit_sends_the_changed_fields_and_the_ticked_steps(world):
    await _card(world)
    inputs = {"amount": "$35.00", "reason": "late", "Leave out": ["close"]}
    await world.do(world.people.press, "Edit…", "lead", "R-20391", inputs=inputs)
    click = await _click(world)
    assert (click.verb, click.run_id, click.digest) == (Verb.EDIT, "R-20391", PROPOSAL.digest)
    assert click.values == (("amount", "$35.00"), ("reason", "late"))
    assert click.skip == ("close",)
    assert click.person.roles == ("support", "support-lead")


async def test_an_edit_form_holds_what_the_plan_holds(one_world):
    await _card(one_world)
    await one_world.do(one_world.people.press, "edit", "agent", "R-20391")
    view = await _modal(one_world, "agent", "Show the new plan")
    values = view["state"]["values"]
    assert values["slot_0"]["value"]["value"] == "$40.00"
    assert values["slot_1"]["value"]["selected_option"]["text"]["text"] == "damaged"
    assert values["skip_0"]["value"]["selected_options"] == []


async def test_fields_that_were_not_touched_are_not_sent(one_world):
    await _card(one_world)
    inputs = {"amount": "$35.00"}
    await one_world.do(one_world.people.press, "Edit…", "agent", "R-20391", inputs=inputs)
    assert (await _click(one_world)).values == (("amount", "$35.00"),)


async def test_steps_that_are_left_out_already_stay_so_until_they_are_unticked(one_world):
    proposal = PROPOSAL.model_copy(update={"skipped": ("close",)})
    story = STORIES["waiting_0_of_2"]
    shown = replace(story, run=story.run.model_copy(update={"proposal": proposal}))
    one_world.memory.shown["R-20391"] = shown
    await one_world.surface.post(one_world.place(), block_kit.render(run_card(shown)))
    press = one_world.people.press
    await one_world.do(press, "Edit…", "agent", "R-20391", inputs={"amount": "$35.00"})
    assert (await _click(one_world)).skip == ("close",)
    await one_world.do(press, "Edit…", "agent", "R-20391", inputs={"Leave out": []})
    await one_world.until(lambda: len(one_world.memory.clicks) == 2)
    assert one_world.memory.clicks[1].skip == ()


async def test_an_edit_without_a_change_stays_in_the_window(one_world):
    await _card(one_world)
    with pytest.raises(Exception, match="Nothing is changed"):
        await one_world.do(one_world.people.press, "Edit…", "lead", "R-20391", inputs={})
    assert one_world.memory.clicks == []


async def test_a_refused_value_is_told_beside_its_field(one_world):
    await _card(one_world)
    one_world.memory.reply = Reply("Reason must be one of damaged, late.", is_refusal=True)
    inputs = {"amount": "$35.00"}
    with pytest.raises(Exception, match=r"slot_1: Reason must be one of"):
        await one_world.do(one_world.people.press, "Edit…", "lead", "R-20391", inputs=inputs)
    assert (await one_world.do(one_world.people.modal, "lead")) is not None


async def test_a_question_is_asked_from_the_menu_and_replied_to_from_the_row(one_world):
    await _card(one_world)
    inputs = {"text": "Is this the second box?"}
    await one_world.do(one_world.people.press, "Ask Dana…", "lead", "R-20391", inputs=inputs)
    asked = await _click(one_world)
    assert (asked.verb, asked.text) == (Verb.ASK, "Is this the second box?")

    await _card(one_world, "question_open")
    inputs = {"Your reply": "Yes."}
    await one_world.do(one_world.people.press, "Reply…", "agent", "R-20391", inputs=inputs)
    await one_world.until(lambda: len(one_world.memory.clicks) == 2)
    replied = one_world.memory.clicks[1]
    assert (replied.verb, replied.text, replied.digest) == (Verb.REPLY, "Yes.", PROPOSAL.digest)


@pytest.mark.parametrize(
    ("button", "verb"),
    [
        ("Take back my approval", Verb.WITHDRAW),
        ("withdraw", Verb.WITHDRAW),
        ("Cancel the request", Verb.CANCEL),
        ("cancel", Verb.CANCEL),
    ],
)
async def test_the_menu_carries_the_run_and_the_digest(one_world, button, verb):
    await _card(one_world)
    await one_world.do(one_world.people.press, button, "lead", "R-20391")
    click = await _click(one_world)
    assert (click.verb, click.run_id, click.digest) == (verb, "R-20391", PROPOSAL.digest)


async def test_a_forged_option_does_nothing(one_world):
    ts = await _card(one_world)
    storage = one_world.server.workspace.storage
    stored = storage.row("SELECT document FROM messages WHERE ts = ?", ts)
    body = json.loads(stored[0])
    menu = body["blocks"][-1]["elements"][-1]
    for forged in ("explode R-20391:ab", "withdraw", "withdraw nonsense here"):
        menu["options"][0]["value"] = forged
        storage.run("UPDATE messages SET document = ? WHERE ts = ?", column(body), ts)
        await one_world.do(one_world.people.press, menu["options"][0]["text"]["text"], "lead", ts)
    await one_world.do(one_world.people.wait_for, "I do not know that button", "lead")
    assert one_world.memory.clicks == []


@pytest.mark.parametrize(
    ("button", "story", "said"),
    [
        ("Edit…", "applied", "is applied already"),
        ("Ask Dana…", "expired", "is expired already"),
        ("Reply…", "question_answered", "Nobody waits for a reply any more."),
    ],
)
async def test_a_window_that_comes_too_late_says_so(one_world, button, story, said):
    await _card(one_world, "question_open")
    one_world.memory.shown["R-20391"] = STORIES[story]
    await one_world.do(one_world.people.press, button, "lead", "R-20391")
    await _modal(one_world, "lead", said)


async def test_a_window_whose_run_cannot_be_read_says_so(one_world):
    await _card(one_world)

    def view(run_id):
        raise RuntimeError("the store is away")

    one_world.memory.view = view
    await one_world.do(one_world.people.press, "Edit…", "lead", "R-20391")
    await _modal(one_world, "lead", "I cannot look that up right now")


def test_values_that_are_not_of_the_form_are_left_alone():
    fields = forms.fields(FormKind.EDIT, STORIES["waiting_0_of_2"])
    for odd in (None, "odd", {}, [], {"slot_9": {"value": {"value": "x"}}}, {"slot_0": "x"}):
        assert slack_forms.filled(fields, odd) == {"skip": ()}
    for forged in ("99", "-1", "", "١", "9" * 5_000, "x", None, {"a": 1}):
        chosen = {"slot_1": {"value": {"selected_option": {"value": forged}}}}
        assert slack_forms.filled(fields, chosen) == {"skip": ()}
    for odd in ("odd", {"value": "0"}, ["odd", None, {"value": "7:x"}, {"value": None}]):
        ticked = {"skip_0": {"value": {"selected_options": odd}}}
        assert slack_forms.filled(fields, ticked) == {"skip": ()}


def test_what_is_filled_in_is_read_by_the_fields_of_the_form():
    fields = forms.fields(FormKind.EDIT, STORIES["waiting_0_of_2"])
    values = {
        "slot_0": {"value": {"value": " $35.00"}},
        "slot_1": {"value": {"selected_option": {"value": "0"}}},
        "skip_0": {"value": {"selected_options": [{"value": "0:close"}]}},
    }
    choices = STORIES["waiting_0_of_2"].fields[1].choices
    assert slack_forms.filled(fields, values) == {
        "slot_0": " $35.00",
        "slot_1": choices[0][0],
        "skip": (SKIPPABLE[0][0],),
    }


def test_ticks_beyond_ten_stand_in_groups_and_are_read_from_all_of_them():
    steps = tuple((f"step-{number}", f"Step {number}") for number in range(25))
    shown = replace(STORIES["waiting_0_of_2"], skippable=steps)
    form = forms.form(FormKind.EDIT, shown)
    blocks = slack_forms.render(form, ORIGIN)["blocks"]
    groups = [block for block in blocks if block.get("block_id", "").startswith("skip")]
    assert [len(block["element"]["options"]) for block in groups] == [10, 10, 5]
    ticked = {
        block["block_id"]: {"value": {"selected_options": [block["element"]["options"][-1]]}}
        for block in groups
    }
    assert slack_forms.filled(form.fields, ticked)["skip"] == ("step-9", "step-19", "step-24")


def test_an_error_stands_beside_a_field_that_the_window_has():
    shown = slack_forms.render(forms.form(FormKind.EDIT, STORIES["waiting_0_of_2"]), ORIGIN)
    blocks = shown["blocks"]
    said = "Nothing is changed."
    assert slack_forms.errors({"skip": said}, blocks) == {"skip_0": said}
    assert slack_forms.errors({"slot_1": said}, blocks) == {"slot_1": said}
    assert slack_forms.errors({"slot_7": said}, blocks) == {"slot_0": said}
    for odd in (None, "odd", [], ["odd", None]):
        assert slack_forms.errors({"slot_1": said}, odd) == {"slot_1": said}


@pytest.mark.parametrize("button", ["Edit…", "Reject…"])
async def test_a_form_that_cannot_be_read_anymore_stays_open_and_says_so(one_world, button):
    await _card(one_world)
    await one_world.do(one_world.people.press, button, "lead", "R-20391")
    view = await _modal(one_world, "lead", '"type": "input"')

    def away(run_id):
        raise RuntimeError("the store is away")

    one_world.memory.view = away
    with pytest.raises(Exception, match="I could not record that"):
        await one_world.do(one_world.people.submit, "lead", {})
    assert (await one_world.do(one_world.people.modal, "lead"))["id"] == view["id"]
    assert one_world.memory.clicks == []
