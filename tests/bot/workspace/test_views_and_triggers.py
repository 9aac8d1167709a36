"""Triggers live 3 s and once; view hashes guard against overwriting; stacks end at three."""

import pytest
from slack_sdk.errors import SlackApiError

LEAD = "U0LEE000000"


def modal(**more):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}]
    title = {"type": "plain_text", "text": "Details"}
    return {"type": "modal", "title": title, "blocks": blocks, **more}


async def refused(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


def trigger(world, age_seconds=0.0, view_id=None):
    workspace = world.server.workspace
    return workspace.triggers.issue(LEAD, workspace.clock() - age_seconds, view_id)


async def test_a_trigger_serves_once_and_for_three_seconds(world):
    fresh = trigger(world)
    assert (await world.client.views_open(trigger_id=fresh, view=modal()))["view"]["id"]
    again = world.client.views_open(trigger_id=fresh, view=modal())
    assert (await refused(again))["error"] == "exchanged_trigger_id"
    old = world.client.views_open(trigger_id=trigger(world, 3.5), view=modal())
    assert (await refused(old))["error"] == "expired_trigger_id"
    none = world.client.views_open(trigger_id="12.34.56", view=modal())
    assert (await refused(none))["error"] == "invalid_trigger_id"


async def test_a_stale_hash_does_not_overwrite(world):
    opened = (await world.client.views_open(trigger_id=trigger(world), view=modal()))["view"]
    first = await world.client.views_update(
        view_id=opened["id"], hash=opened["hash"], view=modal(private_metadata="1")
    )
    stale = world.client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())
    assert (await refused(stale))["error"] == "hash_conflict"
    assert first["view"]["private_metadata"] == "1"
    gone = world.client.views_update(view_id="V404", view=modal())
    assert (await refused(gone))["error"] == "not_found"


async def test_a_stack_holds_three_views(world):
    view = (await world.client.views_open(trigger_id=trigger(world), view=modal()))["view"]
    for _ in range(2):
        pushed = trigger(world, view_id=view["id"])
        view = (await world.client.views_push(trigger_id=pushed, view=modal()))["view"]
    fourth = world.client.views_push(trigger_id=trigger(world, view_id=view["id"]), view=modal())
    assert (await refused(fourth))["error"] == "push_limit_reached"


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"title": {"type": "plain_text", "text": "x" * 25}}, "/view/title/text"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
        ({"type": "home"}, "/view/type"),
    ],
)
async def test_view_limits_are_named_with_their_place(world, fault, pointer):
    view = {**modal(), **fault}
    answer = await refused(world.client.views_open(trigger_id=trigger(world), view=view))
    assert answer["error"] == "invalid_arguments"
    messages = answer["response_metadata"]["messages"]
    assert any(f"json-pointer:{pointer}]" in message for message in messages)


async def test_external_ids_are_unique_and_findable(world):
    client = world.client
    await client.views_open(trigger_id=trigger(world), view=modal(external_id="one"))
    updated = await client.views_update(external_id="one", view=modal(external_id="one"))
    assert updated["view"]["external_id"] == "one"
    home = {"type": "home", "blocks": [], "external_id": "one"}
    clash = client.views_publish(user_id=LEAD, view=home)
    assert (await refused(clash))["error"] == "duplicate_external_id"
