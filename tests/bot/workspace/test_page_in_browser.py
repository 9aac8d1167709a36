"""The page in a real browser, with a small bolt app behind it: one story from request to home."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browsing import OVERFLOW, become, open_page, shoot

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def world(settings, kit):
    """A workspace on the loop of the browser."""
    async with kit.running(settings) as made:
        yield made


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def button(action_id, text, **more):
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


CARD = [
    {"type": "header", "text": plain("Refund order 1043")},
    {"type": "context", "elements": [mrkdwn("*WAITING* 0 of 1"), mrkdwn("run R-7")]},
    {
        "type": "section",
        "text": mrkdwn("&gt;&lt;img src=x onerror=alert(1)&gt;\n*refunded* ~$0.00~ → *$40.00*"),
        "fields": [mrkdwn("*Needs*\n1 support lead"), mrkdwn("*Expires*\n16:41")],
    },
    {
        "type": "actions",
        "block_id": "verdict",
        "elements": [
            button("approve", "Approve", style="primary"),
            button("reject", "Reject…", style="danger"),
            button(
                "cancel",
                "Cancel",
                confirm={"title": plain("Cancel this?"), "text": mrkdwn("Nothing was done.")},
            ),
            {
                "type": "overflow",
                "action_id": "more",
                "options": [
                    {"text": plain("Remind"), "value": "remind"},
                    {"text": plain("Copy"), "value": "copy"},
                ],
            },
        ],
    },
]
MODAL = {
    "type": "modal",
    "callback_id": "reject",
    "title": plain("Reject the refund"),
    "submit": plain("Reject"),
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        }
    ],
}


def demo_bot(app):
    @app.event("app_mention")
    async def mentioned(event, say):
        await say(text="Refund order 1043", blocks=CARD, thread_ts=event["ts"])

    @app.action("approve")
    async def approve(ack, body, client):
        await ack()
        who = mrkdwn(f":white_check_mark: approved by <@{body['user']['id']}>")
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="approved",
            blocks=[*CARD[:-1], {"type": "context", "elements": [who]}],
        )

    @app.action("reject")
    async def reject(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("reject")
    async def rejected(ack, view, client):
        if len(view["state"]["values"]["why"]["text"]["value"]) < 5:
            return await ack(response_action="errors", errors={"why": "Say a little more."})
        await ack()
        return await client.chat_postMessage(channel="C0SUPPORTOP", text="*Rejected*, with reason")

    @app.action("cancel")
    async def cancel(ack, respond):
        await ack()
        await respond("cancelled by its requester", response_type="in_channel")

    @app.action("more")
    async def more(ack, body, respond):
        await ack()
        await respond(f"menu: {body['actions'][0]['selected_option']['value']}")

    @app.command("/assent")
    async def command(ack, command):
        await ack(f"status of {command['user_name']}")

    @app.shortcut("ask_assent")
    async def shortcut(ack, shortcut, client):
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=MODAL)

    @app.event("app_home_opened")
    async def home(event, client):
        blocks = [{"type": "header", "text": plain("Waiting for you")}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})


async def test_a_request_is_asked_approved_and_seen_live_by_others(world, kit, browser):
    app = kit.bolt(world)
    demo_bot(app)
    async with kit.socket_bot(world, app):
        page, faults = await open_page(browser, world.address["page_url"], 1320, 860)
        lead, lead_faults = await open_page(browser, world.address["page_url"], 1320, 860, "dark")
        await become(lead, "lead")
        await expect(lead.get_by_test_id("me")).to_have_text("Lee Park")
        await page.get_by_test_id("composer").press_sequentially("@As")
        await expect(page.get_by_test_id("completion")).to_have_count(1)
        await page.keyboard.press("Tab")
        await page.get_by_test_id("composer").press_sequentially("refund <b>$40</b> on 1043")
        await page.keyboard.press("Enter")
        for seen in (page, lead):
            await expect(seen.get_by_test_id("messages")).to_contain_text("refund <b>$40</b>")
            await seen.get_by_test_id("thread-link").click()
            await expect(seen.get_by_test_id("thread")).to_contain_text("onerror=alert(1)")
        await shoot(page, "workspace/thread")
        await lead.get_by_test_id("action-approve").focus()
        await lead.keyboard.press("Enter")
        for seen in (page, lead):
            thread = seen.get_by_test_id("thread")
            await expect(thread).to_contain_text("approved by @Lee Park")
            await expect(seen.get_by_test_id("action-approve")).to_have_count(0)
            await expect(thread).not_to_contain_text("(edited)")
        await shoot(lead, "workspace/approved-dark")
        assert faults == []
        assert lead_faults == []


async def test_modals_menus_commands_and_the_home_by_keyboard(world, kit, browser):
    app = kit.bolt(world)
    demo_bot(app)
    async with kit.socket_bot(world, app):
        page, faults = await open_page(browser, world.address["page_url"], 1320, 860)
        await world.hand.do("say", "agent2", channel="support-ops", text="@Assent refund 1043")
        await page.get_by_test_id("thread-link").click()
        reject = page.get_by_test_id("action-reject")
        await reject.click()
        modal = page.get_by_test_id("modal")
        await expect(modal.locator("textarea")).to_be_focused()
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("error-why")).to_contain_text("required")
        await modal.locator("textarea").fill("no")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("error-why")).to_have_text("Say a little more.")
        assert await modal.locator("textarea").input_value() == "no"
        await shoot(page, "workspace/modal-error")
        await page.keyboard.press("Escape")
        await expect(modal).to_be_hidden()
        await expect(reject).to_be_focused()
        await reject.click()
        await modal.locator("textarea").fill("outside 30 days")
        await page.get_by_test_id("modal-submit").click()
        await expect(modal).to_be_hidden()
        await expect(page.get_by_test_id("messages")).to_contain_text("Rejected, with reason")
        await page.get_by_test_id("action-cancel").click()
        await page.get_by_test_id("confirm-deny").click()
        await page.get_by_test_id("action-more").get_by_role("button").click()
        await page.get_by_role("menuitem", name="Remind").click()
        await expect(page.get_by_test_id("thread")).to_contain_text("menu: remind")
        await expect(page.get_by_test_id("thread")).to_contain_text("Only visible to you")
        await page.get_by_test_id("composer").press_sequentially("/as")
        await page.keyboard.press("Enter")
        await page.get_by_test_id("composer").press_sequentially("sta")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("messages")).to_contain_text("status of dana.okafor")
        await page.get_by_test_id("place-Assent-home").click()
        await expect(page.get_by_test_id("home")).to_contain_text("Waiting for you")
        assert faults == []


async def test_the_page_works_at_phone_width_and_comes_back_after_a_restart(settings, kit, browser):
    async with kit.running(settings) as world:
        await world.hand.do("say", "agent2", channel="support-ops", text="hello everybody")
        await world.hand.do("say", "agent2", channel="random", text="unread elsewhere")
        page, faults = await open_page(browser, world.address["page_url"], 390, 844)
        assert await page.evaluate(OVERFLOW) <= 0
        await expect(page.get_by_test_id("messages")).to_contain_text("hello everybody")
        await expect(page.get_by_test_id("sidebar")).to_be_hidden()
        await page.get_by_test_id("back").click()
        await expect(page.get_by_test_id("place-random")).to_contain_text("1")
        await shoot(page, "workspace/phone-sidebar")
        await page.get_by_test_id("place-random").click()
        await expect(page.get_by_test_id("messages")).to_contain_text("unread elsewhere")
        await shoot(page, "workspace/phone")
        await page.get_by_test_id("composer").press_sequentially("and I can stil write")
        for _ in "write ":
            await page.keyboard.press("ArrowLeft")
    async with kit.running(settings) as world:
        await world.hand.do("say", "agent2", channel="random", text="after the restart")
        messages = page.get_by_test_id("messages")
        await expect(messages).to_contain_text("after the restart", timeout=15_000)
        await page.keyboard.type("l")
        await page.get_by_test_id("send").click()
        await expect(messages).to_contain_text("and I can still write")
        assert faults == []


async def test_without_admission_the_page_says_what_to_open(world, browser):
    page = await browser.new_page()
    await page.goto(world.address["url"])
    await expect(page.get_by_test_id("closed")).to_contain_text("printed when it started")
