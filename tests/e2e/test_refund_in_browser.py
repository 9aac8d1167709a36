"""A refund in a real browser, from request to digest, on the processes that `make play` starts."""

import asyncio
import json
import re

import pytest
from playwright.async_api import expect

from tests.browsing import (
    OVERFLOW,
    ask,
    become,
    button,
    choose,
    open_page,
    open_thread,
    shoot,
)

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

DESKTOP = (1280, 800)
PHONE = (390, 844)
RUN_MILLISECONDS = 15_000  # an approval, its execution and the summary, on a busy machine
RETURN_MILLISECONDS = 30_000  # an open page finds its restarted workspace again


async def test_a_refund_from_request_to_digest(playground, browser):
    dana, faults = await open_page(browser, playground.url, *DESKTOP)
    lee, lee_faults = await open_page(browser, playground.url, *DESKTOP, "dark")
    await become(lee, "lead")

    await ask(dana, "@Assent refund $40 on order 1043, arrived damaged")
    hers = dana.get_by_test_id("thread")  # the first answer opens beside the request
    await expect(hers).to_contain_text("WAITING 0 of 1")
    for said in ("$0.00 → $40.00", "T-882", "support-refunds", "1 support lead", "R-1001"):
        await expect(hers).to_contain_text(said)
    await expect(button(hers, "approve")).to_be_in_viewport(ratio=1)
    await shoot(dana, "e2e/1-asked")

    await button(hers, "approve").click()
    await expect(hers).to_contain_text("Only visible to you")
    await expect(hers).to_contain_text("somebody else has to decide")
    await expect(hers).to_contain_text("WAITING 0 of 1")
    await shoot(dana, "e2e/2-own-approval-refused")

    his = await open_thread(lee, "refund $40")
    await expect(his).not_to_contain_text("Only visible to you")
    await button(his, "details").click()
    modal = lee.get_by_test_id("modal")
    await expect(modal).to_contain_text("Plan digest")
    await button(modal, "next_page").click()
    await expect(modal).to_contain_text("page 2 of")
    await shoot(lee, "e2e/3-details-dark")
    await lee.keyboard.press("Escape")
    await expect(modal).to_be_hidden()

    await button(his, "approve").click()
    for seen in (hers, his):
        await expect(seen).to_contain_text("3 of 3 steps as predicted", timeout=RUN_MILLISECONDS)
        summary = seen.get_by_test_id("message").filter(has_not_text="Only visible").last
        await expect(summary).to_contain_text("asked by Dana Okafor, approved by Lee Park")
        await expect(summary).to_contain_text("status open → solved")
        for action in ("approve", "reject", "edit", "more"):
            await expect(button(seen, action)).to_have_count(0)
    await button(hers, "details").click()
    await expect(dana.get_by_test_id("modal")).to_contain_text(
        "Lee Park (support and support leads): approve"
    )
    await dana.keyboard.press("Escape")
    await expect(dana.get_by_test_id("modal")).to_be_hidden()
    await shoot(dana, "e2e/4-done")

    await ask(lee, "/assent digest")
    report = lee.get_by_test_id("messages").get_by_test_id("message").last
    await expect(report).to_contain_text(re.compile(r"\d of \d requests? completed"))
    await expect(report).to_contain_text("$40.00 returned")
    await expect(report).to_be_in_viewport()
    await shoot(lee, "e2e/5-digest-dark")
    assert faults == []
    assert lee_faults == []


async def test_a_rejection_on_a_phone_says_its_reason_to_everybody(playground, browser):
    dana, faults = await open_page(browser, playground.url, *PHONE)
    lee, lee_faults = await open_page(browser, playground.url, *PHONE, "dark")
    await become(lee, "lead")
    await lee.get_by_test_id("place-support-ops").click()
    await ask(dana, "@Assent refund $12 on order 1065, it arrived late")
    hers = await open_thread(dana, "refund $12")
    his = await open_thread(lee, "refund $12")
    await expect(his).to_contain_text("WAITING 0 of 1")
    assert await lee.evaluate(OVERFLOW) <= 0
    await shoot(lee, "e2e/6-card-phone-dark")

    await button(his, "reject").click()
    modal = lee.get_by_test_id("modal")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("Choose a reason or say one")
    await modal.locator("select").select_option(label="outside 30 days")
    await modal.locator("textarea").fill("the parcel came in time")
    await shoot(lee, "e2e/7-reject-phone-dark")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()
    for seen in (hers, his):
        await expect(seen).to_contain_text("REJECTED")
        await expect(seen).to_contain_text("outside 30 days")
        await expect(seen).to_contain_text("the parcel came in time")
        await expect(button(seen, "approve")).to_have_count(0)
    assert await dana.evaluate(OVERFLOW) <= 0
    await shoot(dana, "e2e/8-rejected-phone")
    assert faults == []
    assert lee_faults == []


async def test_questions_are_answered_by_a_form_and_in_the_thread(playground, browser):
    dana, faults = await open_page(browser, playground.url, *DESKTOP)
    await ask(dana, "@Assent refund order 1060")
    thread = dana.get_by_test_id("thread")
    await expect(thread).to_contain_text("How much?")
    await shoot(dana, "e2e/9-question")
    await button(thread, "answer_form").click()
    modal = dana.get_by_test_id("modal")
    await modal.locator("input, textarea").first.fill("¥500")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()
    await expect(thread).to_contain_text("Why?")
    await dana.get_by_test_id("thread-composer").fill("@Assent it came too late")
    await dana.get_by_test_id("thread-composer").press("Enter")
    await expect(thread).to_contain_text("¥0 → ¥500")
    await expect(thread).to_contain_text("WAITING 0 of 1")
    await choose(thread, "Cancel the request")
    await expect(thread).to_contain_text("CANCELLED")
    assert faults == []


async def test_old_cards_work_after_a_kill_and_after_everything_was_stopped(playground, browser):
    dana, faults = await open_page(browser, playground.url, *DESKTOP)
    lee, lee_faults = await open_page(browser, playground.url, *DESKTOP)
    await become(lee, "lead")
    for request in ("refund ¥300 on order 1060, late", "refund 2 KWD on order 1061, late"):
        await ask(dana, f"@Assent {request}")
        thread = await open_thread(lee, request)
        await expect(thread).to_contain_text("WAITING 0 of 1")

    await asyncio.to_thread(kill, playground)
    await button(thread, "approve").click()
    await expect(lee.get_by_test_id("toasts")).to_contain_text("Assent")
    await shoot(lee, "e2e/10-bot-away")
    await asyncio.to_thread(playground.start_bot, told(playground))
    await button(thread, "approve").click()
    await expect(thread).to_contain_text("2 of 2 steps as predicted", timeout=RUN_MILLISECONDS)

    await asyncio.to_thread(playground.stop)
    workspace = await asyncio.to_thread(playground.start)
    playground.url = workspace["page_url"]
    await expect(lee.get_by_test_id("connection")).to_have_text("Live", timeout=RETURN_MILLISECONDS)
    thread = await open_thread(lee, "refund ¥300")
    await button(thread, "approve").click()
    await expect(thread).to_contain_text("3 of 3 steps as predicted", timeout=RUN_MILLISECONDS)
    await expect(button(thread, "approve")).to_have_count(0)
    await shoot(lee, "e2e/11-after-the-restart")
    assert faults == []
    assert lee_faults == []


def kill(playground):
    """SIGKILL, as a crash or an operator does it."""
    playground.bot.kill()
    playground.bot.wait()


def told(playground):
    """What the running workspace says of itself."""
    return json.loads((playground.workspace_folder / "workspace.json").read_text())
