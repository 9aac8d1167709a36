"""An unmodified slack-bolt app, over Socket Mode and signed HTTP: everything a person can do."""

import asyncio

BUTTON = {
    "type": "button",
    "action_id": "approve",
    "text": {"type": "plain_text", "text": "Approve"},
    "value": "R-1:digest",
    "style": "primary",
}
CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Refund* R-1"}},
    {"type": "actions", "block_id": "verdict", "elements": [BUTTON]},
]
MODAL = {
    "type": "modal",
    "callback_id": "reject",
    "title": {"type": "plain_text", "text": "Reject"},
    "submit": {"type": "plain_text", "text": "Reject"},
    "notify_on_close": True,
    "private_metadata": "R-1",
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "text", "min_length": 3},
        }
    ],
}


async def _soon(queue):
    return await asyncio.wait_for(queue.get(), 4)


async def test_a_mention_reaches_the_bot_and_its_answer_reaches_the_thread(meeting):
    world, app = meeting
    heard = asyncio.Queue()

    @app.event("app_mention")
    async def mentioned(body, event, say):
        await say("On it <@U0DANA00000>", thread_ts=event["ts"])
        heard.put_nowait(body)

    status, said = await world.hand.do("say", channel="support-ops", text="@Assent refund <b> & co")
    assert status == 200
    body = await _soon(heard)
    assert body["event"]["text"] == "<@U0ASSENT000> refund &lt;b&gt; &amp; co"
    assert body["event"]["user"] == "U0DANA00000"
    assert body["team_id"] == "T0NORTHWIND"
    assert body["authorizations"][0]["user_id"] == "U0ASSENT000"
    thread = await world.hand.see("thread", channel="support-ops", ts=said["ts"])
    assert [m["text"] for m in thread["messages"]][1] == "On it <@U0DANA00000>"
    assert thread["messages"][0]["reply_count"] == 1


async def test_channel_talk_without_a_mention_stays_unheard_but_direct_messages_arrive(meeting):
    world, app = meeting
    heard = asyncio.Queue()

    @app.event("message")
    async def any_message(event):
        heard.put_nowait(event)

    await world.hand.do("say", channel="support-ops", text="just us people")
    await world.hand.do("say", channel="D0DANA00000", text="hello in private")
    event = await _soon(heard)
    assert event["text"] == "hello in private"
    assert event["channel_type"] == "im"
    await asyncio.sleep(0.1)
    assert heard.empty()


async def test_a_click_carries_what_the_stored_card_says(meeting):
    world, app = meeting
    clicks = asyncio.Queue()

    @app.action("approve")
    async def approved(ack, body, client):
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="Done", blocks=[CARD[0]]
        )
        clicks.put_nowait(body)

    posted = await world.card(CARD)
    where = {"channel": "support-ops", "ts": posted["ts"]}
    use = {"block_id": "verdict", "action_id": "approve", "value": "FORGED"}
    status, _ = await world.hand.do("press", "lead", **where, **use)
    assert status == 200
    body = await _soon(clicks)
    assert body["actions"][0]["value"] == "R-1:digest"
    assert body["user"]["id"] == "U0LEE000000"
    assert body["container"]["message_ts"] == posted["ts"]
    assert body["message"]["blocks"][0]["text"]["text"] == "*Refund* R-1"
    shown = (await world.hand.messages())[0]
    assert shown["text"] == "Done"
    assert len(shown["blocks"]) == 1
    status, refused = await world.hand.do("press", "lead", **where, **use)
    assert status == 409
    assert "no longer" in refused["error"]


async def test_a_modal_opens_complains_updates_and_closes(meeting):
    world, app = meeting
    submissions, closings = asyncio.Queue(), asyncio.Queue()

    @app.action("approve")
    async def ask_why(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("reject")
    async def rejected(ack, body, view):
        text = view["state"]["values"]["why"]["text"]["value"]
        submissions.put_nowait(text)
        if text == "nope":
            await ack(response_action="errors", errors={"why": "Say more."})
        elif text == "again":
            await ack(response_action="update", view={**MODAL, "private_metadata": "R-2"})
        elif text == "deeper":
            await ack(response_action="push", view={**MODAL, "private_metadata": "R-3"})
        elif text == "clear":
            await ack(response_action="clear")
        else:
            await ack()

    @app.view_closed("reject")
    async def closed(ack, view):
        await ack()
        closings.put_nowait(view["private_metadata"])

    posted = await world.card(CARD)
    press = {"channel": "support-ops", "ts": posted["ts"], "block_id": "verdict"}

    async def views():
        return (await world.hand.see("state", "lead"))["views"]

    async def opened():
        await world.hand.do("press", "lead", **press, action_id="approve")
        return (await world.hand.until(views))[-1]["id"]

    async def submit(view_id, text):
        values = {"why": {"text": text}}
        return await world.hand.do("view-submit", "lead", view_id=view_id, values=values)

    view_id = await opened()
    assert (await world.hand.see("state", "agent"))["views"] == []
    status, answer = await submit(view_id, "")
    assert (status, answer["errors"]) == (422, {"why": "Please complete this required field."})
    assert submissions.empty()
    status, answer = await submit(view_id, "nope")
    assert (status, answer["errors"]) == (422, {"why": "Say more."})
    assert (await submit(view_id, "again"))[0] == 200
    assert (await views())[0]["private_metadata"] == "R-2"
    assert (await submit(view_id, "deeper"))[0] == 200
    stack = await views()
    assert [v["private_metadata"] for v in stack] == ["R-2", "R-3"]
    assert stack[1]["previous_view_id"] == stack[0]["id"]
    assert (await submit(stack[1]["id"], "fine"))[0] == 200
    assert len(await views()) == 1
    await world.hand.do("view-close", "lead", view_id=view_id)
    assert await _soon(closings) == "R-2"
    assert await views() == []
    view_id = await opened()
    status, _ = await world.hand.do("view-submit", "agent", view_id=view_id, values={})
    assert status == 404
    await submit(view_id, "clear")
    assert await views() == []


async def test_a_slash_command_answers_at_once_and_later(meeting):
    world, app = meeting

    @app.command("/assent")
    async def assent(ack, respond, command):
        await ack(f"status for {command['user_name']}: {command['text']}")
        await respond("and later", response_type="in_channel")

    status, answer = await world.hand.do("command", channel="support-ops", text="/assent status me")
    assert status == 200

    async def later():
        return [m for m in await world.hand.messages("lead") if m["text"] == "and later"]

    assert await world.hand.until(later)
    mine = await world.hand.messages("agent")
    assert "status for dana.okafor: status me" in [m["text"] for m in mine if m["visible_to"]]
    theirs = await world.hand.messages("lead")
    assert all("status for" not in m["text"] for m in theirs)
    status, answer = await world.hand.do("command", channel="support-ops", text="/other")
    assert status == 404
    assert "/assent" in answer["error"]


async def test_a_message_shortcut_and_the_home_reach_the_bot(meeting):
    world, app = meeting
    seen = asyncio.Queue()

    @app.shortcut("ask_assent")
    async def asked(ack, shortcut):
        await ack()
        seen.put_nowait(shortcut["message"]["text"])

    @app.event("app_home_opened")
    async def home(event, client):
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Nothing waits"}}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})
        seen.put_nowait(event["tab"])

    _, said = await world.hand.do("say", channel="support-ops", text="please refund 1043")
    use = {"channel": "support-ops", "ts": said["ts"], "callback_id": "ask_assent"}
    await world.hand.do("shortcut", "lead", **use)
    assert await _soon(seen) == "please refund 1043"
    await world.hand.do("home", "lead", tab="home")
    assert await _soon(seen) == "home"
    state = await world.hand.see("state", "lead")
    assert state["home"]["blocks"][0]["text"]["text"] == "Nothing waits"
    assert (await world.hand.see("state", "agent"))["home"] is None


async def test_a_late_or_failing_listener_gets_the_event_again_with_its_retry_number(meeting):
    world, app = meeting
    tries = []

    @app.middleware
    async def slow_at_first(req, next_):
        if req.body.get("type") != "event_callback":
            return await next_()
        tries.append((req.body["event_id"], dict(req.headers)))
        if len(tries) == 1:
            await asyncio.sleep(1.2)
        if len(tries) == 2:
            raise RuntimeError("broken")
        return await next_()

    @app.event("app_mention")
    async def heard():
        pass

    await world.hand.do("say", channel="support-ops", text="@Assent hello")

    async def thrice():
        return len(tries) >= 3

    await world.hand.until(thrice, 5)
    assert len({event_id for event_id, _ in tries}) == 1
    headers = tries[2][1]
    numbers = headers.get("x-slack-retry-num") or headers.get("x-slack-retry-num".title())
    assert list(numbers) in (["2"], [2])

    async def settled():
        return world.server.workspace.outbox.waiting() == 0

    await world.hand.until(settled)
    assert len(tries) == 3


async def test_a_bot_that_does_not_answer_is_told_to_the_person(meeting):
    world, app = meeting

    @app.action("approve")
    async def never_acks():
        await asyncio.sleep(5)

    posted = await world.card(CARD)
    use = {"channel": "support-ops", "ts": posted["ts"], "block_id": "verdict"}
    status, answer = await world.hand.do("press", "lead", **use, action_id="approve")
    assert status in (502, 504)
    assert "Try again" in answer["error"]
