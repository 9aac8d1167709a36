"""A thread that is slow to load, in a real browser: nothing is lost and no caret is taken away."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browsing import ask, open_page, open_thread

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

WIDE = (1320, 860)


@pytest_asyncio.fixture(loop_scope="session")
async def world(settings, kit):
    """A workspace on the loop of the browser."""
    async with kit.running(settings) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def opened(world, browser):
    page, faults = await open_page(browser, world.address["page_url"], *WIDE)
    yield page
    assert faults == []


class Held:
    """Threads as the workspace gave them, that reach the page when `go` is set."""

    def __init__(self, only=""):
        self.only = only
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, route):
        if self.only not in route.request.url:
            return await route.continue_()
        answer = await route.fetch()
        self.asked.set()
        await self.go.wait()
        return await route.fulfill(response=answer)


async def hold(page, only=""):
    held = Held(only)
    await page.route("**/page/api/thread?*", held)
    return held


async def root(world, text, **replies):
    """A message of somebody else with one reply; its timestamp."""
    said = await world.client.chat_postMessage(channel="#support-ops", text=text)
    await reply(world, said["ts"], f"an answer to {text}")
    return said["ts"]


def reply(world, ts, text):
    return world.client.chat_postMessage(channel="#support-ops", thread_ts=ts, text=text)


async def test_what_comes_while_a_thread_loads_is_shown(world, opened):
    ts = await root(world, "order 1043")
    held = await hold(opened)
    thread = await open_thread(opened, "order 1043")
    await held.asked.wait()
    late = await reply(world, ts, "said meanwhile")
    gone = await reply(world, ts, "said in error")
    await world.client.chat_update(channel=late["channel"], ts=late["ts"], text="changed meanwhile")
    await world.client.chat_delete(channel=gone["channel"], ts=gone["ts"])
    await expect(opened.get_by_test_id("thread-link")).to_contain_text("2 replies")
    held.go.set()
    await expect(thread).to_contain_text("changed meanwhile")
    await expect(thread).not_to_contain_text("said in error")


async def test_what_changes_while_an_open_thread_is_loaded_again_is_shown(world, opened):
    ts = await root(world, "order 1043")
    thread = await open_thread(opened, "order 1043")
    await expect(thread).to_contain_text("an answer")
    held = await hold(opened)
    await open_thread(opened, "order 1043")
    await held.asked.wait()
    late = await reply(world, ts, "said meanwhile")
    await world.client.chat_update(channel=late["channel"], ts=ts, text="order 1043 is done")
    await expect(thread).to_contain_text("said meanwhile")
    await world.client.chat_delete(channel=late["channel"], ts=late["ts"])
    await expect(thread).not_to_contain_text("said meanwhile")
    async with opened.expect_response("**/page/api/thread?*"):
        held.go.set()
    await expect(opened.locator("#thread-text")).to_be_focused()
    await expect(thread).to_contain_text("order 1043 is done")
    await expect(thread).not_to_contain_text("said meanwhile")


async def test_the_caret_stays_where_somebody_began_to_write(world, opened):
    await root(world, "order 1043")
    held = await hold(opened)
    thread = await open_thread(opened, "order 1043")
    await held.asked.wait()
    composer = opened.get_by_test_id("composer")
    await composer.press_sequentially("half a ")
    held.go.set()
    await expect(thread).to_contain_text("an answer")
    await expect(composer).to_be_focused()
    await opened.keyboard.type("sentence")
    await opened.keyboard.press("Enter")
    await expect(opened.get_by_test_id("messages")).to_contain_text("half a sentence")


async def test_the_thread_that_was_chosen_last_stays_open(world, opened):
    first = await root(world, "order 1043")
    await root(world, "order 1044")
    held = await hold(opened, first)
    await open_thread(opened, "order 1043")
    await held.asked.wait()
    thread = await open_thread(opened, "order 1044")
    await expect(thread).to_contain_text("an answer to order 1044")
    async with opened.expect_response(f"**/page/api/thread?*{first}*"):
        held.go.set()
    await ask(opened, "and now")
    await expect(opened.get_by_test_id("messages")).to_contain_text("and now")
    await expect(thread).to_contain_text("an answer to order 1044")


async def test_a_thread_whose_message_goes_while_it_loads_says_so(world, opened):
    ts = await root(world, "order 1043")
    asked = asyncio.Event()
    go = asyncio.Event()

    async def late(route):
        asked.set()
        await go.wait()
        await route.continue_()

    await opened.route("**/page/api/thread?*", late)
    await open_thread(opened, "order 1043")
    await asked.wait()
    channel = world.address.get("channel") or "C0SUPPORTOP"
    for message in await world.hand.messages():
        if ts in (message["ts"], message.get("thread_ts")):
            await world.client.chat_delete(channel=channel, ts=message["ts"])
    go.set()
    await expect(opened.get_by_test_id("toast")).to_have_text("That message is gone.")
    await expect(opened.get_by_test_id("thread")).to_be_hidden()
