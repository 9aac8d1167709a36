"""What each kind of element tells the bot, and what it refuses to tell."""

import asyncio
from dataclasses import replace

import pytest

from bot.workspace.actions import Use, derive_action, find, missing_answers, state_values
from bot.workspace.wire import Refused

OPTIONS = [
    {"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("One", "Two")
]
ONE, TWO = OPTIONS


def block_of(kind, **more):
    element = {"type": kind, "action_id": "a", **more}
    return {"type": "input", "block_id": "b", "label": {"text": "L"}, "element": element}


CHOICES = [
    ("static_select", {"options": OPTIONS}, "two", {"selected_option": TWO}),
    ("radio_buttons", {"options": OPTIONS}, "one", {"selected_option": ONE}),
    ("overflow", {"options": OPTIONS}, "one", {"selected_option": ONE}),
    ("static_select", {"option_groups": [{"options": [TWO]}]}, "two", {"selected_option": TWO}),
    ("checkboxes", {"options": OPTIONS}, ["one", "two"], {"selected_options": OPTIONS}),
    ("multi_static_select", {"options": OPTIONS}, [], {"selected_options": []}),
    ("datepicker", {}, "2026-11-24", {"selected_date": "2026-11-24"}),
    ("timepicker", {}, "09:30", {"selected_time": "09:30"}),
    ("plain_text_input", {}, "words", {"value": "words"}),
    ("plain_text_input", {}, "", {"value": None}),
    ("users_select", {}, "U1", {"selected_user": "U1"}),
    ("multi_users_select", {}, ["U1"], {"selected_users": ["U1"]}),
]


@pytest.mark.parametrize(("kind", "more", "value", "told"), CHOICES)
def test_a_choice_is_told_in_slacks_fields(kind, more, value, told):
    blocks = [block_of(kind, **more)]
    action = derive_action(find(blocks, Use("b", "a", value, {})), value, "1.0")
    assert {k: v for k, v in action.items() if k in told} == told
    if kind != "overflow":
        state = state_values(blocks, {"b": {"a": value}})
        assert state == {"b": {"a": {"type": kind, **told}}}


@pytest.mark.parametrize(
    ("kind", "more", "value"),
    [
        ("static_select", {"options": OPTIONS}, "three"),
        ("checkboxes", {"options": OPTIONS}, ["one", "three"]),
        ("datepicker", {}, "tomorrow"),
        ("timepicker", {}, "9:30\n"),
        ("plain_text_input", {}, "x" * 3001),
    ],
)
def test_what_is_not_offered_is_refused(kind, more, value):
    blocks = [block_of(kind, **more)]
    with pytest.raises(Refused):
        derive_action(find(blocks, Use("b", "a", value, {})), value, "1.0")
    with pytest.raises(Refused):
        state_values(blocks, {"b": {"a": value}})


@pytest.mark.parametrize(
    ("kind", "more", "value", "fault"),
    [
        ("plain_text_input", {"min_length": 3}, "no", "at least 3"),
        ("plain_text_input", {"max_length": 3}, "long", "at most 3"),
        ("number_input", {}, "4.5", "whole number"),
        ("number_input", {"is_decimal_allowed": True}, "x", "a number"),
        ("number_input", {"max_value": "10"}, "11", "at most 10"),
        ("number_input", {"is_decimal_allowed": True, "min_value": "1"}, "nan", "a number"),
        ("email_text_input", {}, "nobody", "email"),
        ("checkboxes", {"options": OPTIONS}, [], "required"),
        ("datepicker", {}, None, "required"),
    ],
)
def test_a_wrong_answer_is_named_before_it_is_sent(kind, more, value, fault):
    blocks = [block_of(kind, **more)]
    errors = missing_answers(blocks, state_values(blocks, {"b": {"a": value}}))
    assert fault in errors["b"]


def test_untouched_elements_tell_their_initial_values():
    blocks = [
        block_of("static_select", options=OPTIONS, initial_option=TWO),
        {**block_of("plain_text_input", initial_value="kept"), "block_id": "c"},
    ]
    values = state_values(blocks, {"nonsense": 7, "c": "x"})
    assert values["b"]["a"]["selected_option"] == TWO
    assert values["c"]["a"]["value"] == "kept"


async def test_a_home_button_and_a_dispatching_input_reach_the_bot(meeting):
    world, app = meeting
    told = asyncio.Queue()

    @app.action("open")
    async def opened(ack, body, client):
        await ack()
        told.put_nowait((body["container"]["type"], body["view"]["type"]))
        await client.views_open(trigger_id=body["trigger_id"], view=modal)

    @app.action("kind")
    async def chosen(ack, body):
        await ack()
        state = body["view"]["state"]["values"]
        picked = body["actions"][0]["selected_option"]["value"]
        told.put_nowait((picked, state["note"]["text"]["value"]))

    text = {"type": "plain_text", "text": "Open"}
    button = {"type": "button", "action_id": "open", "text": text}
    home = {"type": "home", "blocks": [{"type": "actions", "block_id": "h", "elements": [button]}]}
    note = {"type": "plain_text_input", "action_id": "text"}
    pick = {"type": "static_select", "action_id": "kind", "options": OPTIONS}
    modal = {
        "type": "modal",
        "title": text,
        "submit": text,
        "blocks": [
            {"type": "input", "block_id": "note", "label": text, "element": note},
            {
                "type": "input",
                "block_id": "pick",
                "label": text,
                "dispatch_action": True,
                "element": pick,
            },
        ],
    }
    published = await world.client.views_publish(user_id="U0LEE000000", view=home)
    where = {"view_id": published["view"]["id"], "block_id": "h", "action_id": "open"}
    assert (await world.hand.do("view-action", "agent", **where))[0] == 404
    assert (await world.hand.do("view-action", "lead", **where))[0] == 200
    assert await asyncio.wait_for(told.get(), 3) == ("view", "home")

    async def views():
        return (await world.hand.see("state", "lead"))["views"]

    view = (await world.hand.until(views))[-1]
    where = {"view_id": view["id"], "block_id": "pick", "action_id": "kind", "value": "two"}
    await world.hand.do("view-action", "lead", **where, values={"note": {"text": "so far"}})
    assert await asyncio.wait_for(told.get(), 3) == ("two", "so far")


async def test_with_channel_history_a_mention_arrives_as_both_events(kit, settings):
    scopes = (*settings.bot_scopes, "channels:history")
    async with kit.running(replace(settings, bot_scopes=scopes)) as world:
        await world.hand.do("say", channel="support-ops", text="@Assent both")
        await world.hand.do("say", channel="random", text="@Assent is not here")
        rows = world.server.workspace.storage.rows(
            "SELECT json_extract(payload, '$.event.type'), json_extract(payload, '$.event_id')"
            " FROM outbox"
        )
    assert sorted(row[0] for row in rows) == ["app_mention", "message"]
    assert len({row[1] for row in rows}) == 2
