"""What approvers do before they approve, in a real browser: edit, ask, review together."""

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
RUN_MILLISECONDS = 15_000  # a plan read anew or executed, on a busy machine


async def test_an_edit_shows_a_new_plan_that_its_editor_cannot_approve(playground, browser):
    dana, faults = await open_page(browser, playground.url, *DESKTOP)
    lee, lee_faults = await open_page(browser, playground.url, *DESKTOP)
    mira, mira_faults = await open_page(browser, playground.url, *DESKTOP, "dark")
    await become(lee, "lead")
    await become(mira, "lead2")
    await ask(dana, "@Assent refund $40 on order 1043, arrived damaged")
    await expect(dana.get_by_test_id("thread")).to_contain_text("WAITING 0 of 1")

    his = await open_thread(lee, "refund $40")
    await button(his, "edit").click()
    modal = lee.get_by_test_id("modal")
    await expect(modal.get_by_label("Amount")).to_have_value("$40.00")
    await expect(modal.get_by_label("Reason")).to_have_value("0")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("Nothing is changed")
    await modal.get_by_label("Amount").fill("$35")
    await modal.get_by_label("Update a ticket").check()
    await shoot(lee, "e2e/20-edit")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()
    await expect(his).to_contain_text("$0.00 → $35.00", timeout=RUN_MILLISECONDS)
    await expect(his).to_contain_text("2 steps in 2 systems")
    await expect(his).to_contain_text("Earlier approvals do not count")
    await expect(his).to_contain_text("1 support lead (Mira Sol)")
    await button(his, "approve").click()
    await expect(his).to_contain_text("somebody else has to approve it")
    await shoot(lee, "e2e/21-edited")

    hers = await open_thread(mira, "refund $40")
    await button(hers, "approve").click()
    await expect(hers).to_contain_text("2 of 2 steps as predicted", timeout=RUN_MILLISECONDS)
    await expect(hers).to_contain_text("approved by Mira Sol")
    assert [*faults, *lee_faults, *mira_faults] == []


async def test_a_question_waits_on_the_card_until_it_is_replied_to(playground, browser):
    dana, faults = await open_page(browser, playground.url, *PHONE)
    lee, lee_faults = await open_page(browser, playground.url, *PHONE, "dark")
    await become(lee, "lead")
    await lee.get_by_test_id("place-support-ops").click()
    await ask(dana, "@Assent refund $11 on order 1065, it arrived late")
    hers = await open_thread(dana, "refund $11")
    his = await open_thread(lee, "refund $11")
    await expect(his).to_contain_text("WAITING 0 of 1")
    await choose(his, "Ask Dana")
    modal = lee.get_by_test_id("modal")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("required")
    await modal.get_by_label("Your question").fill("Is this the second late parcel?")
    await shoot(lee, "e2e/22-ask-phone-dark")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_be_hidden()
    await expect(hers).to_contain_text("“Is this the second late parcel?”")
    await button(hers, "reply").click()
    modal = dana.get_by_test_id("modal")
    await expect(modal).to_contain_text("Is this the second late parcel?")
    await modal.get_by_label("Your reply").fill("Yes, in one week.")
    await shoot(dana, "e2e/23-reply-phone")
    await modal.get_by_test_id("modal-submit").click()
    for seen in (hers, his):
        await expect(seen).to_contain_text("“Yes, in one week.”")
        await expect(button(seen, "reply")).to_have_count(0)
    assert await dana.evaluate(OVERFLOW) <= 0
    await shoot(dana, "e2e/24-replied-phone")
    await choose(hers, "Cancel the request")
    await expect(his).to_contain_text("CANCELLED")
    assert [*faults, *lee_faults] == []


async def test_several_are_reviewed_together_and_each_is_approved_for_itself(playground, browser):
    dana, faults = await open_page(browser, playground.url, *DESKTOP)
    lee, lee_faults = await open_page(browser, playground.url, *DESKTOP)
    await become(lee, "lead")
    for request in (
        "refund $12 on order 1065, late",
        "refund ¥500 on order 1060, late",
        "refund 2 KWD on order 1061, late",
    ):
        await ask(dana, f"@Assent {request}")
        await expect(await open_thread(dana, request)).to_contain_text("WAITING 0 of 1")
    await lee.get_by_test_id("place-Assent-home").click()
    home = lee.get_by_test_id("home")
    await expect(home).to_contain_text("Review 3 together")
    await shoot(lee, "e2e/25-home-together")
    await button(home, "review_batch").click()
    modal = lee.get_by_test_id("modal")
    submit = modal.get_by_test_id("modal-submit")
    await expect(submit).to_have_text("Approve all 3")
    for said in ("¥0 → ¥500", "0.000 KWD → 2.000 KWD", "can be taken back"):
        await expect(modal).to_contain_text(said)
    await modal.get_by_role("checkbox").nth(1).uncheck()
    await expect(submit).to_have_text("Approve 2 of 3")
    await expect(modal.get_by_role("checkbox").nth(1)).not_to_be_checked()
    await shoot(lee, "e2e/26-batch")
    await submit.click()
    await expect(modal).to_contain_text("2 of 2 approvals recorded")
    await expect(modal).to_contain_text(re.compile("order 1061 .*your approval is recorded"))
    await shoot(lee, "e2e/27-batch-outcome")
    await lee.keyboard.press("Escape")
    await expect(home).not_to_contain_text("Review 3 together")
    await lee.get_by_test_id("place-support-ops").click()
    for request, said in (("refund 2 KWD", "as predicted"), ("refund ¥500", "WAITING 0 of 1")):
        thread = await open_thread(lee, request)
        await expect(thread).to_contain_text(said, timeout=RUN_MILLISECONDS)
    await choose(await open_thread(dana, "refund ¥500"), "Cancel the request")
    assert [*faults, *lee_faults] == []
