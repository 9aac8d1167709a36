"""The terminal client against a real bolt app: say, press, fill in, wait, read."""

import asyncio
from pathlib import Path

import pytest

from bot.workspace.client import ClientError, WorkspaceClient


def plain(text):
    return {"type": "plain_text", "text": text}


def card(run):
    return [
        {"type": "header", "text": plain("Refund order 1043")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": f"run *{run}* by <@U0DANA00000> &lt;b&gt;"},
            "fields": [{"type": "mrkdwn", "text": "*refunded*\n~$0.00~ -> *$40.00*"}],
        },
        {
            "type": "actions",
            "block_id": "verdict",
            "elements": [
                {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": run},
                {"type": "button", "action_id": "reject", "text": plain("Reject…"), "value": run},
                {
                    "type": "static_select",
                    "action_id": "order",
                    "placeholder": plain("Which order?"),
                    "options": [
                        {"text": plain("Order 1043"), "value": "o-1043"},
                        {"text": plain("Order 1077"), "value": "o-1077"},
                    ],
                },
            ],
        },
    ]


MODAL = {
    "type": "modal",
    "callback_id": "reject",
    "title": plain("Reject"),
    "submit": plain("Reject"),
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        },
        {
            "type": "input",
            "block_id": "kind",
            "optional": True,
            "label": plain("Kind"),
            "element": {
                "type": "static_select",
                "action_id": "k",
                "options": [{"text": plain("Too late"), "value": "late"}],
            },
        },
    ],
}


@pytest.fixture
async def desk(world, kit):
    """A bot that posts a card for each mention and handles its buttons; the client to drive it."""
    app = kit.bolt(world)
    runs = iter(["R-1", "R-12"])

    @app.event("app_mention")
    async def mentioned(event, say):
        run = next(runs)
        await say(text=f"Refund {run}", blocks=card(run), thread_ts=event["ts"])

    @app.action("approve")
    async def approve(ack, body, client, say):
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="done",
            blocks=[{"type": "header", "text": plain(f"DONE {body['actions'][0]['value']}")}],
        )

    @app.action("order")
    async def order(ack, body, say):
        await ack()
        chosen = body["actions"][0]["selected_option"]["value"]
        await say(f"chose {chosen}", thread_ts=body["message"]["thread_ts"])

    @app.action("reject")
    async def reject(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("reject")
    async def rejected(ack, view, client):
        values = view["state"]["values"]
        if values["why"]["text"]["value"] == "no":
            return await ack(response_action="errors", errors={"why": "Say more."})
        await ack()
        kind = values["kind"]["k"]["selected_option"]
        said = f"rejected: {values['why']['text']['value']} ({kind and kind['value']})"
        return await client.chat_postMessage(channel="C0SUPPORTOP", text=said)

    @app.command("/assent")
    async def command(ack, command):
        await ack(f"you asked: {command['text']}")

    @app.event("app_home_opened")
    async def home(event, client):
        blocks = [{"type": "header", "text": plain("Waiting for you")}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("message")
    async def direct(event, say):
        await say(f"privately: {event['text']}")

    @app.shortcut("ask_assent")
    async def shortcut(ack, shortcut, client):
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=MODAL)

    async with kit.socket_bot(world, app):
        yield WorkspaceClient(world.server.workspace.settings.state)


def in_terminal(function, *arguments, **named):
    return asyncio.to_thread(function, *arguments, **named)


async def test_a_refund_is_asked_for_read_and_approved(desk):
    await in_terminal(desk.say, "refund $40 on order 1043", "agent")
    shown = await in_terminal(desk.wait_for, "R-1")
    assert shown["thread_ts"]
    text = await in_terminal(desk.thread, "R-1")
    assert "Dana Okafor: @Assent refund $40 on order 1043" in text
    assert "== Refund order 1043 ==" in text
    assert "run R-1 by @Dana Okafor <b>" in text
    assert "[Approve]  [Reject…]  [Which order?: Order 1043 / Order 1077]" in text
    await in_terminal(desk.press, "approve", "lead", "R-1")
    await in_terminal(desk.wait_for, "DONE R-1")
    assert "[Approve]" not in await in_terminal(desk.thread, "R-1")


async def test_a_marker_is_a_whole_word_and_the_newest_card_wins(desk):
    await in_terminal(desk.say, "one", "agent")
    await in_terminal(desk.wait_for, "R-1")
    await in_terminal(desk.say, "two", "agent")
    await in_terminal(desk.wait_for, "R-12")
    await in_terminal(desk.press, "Approve", "lead", "R-1")
    await in_terminal(desk.wait_for, "DONE R-1")
    assert "[Approve]" in await in_terminal(desk.thread, "R-12")


async def test_a_modal_is_filled_in_by_label_and_its_faults_come_back(desk):
    await in_terminal(desk.say, "x", "agent")
    await in_terminal(desk.wait_for, "R-1")
    with pytest.raises(ClientError, match="why: Say more"):
        await in_terminal(desk.press, "Reject", "lead", "R-1", inputs={"Reason": "no"})
    with pytest.raises(ClientError, match="no field 'Colour'; there are: Reason, Kind"):
        await in_terminal(desk.submit, "lead", {"Colour": "red"})
    answer = {"reason": "outside 30 days", "Kind": "too late"}
    assert await in_terminal(desk.submit, "lead", answer) is None
    await in_terminal(desk.wait_for, "rejected: outside 30 days (late)")
    await in_terminal(desk.press, "order", "lead", "R-1", value="Order 1077")
    await in_terminal(desk.wait_for, "chose o-1077")


async def test_commands_homes_shortcuts_and_direct_messages(desk):
    assert await in_terminal(desk.command, "/assent status", "lead") == (
        "Assent (only you): you asked: status"
    )
    await in_terminal(desk.home, "lead")

    async def published():
        return "Waiting for you" in await in_terminal(desk.home, "lead")

    async with asyncio.timeout(4):
        while not await published():
            await asyncio.sleep(0.02)
    await in_terminal(desk.dm, "psst", "lead")
    await in_terminal(desk.wait_for, "privately: psst", "lead")
    await in_terminal(desk.say, "please refund 77", "agent", mention=False)
    answer = {"Reason": "by shortcut"}
    await in_terminal(desk.shortcut, "lead", "please refund 77", inputs=answer)
    await in_terminal(desk.wait_for, "rejected: by shortcut")


@pytest.mark.parametrize("times", [1, 2, 99])
async def test_what_is_drawn_anew_meanwhile_is_pressed_where_it_is_now(
    world, desk, monkeypatch, times
):
    """Between the look and the press the card is drawn anew: its blocks have other names then."""
    await in_terminal(desk.say, "one", "agent")
    shown = await in_terminal(desk.wait_for, "R-1")
    loop, post, redrawn = asyncio.get_running_loop(), desk._post, []

    def redraw_then(path, body):
        if path == "press" and len(redrawn) < times:
            blocks = [*card("R-1")[:-1], {**card("R-1")[-1], "block_id": f"v{len(redrawn)}"}]
            where = {"channel": "C0SUPPORTOP", "ts": shown["ts"]}
            update = world.client.chat_update(**where, text="anew", blocks=blocks)
            redrawn.append(asyncio.run_coroutine_threadsafe(update, loop).result(5))
        return post(path, body)

    monkeypatch.setattr(desk, "_post", redraw_then)
    if times > 2:
        with pytest.raises(ClientError, match="no longer on the message"):
            await in_terminal(desk.press, "Approve", "lead", "R-1")
        return
    await in_terminal(desk.press, "Approve", "lead", "R-1")
    await in_terminal(desk.wait_for, "DONE R-1")


async def test_errors_say_what_there_is(desk):
    with pytest.raises(ClientError, match="shows R-99"):
        await in_terminal(desk.press, "Approve", "lead", "R-99")
    await in_terminal(desk.say, "x", "agent")
    await in_terminal(desk.wait_for, "R-1")
    with pytest.raises(ClientError, match="there are: Approve, Reject…, Which order"):
        await in_terminal(desk.press, "Explode", "lead", "R-1")
    with pytest.raises(ClientError, match="there are: Order 1043, Order 1077"):
        await in_terminal(desk.press, "order", "lead", "R-1", value="Order 9")
    with pytest.raises(ClientError, match=r"After 0\.1 s no message shows 'never'"):
        await in_terminal(desk.wait_for, "never", timeout_seconds=0.1)


def test_no_workspace_and_no_server_are_told_apart(tmp_path: Path):
    client = WorkspaceClient(tmp_path)
    with pytest.raises(ClientError, match=r"There is no workspace in .*make play"):
        client.say("x", "agent")
    (tmp_path / "workspace.json").write_text('{"url": "http://127.0.0.1:9", "page_token": "x"}')
    with pytest.raises(ClientError, match=r"Nobody answers at http://127\.0\.0\.1:9"):
        client.say("x", "agent")
