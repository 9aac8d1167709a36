"""Buttons, dialogs and views of one's own, between people and a real botbuilder bot."""

import copy
from dataclasses import replace

import pytest
from botbuilder.schema import Activity

from bot.workspace.teams.client import ClientError
from tests.bot.workspace.teams_bot import (
    CARD,
    REASON_CARD,
    SUPPORT_OPS,
    card_answer,
    dialog,
    message,
    run_card,
    running,
    teams_settings,
)

pytestmark = pytest.mark.slow

RETURNS = "19:returns@thread.v2"


@pytest.fixture
async def world(tmp_path, unused_port):
    async with running(teams_settings(tmp_path / "state", unused_port)) as made:
        yield made


async def test_an_execute_carries_verb_and_data_and_the_inputs_of_the_card(world):
    card = run_card()
    card["body"].append({"type": "Input.Text", "id": "note", "label": "Note"})
    world.bot.answers["adaptiveCard/action"] = card_answer(run_card(note="for you"))
    posted = await world.post_card(card)
    await world.do(world.client.press, "Approve", "lead", "R-1", on_card={"Note": "fine"})
    got = await world.bot.until("invoke")
    assert got["name"] == "adaptiveCard/action"
    assert got["value"] == {
        "action": {
            "type": "Action.Execute",
            "verb": "approve",
            "data": {"press": "R-1", "note": "fine"},
        },
        "trigger": "manual",
    }
    assert got["replyToId"] == posted
    assert got["from"]["aadObjectId"] == world.teams["people"]["lead"]
    assert got["conversation"]["id"] == f"{SUPPORT_OPS};messageid={posted}"


async def test_an_answered_card_is_seen_by_who_pressed_alone_until_the_next_update(world):
    client = world.client
    world.bot.answers["adaptiveCard/action"] = card_answer(run_card(note="only for Lee"))
    posted = await world.post_card(run_card())
    answer = await world.do(client.press, "Approve", "lead", "R-1")
    assert answer == {"kind": "card", "text": ""}
    assert "only for Lee" in await world.do(client.card, "R-1", "lead")
    assert "only for Lee" not in await world.do(client.card, "R-1", "lead2")
    own = (await world.do(client.messages, "lead", "support-ops"))[0]
    assert own["is_own_view"]
    await world.connector.conversations.update_activity(
        SUPPORT_OPS, posted, message(run_card(note="for everybody"))
    )
    assert "for everybody" in await world.do(client.card, "R-1", "lead")


async def test_a_button_of_ones_own_view_is_pressed_by_its_person_alone(world):
    client = world.client
    own = run_card()
    own["actions"] = [{"type": "Action.Execute", "title": "Withdraw", "verb": "withdraw"}]
    world.bot.answers["adaptiveCard/action"] = card_answer(own)
    await world.post_card(run_card())
    await world.do(client.press, "Approve", "lead", "R-1")
    assert await world.do(client.buttons, "R-1", "lead") == ["Withdraw"]
    with pytest.raises(ClientError, match=r"no 'Withdraw' on .*; there are: Approve, Reject…"):
        await world.do(client.press, "Withdraw", "lead2", "R-1")
    with pytest.raises(ClientError, match=r"no 'Approve' on .*; there are: Withdraw"):
        await world.do(client.press, "Approve", "lead", "R-1")
    await world.do(client.press, "Withdraw", "lead", "R-1")
    assert world.bot.of("invoke")[-1]["value"]["action"]["verb"] == "withdraw"


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (
            {"type": "application/vnd.microsoft.activity.message", "value": "noted"},
            "message",
            "noted",
        ),
        (
            {
                "statusCode": 403,
                "type": "application/vnd.microsoft.error",
                "value": {"code": "403", "message": "not yours"},
            },
            "error",
            "not yours",
        ),
    ],
)
async def test_a_message_or_error_is_told_to_who_pressed_alone(world, answer, kind, text):
    world.bot.answers["adaptiveCard/action"] = {"statusCode": 200, **answer}
    await world.post_card(run_card())
    told = await world.do(world.client.press, "Approve", "lead", "R-1")
    assert told == {"kind": kind, "text": text}
    seen = (await world.do(world.client.messages, "lead", "support-ops"))[0]
    assert seen["said"] == told
    others = (await world.do(world.client.messages, "agent", "support-ops"))[0]
    assert others["said"] is None


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"statusCode": 200},
        {"type": CARD, "value": {"type": "AdaptiveCard", "version": "1.6", "body": []}},
        {"type": CARD, "value": {"type": "Nothing"}},
        {"type": "application/vnd.microsoft.activity.message", "value": {}},
        {"type": "application/vnd.microsoft.error", "value": "x"},
        [1],
        "x",
    ],
)
async def test_an_answer_that_teams_cannot_show_is_an_error_and_changes_nothing(world, answer):
    world.bot.answers["adaptiveCard/action"] = answer
    await world.post_card(run_card())
    with pytest.raises(ClientError, match=r"Something went wrong|Teams refuses"):
        await world.do(world.client.press, "Approve", "lead", "R-1")
    assert not (await world.do(world.client.messages, "lead", "support-ops"))[0]["is_own_view"]


async def test_a_client_without_universal_actions_sends_the_fallback(world):
    posted = await world.post_card(run_card())
    answer = await world.do(world.client.press, "Approve", "lead", "R-1", is_old_client=True)
    assert answer["kind"] == "sent"
    got = await world.bot.until("message")
    assert got["value"] == {"press": "R-1", "verb": "approve"}
    assert got["replyToId"] == posted
    assert "text" not in got


async def test_a_dialog_is_fetched_checked_by_the_client_and_submitted(world):
    client = world.client
    world.bot.answers["task/fetch"] = dialog(REASON_CARD)
    world.bot.answers["task/submit"] = None
    posted = await world.post_card(run_card())
    assert (await world.do(client.press, "Reject", "lead", "R-1"))["kind"] == "dialog"
    fetched = await world.bot.until("invoke", "task/fetch")
    data = {"msteams": {"type": "task/fetch"}, "verb": "reject", "press": "R-1"}
    assert fetched["value"] == {"data": data, "context": {"theme": "default"}}
    assert fetched["replyToId"] == posted
    assert await world.do(client.fields, "lead") == {"Reason": "", "Kind": "", "Tell them": "true"}
    with pytest.raises(ClientError, match=r"reason: Say why\."):
        await world.do(client.fill_and_submit, "lead", {"Kind": "late"})
    with pytest.raises(ClientError, match=r"reason: Say why\."):
        await world.do(client.fill_and_submit, "lead", {"Reason": "x" * 41})
    with pytest.raises(ClientError, match="is not a choice there"):
        await world.do(client.fill_and_submit, "lead", {"Reason": "x", "Kind": "sideways"})
    with pytest.raises(ClientError, match="has no field 'Colour'; there are: Reason, Kind"):
        await world.do(client.fill_and_submit, "lead", {"Colour": "red"})
    assert not world.bot.of("invoke", "task/submit")
    answer = await world.do(client.fill_and_submit, "lead", {"Reason": "no", "Kind": "Too late"})
    assert answer["kind"] == "closed"
    sent = (await world.bot.until("invoke", "task/submit"))["value"]
    assert sent["data"] == {"form": "reject", "reason": "no", "kind": "late", "tell": "true"}
    assert await world.do(client.dialog, "lead") is None


async def test_a_dialog_comes_back_with_what_is_wrong_and_keeps_to_its_person(world):
    client = world.client
    world.bot.answers["task/fetch"] = dialog(REASON_CARD)
    again = copy.deepcopy(REASON_CARD)
    again["body"][0]["value"] = "no"
    again["body"].insert(0, {"type": "TextBlock", "text": "Say more.", "color": "attention"})
    world.bot.answers["task/submit"] = dialog(again, "Reject again")
    await world.post_card(run_card())
    answer = await world.do(client.press, "Reject", "lead", "R-1", inputs={"Reason": "no"})
    assert answer["kind"] == "dialog"
    assert "Say more." in await world.do(client.dialog_text, "lead")
    assert (await world.do(client.fields, "lead"))["Reason"] == "no"
    assert await world.do(client.dialog, "agent") is None
    world.bot.answers["task/submit"] = {"task": {"type": "message", "value": "Rejected."}}
    answer = await world.do(client.fill_and_submit, "lead", {"Reason": "no, because"})
    assert answer == {"kind": "message", "text": "Rejected."}
    assert await world.do(client.dialog, "lead") is None


@pytest.mark.parametrize(
    "answer",
    [
        {"task": {"type": "continue", "value": {"title": "x", "card": REASON_CARD}}},
        {"task": {"type": "continue"}},
        {"task": {"type": "explode"}},
        {"task": {"type": "message", "value": 5}},
        {"something": "else"},
        {
            "task": {
                "type": "continue",
                "value": {**dialog(REASON_CARD)["task"]["value"], "width": -1},
            }
        },
    ],
)
async def test_a_dialog_that_teams_would_not_show_is_an_error(world, answer):
    world.bot.answers["task/fetch"] = answer
    await world.post_card(run_card())
    with pytest.raises(ClientError, match="a dialog that Teams refuses"):
        await world.do(world.client.press, "Reject", "lead", "R-1")
    assert await world.do(world.client.dialog, "lead") is None


async def test_a_message_becomes_a_request_by_the_message_extension(world):
    client = world.client
    world.bot.answers["composeExtension/fetchTask"] = dialog(REASON_CARD, "Ask Assent")
    world.bot.answers["composeExtension/submitAction"] = None
    said = await world.do(client.say, "@lead please <refund> 77", "agent", mention=False)
    await world.do(client.extension, said["id"], "lead", inputs={"Reason": "asked for"})
    fetched = (await world.bot.until("invoke", "composeExtension/fetchTask"))["value"]
    assert (fetched["commandId"], fetched["commandContext"]) == ("ask", "message")
    payload = fetched["messagePayload"]
    assert payload["id"] == said["id"]
    assert payload["body"]["content"] == '<p><at id="0">Lee Park</at> please &lt;refund&gt; 77</p>'
    assert payload["mentions"][0]["mentioned"]["user"]["id"] == world.teams["people"]["lead"]
    assert payload["from"]["user"]["id"] == world.teams["people"]["agent"]
    sent = (await world.bot.until("invoke", "composeExtension/submitAction"))["value"]
    assert sent["data"]["reason"] == "asked for"
    assert sent["messagePayload"] == payload


async def test_a_card_refreshes_for_who_is_named_and_not_again_within_a_minute(world):
    client = world.client
    lead = world.teams["addresses"]["lead"]

    def answer(body):
        shown = run_card(user_ids=(lead,), note=f"seen by {body['from']['name']}")
        return card_answer(shown)

    world.bot.answers["adaptiveCard/action"] = answer
    posted = await world.post_card(run_card(user_ids=(lead,)))
    assert "seen by" not in await world.do(client.card, "R-1", "agent")
    assert not world.bot.of("invoke")
    assert "seen by Lee Park" in await world.do(client.card, "R-1", "lead")
    value = world.bot.of("invoke")[0]["value"]
    assert value["trigger"] == "automatic"
    assert value["action"]["verb"] == "look"
    await world.do(client.card, "R-1", "lead")
    assert len(world.bot.of("invoke")) == 1
    await world.connector.conversations.update_activity(
        SUPPORT_OPS, posted, message(run_card(user_ids=(lead,)))
    )
    await world.do(client.card, "R-1", "lead")
    assert len(world.bot.of("invoke")) == 2


async def test_what_was_seen_is_what_is_pressed(world):
    """A page that looked at an older card, or makes a place up, presses nothing."""
    client = world.client
    posted = await world.post_card(run_card())
    seen = (await world.do(client.messages, "lead", "support-ops"))[0]
    press = {"conversation": "support-ops", "message": posted, "version": seen["version"]}
    for place in ("/actions/9", "", "/body/0", "/actions/0/data", None, ["/actions/0"]):
        with pytest.raises(ClientError, match="no longer on the card"):
            await world.do(client._post, "press", "lead", {**press, "action": place})
    await world.connector.conversations.update_activity(
        SUPPORT_OPS, posted, message(run_card(note="changed"))
    )
    answer = (await world.do(client._post, "press", "lead", {**press, "action": "/actions/0"}))[
        "answer"
    ]
    assert answer["kind"] == "changed"
    assert "has changed since you looked" in answer["text"]
    assert not world.bot.of("invoke")


async def test_values_that_no_card_offers_are_not_sent(world):
    client = world.client
    card = run_card()
    choices = [{"title": "A", "value": "a"}, {"title": "B", "value": "b"}]
    card["body"] += [
        {"type": "Input.ChoiceSet", "id": "one", "choices": choices},
        {"type": "Input.ChoiceSet", "id": "many", "choices": choices, "isMultiSelect": True},
        {"type": "Input.Toggle", "id": "sure", "title": "Sure", "isRequired": True},
        {"type": "Input.Number", "id": "n", "min": 1, "max": 5},
        {"type": "Input.Date", "id": "day"},
    ]
    world.bot.answers["adaptiveCard/action"] = card_answer(run_card())
    await world.post_card(card)

    async def press(**inputs):
        return await world.do(client.press, "Approve", "lead", "R-1", on_card=inputs)

    shown = (await world.do(client.messages, "lead", "support-ops"))[0]
    body = {
        "conversation": shown["conversation"],
        "message": shown["id"],
        "version": shown["version"],
        "action": "/actions/0",
    }
    for forged in ({"one": "c"}, {"many": "a,c"}, {"sure": "perhaps"}):
        with pytest.raises(ClientError, match="not offered"):
            await world.do(client._post, "press", "lead", {**body, "inputs": forged})
    for inputs, fault in (
        ({"Sure": False}, "required"),
        ({"Sure": True, "n": "nan"}, "a number"),
        ({"Sure": True, "n": "9"}, "from 1 to 5"),
        ({"Sure": True, "day": "tomorrow"}, "a date"),
    ):
        with pytest.raises(ClientError, match=fault):
            await press(**inputs)
    assert not world.bot.of("invoke")
    extra = {"data": {"press": "R-2"}, "press": "R-2"}
    good = {"sure": "true", "many": "a,b", "n": "3", "day": "2026-11-24"}
    await world.do(client._post, "press", "lead", {**body, "inputs": {**good, **extra}})
    data = world.bot.of("invoke")[0]["value"]["action"]["data"]
    assert data == {"press": "R-1", **good}


async def test_strangers_to_a_conversation_see_and_press_nothing(world):
    client = world.client
    await world.post_card(run_card(), RETURNS)
    assert not await world.do(client.cards, "R-1", "finance")
    shown = (await world.do(client.messages, "lead", "Returns"))[0]
    body = {"conversation": RETURNS, "message": shown["id"], "version": shown["version"]}
    with pytest.raises(ClientError, match="Ann Weiss is not in Returns"):
        await world.do(client._post, "press", "finance", {**body, "action": "/actions/0"})
    with pytest.raises(ClientError, match="gone from the tenant"):
        await world.do(client.messages, "former")


async def test_a_bot_that_is_too_slow_is_told_of_and_its_answer_comes_too_late(
    tmp_path, unused_port
):
    settings = replace(teams_settings(tmp_path / "slow", unused_port), teams_invoke_seconds=0.2)
    async with running(settings) as world:
        await world.post_card(run_card())
        world.bot.delay_seconds = 0.4
        world.bot.answers["adaptiveCard/action"] = card_answer(run_card(note="late"))
        with pytest.raises(ClientError, match=r"Unable to reach app.*within 0\.2 s"):
            await world.do(world.client.press, "Approve", "lead", "R-1")
        assert "late" not in await world.do(world.client.channel, "lead")


async def test_a_bot_that_fails_is_told_as_teams_tells_it(world):
    await world.post_card(run_card())
    world.bot.answers["adaptiveCard/action"] = lambda body: 1 / 0
    with pytest.raises(ClientError, match="Something went wrong"):
        await world.do(world.client.press, "Approve", "lead", "R-1")


async def test_the_bot_sees_a_press_as_botbuilder_reads_it(world):
    """botbuilder's own classes parse what we send."""
    world.bot.answers["adaptiveCard/action"] = card_answer(run_card())
    await world.post_card(run_card())
    await world.do(world.client.press, "Approve", "lead", "R-1")
    activity = Activity().deserialize(world.bot.of("invoke")[0])
    assert activity.name == "adaptiveCard/action"
    assert activity.from_property.aad_object_id == world.teams["people"]["lead"]
    assert activity.conversation.conversation_type == "channel"
    assert activity.value["action"]["verb"] == "approve"
