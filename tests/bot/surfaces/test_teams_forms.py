"""Dialogs: what a person fills in arrives as a click, a refusal stays with what was typed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.incoming import Reply, Verb
from bot.workspace.teams import seed
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.teams_world import RUN, SUPPORT_OPS, TeamsWorld

pytestmark = pytest.mark.slow

VALUE = f"{RUN}:{PROPOSAL.digest}"


async def fill(teams: TeamsWorld, button: str, who: str, inputs: dict[str, Any]) -> Any:
    return await teams.do(teams.people.press, button, who, RUN, inputs=inputs, refresh=False)


async def test_reject_asks_for_a_reason_and_records_it(teams: TeamsWorld):
    await teams.card()
    inputs = {"reason": "outside 30 days", "text": "43 days"}
    assert (await fill(teams, "Reject…", "finance", inputs))["kind"] == "closed"
    (click,) = teams.memory.clicks
    assert (click.verb, click.text) == (Verb.REJECT, "outside 30 days: 43 days")
    assert (click.digest, click.place.channel) == (PROPOSAL.digest, SUPPORT_OPS)
    assert click.person.roles == ("finance-lead",)
    assert await teams.do(teams.people.dialog, "finance") is None


async def test_a_rejection_without_a_reason_is_asked_again(teams: TeamsWorld):
    await teams.card()
    answer = await fill(teams, "Reject…", "lead", {})
    assert answer["kind"] == "dialog"
    assert "Choose a reason" in await teams.do(teams.people.dialog_text, "lead")
    assert teams.memory.clicks == []


async def test_a_refused_rejection_stays_in_the_dialog_with_what_was_typed(teams: TeamsWorld):
    await teams.card()
    teams.memory.reply = Reply("You asked for this **yourself**.", is_refusal=True)
    inputs = {"text": "no, because"}
    assert (await fill(teams, "Reject…", "agent", inputs))["kind"] == "dialog"
    assert "You asked for this **yourself**." in await teams.do(teams.people.dialog_text, "agent")
    fields = await teams.do(teams.people.fields, "agent")
    assert "no, because" in fields.values()
    teams.memory.reply = Reply("")
    await teams.do(teams.people.fill_and_submit, "agent", {})
    assert [click.text for click in teams.memory.clicks] == ["no, because"] * 2


async def test_an_edit_sends_the_changed_fields_and_the_ticked_steps(teams: TeamsWorld):
    await teams.card()
    inputs = {"slot_0": "$35.00", "slot_1": "late", "Leave out (optional)": ["ticket T-882"]}
    await fill(teams, "Edit…", "lead", inputs)
    (click,) = teams.memory.clicks
    assert (click.verb, click.run_id, click.digest) == (Verb.EDIT, RUN, PROPOSAL.digest)
    assert click.values == (("amount", "$35.00"), ("reason", "late"))
    assert click.skip == ("close",)


async def test_an_edit_form_holds_what_the_plan_holds(teams: TeamsWorld):
    await teams.card()
    await teams.do(teams.people.press, "Edit…", "agent", RUN, refresh=False)
    fields = await teams.do(teams.people.fields, "agent")
    assert "$40.00" in fields.values()
    assert teams.memory.clicks == []


async def test_fields_that_were_not_touched_are_not_sent(teams: TeamsWorld):
    await teams.card()
    await fill(teams, "Edit…", "agent", {"slot_0": "$35.00"})
    assert [click.values for click in teams.memory.clicks] == [(("amount", "$35.00"),)]


async def test_steps_that_are_left_out_already_stay_so_until_they_are_unticked(teams: TeamsWorld):
    await teams.card("waiting_0_of_2")
    proposal = PROPOSAL.model_copy(update={"skipped": ("close",)})
    story = STORIES["waiting_0_of_2"]
    run = story.run.model_copy(update={"proposal": proposal})
    teams.memory.shown[RUN] = replace(story, run=run)
    await fill(teams, "Edit…", "agent", {"slot_0": "$35.00"})
    await fill(teams, "Edit…", "agent", {"skip": []})
    assert [click.skip for click in teams.memory.clicks] == [("close",), ()]


async def test_an_edit_without_a_change_stays_in_the_dialog(teams: TeamsWorld):
    await teams.card()
    assert (await fill(teams, "Edit…", "lead", {}))["kind"] == "dialog"
    assert "Nothing is changed" in await teams.do(teams.people.dialog_text, "lead")
    assert teams.memory.clicks == []


async def test_a_refused_value_is_told_above_its_field(teams: TeamsWorld):
    await teams.card()
    teams.memory.reply = Reply("Reason must be one of damaged, late.", is_refusal=True)
    await fill(teams, "Edit…", "lead", {"slot_0": "$35.00"})
    dialog = await teams.do(teams.people.dialog, "lead")
    body = dialog["card"]["body"]
    at = next(i for i, each in enumerate(body) if "Reason must be one of" in json.dumps(each))
    assert body[at + 1]["id"] == "slot_1"
    assert next(each for each in body if each.get("id") == "slot_0")["value"] == "$35.00"


async def test_a_question_is_asked_and_replied_to(teams: TeamsWorld):
    await teams.card()
    await fill(teams, "Ask Dana…", "lead", {"text": "Is this the second box?"})
    await teams.card("question_open")
    await fill(teams, "Reply…", "agent", {"text": "Yes."})
    assert [(click.verb, click.text) for click in teams.memory.clicks] == [
        (Verb.ASK, "Is this the second box?"),
        (Verb.REPLY, "Yes."),
    ]


async def test_an_answer_can_be_typed_into_a_form(teams: TeamsWorld):
    await teams.card("asking_in_words")
    await fill(teams, "Answer…", "agent", {"text": "forty dollars"})
    (click,) = teams.memory.clicks
    assert (click.verb, click.digest, click.text) == (Verb.ANSWER, "amount", "forty dollars")


async def test_what_the_flow_says_to_a_form_is_said_as_it_closes(teams: TeamsWorld):
    await teams.card()
    teams.memory.reply = Reply("Dana reads it in the thread.")
    answer = await fill(teams, "Ask Dana…", "lead", {"text": "Which box?"})
    assert (answer["kind"], answer["text"]) == ("message", "Dana reads it in the thread.")


@pytest.mark.parametrize(
    ("button", "story", "said"),
    [
        ("Edit…", "applied", "is applied already"),
        ("Ask Dana…", "expired", "is expired already"),
        ("Reply…", "question_answered", "Nobody waits for a reply any more."),
    ],
)
async def test_a_dialog_that_comes_too_late_says_so(
    teams: TeamsWorld, button: str, story: str, said: str
):
    await teams.card("question_open")
    teams.memory.shown[RUN] = STORIES[story]
    await teams.do(teams.people.press, button, "lead", RUN, refresh=False)
    assert said in await teams.do(teams.people.dialog_text, "lead")


async def test_a_form_submitted_after_its_run_has_settled_is_refused_in_it(teams: TeamsWorld):
    await teams.card()
    await teams.do(teams.people.press, "Reject…", "lead", RUN, refresh=False)
    teams.memory.shown[RUN] = STORIES["applied"]
    teams.memory.reply = Reply(f"{RUN} is applied; nothing can be rejected.", is_refusal=True)
    await teams.do(teams.people.fill_and_submit, "lead", {"text": "too late"})
    assert "nothing can be rejected" in await teams.do(teams.people.dialog_text, "lead")


async def test_details_open_and_their_pages_turn(teams: TeamsWorld):
    await teams.card()
    await teams.do(teams.people.press, "Details", "lead", RUN)
    first = await teams.do(teams.people.dialog_text, "lead")
    assert "page 1 of 3" in first
    assert PROPOSAL.digest in first
    await teams.do(teams.people.fill_and_submit, "lead", {}, "Next")
    second = await teams.do(teams.people.dialog_text, "lead")
    assert "page 2 of 3" in second
    assert "payment pay_7731" in second
    await teams.do(teams.people.fill_and_submit, "lead", {}, "Previous")
    assert "page 1 of 3" in await teams.do(teams.people.dialog_text, "lead")


@pytest.mark.parametrize(
    ("who", "reason"), [("guest", "guest accounts"), ("stranger", "another organisation")]
)
async def test_outsiders_are_shown_no_details(teams: TeamsWorld, who: str, reason: str):
    await teams.card()
    for button in ("Details", "Edit…"):
        await teams.do(teams.people.press, button, who, RUN, refresh=False)
        shown = await teams.do(teams.people.dialog_text, who)
        assert reason in shown
        assert "$40" not in shown


async def test_a_dialog_whose_run_cannot_be_read_says_so(teams: TeamsWorld):
    await teams.card()

    def view(run_id: str) -> None:
        raise RuntimeError("the store is away")

    teams.memory.view = view
    await teams.do(teams.people.press, "Edit…", "lead", RUN, refresh=False)
    shown = await teams.do(teams.people.dialog_text, "lead")
    assert "I cannot look that up right now" in shown


async def test_a_form_that_could_not_be_recorded_stays_and_says_so(teams: TeamsWorld):
    await teams.card()
    teams.memory.failing = RuntimeError("the store is away")
    assert (await fill(teams, "Ask Dana…", "lead", {"text": "Which box?"}))["kind"] == "dialog"
    assert "I could not record that" in await teams.do(teams.people.dialog_text, "lead")
    assert "Which box?" in (await teams.do(teams.people.fields, "lead")).values()


@pytest.mark.slow
async def test_a_form_that_takes_longer_than_teams_waits_is_said_later(teams: TeamsWorld):
    await teams.card()
    teams.memory.delay_seconds = 2.8
    teams.memory.reply = Reply("That question is asked already.", is_refusal=True)
    assert (await fill(teams, "Ask Dana…", "lead", {"text": "Which box?"}))["kind"] == "closed"
    await teams.said("That question is asked already.", "lead", "personal")
    assert len(teams.memory.clicks) == 1


FORGED_FETCHES = [
    {"verb": "explode", "press": VALUE},
    {"verb": "approve", "press": VALUE},
    {"verb": "reject", "press": "nonsense"},
    {"verb": ["reject"], "press": VALUE},
    {"verb": "reject"},
    {},
    "reject",
    None,
]


@pytest.mark.parametrize("data", FORGED_FETCHES, ids=range(len(FORGED_FETCHES)))
async def test_a_forged_fetch_opens_nothing(teams: TeamsWorld, data: Any):
    answer = await teams.forge(teams.invoke("task/fetch", {"data": data}))
    assert (answer["status"], answer["body"]["task"]["type"]) == (200, "message")
    assert "I do not know that button" in answer["body"]["task"]["value"]


FORGED_SUBMITS = [
    {"form": "explode", "press": VALUE},
    {"form": "reject", "press": "nonsense"},
    {"form": ["reject"], "press": VALUE, "text": "x"},
    {"form": "reject", "text": "x"},
    {"form": "request", "request": "refund", "press": VALUE},
    {},
    "reject",
    None,
]


@pytest.mark.parametrize("data", FORGED_SUBMITS, ids=range(len(FORGED_SUBMITS)))
async def test_a_forged_submission_does_nothing(teams: TeamsWorld, data: Any):
    answer = await teams.forge(teams.invoke("task/submit", {"data": data}))
    assert answer["status"] == 200
    assert "I do not know that form" in answer["body"]["task"]["value"]
    assert teams.memory.clicks == []
    assert teams.memory.messages == []


@pytest.mark.parametrize(
    "odd", [{"a": 1}, ["x"], 5, None, "9" * 5_000, "0-ffffffff", "-1", "1", "١"]
)
async def test_values_that_are_not_of_the_form_count_as_not_sent(teams: TeamsWorld, odd: Any):
    data = {
        "form": "edit",
        "press": VALUE,
        "slot_1": odd,
        "skip": odd,
        "slot_9": "x",
        "amount": "$1.00",
        "user": seed.OBJECT_IDS["lead"],
    }
    answer = await teams.forge(teams.invoke("task/submit", {"data": data}, "agent"))
    assert "Nothing is changed" in json.dumps(answer["body"])
    assert teams.memory.clicks == []


async def test_a_form_of_a_run_that_is_not_there_is_refused_by_the_flow(teams: TeamsWorld):
    teams.memory.reply = Reply("I know no run R-9.", is_refusal=True)
    data = {"form": "ask", "press": "R-9:ab", "text": "hello"}
    answer = await teams.forge(teams.invoke("task/submit", {"data": data}))
    assert "I know no run R-9." in json.dumps(answer["body"])
