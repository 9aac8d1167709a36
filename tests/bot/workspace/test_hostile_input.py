"""What people and pages send that they should not."""

import pytest


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("<!channel> pay", "&lt;!channel&gt; pay"),
        ("<@U0LEE000000>", "&lt;@U0LEE000000&gt;"),
        ("<https://evil.example|order 1043>", None),
        ("@Lee Park please", "<@U0LEE000000> please"),
        ("mail a@assent.example", "mail a@assent.example"),
        ("@channel look", "<!channel> look"),
        ("in #support-ops, #nowhere", "in <#C0SUPPORTOP|support-ops>, #nowhere"),
        ("a\u202eb\u0007c", "a\u202eb\u0007c"),
        ("line\nbreak", "line\nbreak"),
    ],
)
async def test_typed_text_is_escaped_and_only_real_mentions_are_marked(world, typed, stored):
    status, _ = await world.hand.do("say", channel="support-ops", text=typed)
    assert status == 200
    text = (await world.hand.messages())[0]["text"]
    if stored is None:
        assert "|order 1043" not in text.replace("&gt;", "").split("<")[-1].split(">")[0]
        assert text.startswith("&lt;")
    else:
        assert text == stored


async def test_forty_thousand_characters_fit_and_no_more(world):
    status, _ = await world.hand.do("say", channel="support-ops", text="x" * 40_000)
    assert status == 200
    status, answer = await world.hand.do("say", channel="support-ops", text="x" * 40_001)
    assert status == 413
    assert "40,001" in answer["error"]
    status, _ = await world.hand.do("say", channel="support-ops", text="  \n ")
    assert status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"as":"agent","channel":"support-ops","text":"\\ud800"}',
    ],
)
async def test_malformed_requests_are_refused_without_a_trace(world, body):
    async with world.hand.session.post(
        world.address["url"] + "/page/api/say", data=body
    ) as response:
        assert response.status == 400
        assert (await response.json())["ok"] is False
    assert await world.hand.messages() == []


async def test_people_act_only_where_they_are_and_the_departed_not_at_all(world):
    assert (await world.hand.do("say", "stranger", channel="random", text="x"))[0] == 403
    assert (await world.hand.do("say", "agent", channel="D0LEE000000", text="x"))[0] == 403
    status, answer = await world.hand.do("say", "former", channel="support-ops", text="x")
    assert (status, "deactivated" in answer["error"]) == (403, True)
    assert (await world.hand.do("say", "U0ASSENT000", channel="support-ops", text="x"))[0] == 404
    assert (await world.hand.do("say", "nobody", channel="support-ops", text="x"))[0] == 404
    assert (await world.hand.see("state", "nobody"))["ok"] is False


async def test_a_choice_that_the_card_does_not_offer_is_refused(meeting):
    world, app = meeting

    @app.action("pick")
    async def picked(ack):
        await ack()

    option = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
    menu = {"type": "static_select", "action_id": "pick", "options": [option]}
    posted = await world.card([{"type": "actions", "block_id": "b", "elements": [menu]}])
    use = {"channel": "support-ops", "ts": posted["ts"], "block_id": "b", "action_id": "pick"}
    assert (await world.hand.do("press", **use, value="2"))[0] == 409
    assert (await world.hand.do("press", **use, value={"x": 1}))[0] == 409
    assert (await world.hand.do("press", **use, value="1"))[0] == 200
    assert (await world.hand.do("press", **{**use, "ts": "1.1"}, value="1"))[0] == 404


async def test_an_ephemeral_message_cannot_be_pressed_by_somebody_else(world):
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    posted = await world.client.chat_postEphemeral(
        channel="#support-ops",
        user=world.address["people"]["lead"],
        text="x",
        blocks=[{"type": "actions", "block_id": "b", "elements": [button]}],
    )
    use = {"channel": "support-ops", "ts": posted["message_ts"], "block_id": "b"}
    assert (await world.hand.do("press", "agent", **use, action_id="go"))[0] == 404


async def test_numbers_in_addresses_that_are_none_are_refused(world):
    for query in ("after=x", "after=1&seconds=nan", "seconds=inf"):
        async with world.hand.session.get(
            f"{world.address['url']}/page/api/wait?{query}"
        ) as response:
            assert response.status == 400
