"""One request on both sides, in a browser: asked in one, approved in the other, told in each."""

import asyncio
import time

import pytest
from playwright.async_api import expect

from tests.browsing import (
    OVERFLOW,
    ask,
    become,
    button,
    choose,
    open_page,
    shoot,
)

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

DESKTOP = (1280, 860)
PHONE = (390, 844)
SAME_SECONDS = 2.0  # both cards show the same state within this
RUN_MILLISECONDS = 15_000  # an approval, its execution and the summary, on a busy machine


async def teams_as(browser, playground, alias, size=DESKTOP, scheme="light"):
    """The Teams page as a person, with what it reported."""
    page, faults = await open_page(browser, playground.teams_url, *size, scheme)
    page.on("console", lambda said: faults.append(said.text))
    await become(page, alias)
    if size == PHONE:
        await page.get_by_test_id("place-support-ops").click()
    return page, faults


def post(page, words):
    """The newest post in Teams that holds the words, replies included."""
    return page.get_by_test_id("post").filter(has_text=words).last


async def ask_requester(card):
    """In the row of an approver's own view; in the menu of the card that is for everybody."""
    if await button(card, "ask").is_visible():
        await button(card, "ask").click()
    else:
        await choose(card, "Ask Dana")


async def seen(locator, text):
    """When the text stands there, in seconds of the running clock."""
    await expect(locator).to_contain_text(text, timeout=RUN_MILLISECONDS)
    return time.monotonic()


async def together(slack, teams, text):
    """Both show the text, the second at most SAME_SECONDS after the first."""
    first, second = await asyncio.gather(seen(slack, text), seen(teams, text))
    assert abs(first - second) <= SAME_SECONDS


async def test_asked_in_slack_and_approved_in_teams(playground, browser):
    dana, faults = await open_page(browser, playground.url, *DESKTOP)
    lee, lee_faults = await teams_as(browser, playground, "lead")
    await ask(dana, "@Assent refund $40 on order 1043, arrived damaged")
    hers = dana.get_by_test_id("thread")
    his = post(lee, "order 1043")
    await together(hers, his, "WAITING 0 of 1")
    await expect(his).to_contain_text("$0.00 → $40.00")
    await shoot(lee, "e2e/30-teams-waiting")
    await button(his, "approve").click()
    await together(hers, his, "3 of 3 steps as predicted")
    for card in (hers, his):
        await expect(card).to_contain_text("approved by Lee Park")
        await expect(button(card, "approve")).to_have_count(0)
    await shoot(lee, "e2e/31-teams-done")
    assert [*faults, *lee_faults] == []


async def test_asked_in_teams_and_approved_in_slack(playground, browser):
    dana, faults = await teams_as(browser, playground, "agent", PHONE, "dark")
    lee, lee_faults = await open_page(browser, playground.url, *DESKTOP, "dark")
    await become(lee, "lead")
    await dana.get_by_test_id("mention").click()
    await dana.keyboard.type("refund $11 on order 1065, it arrived late")
    await dana.get_by_test_id("send").click()
    hers = post(dana, "refund $11")
    await expect(hers).to_contain_text("WAITING 0 of 1")
    his = lee.get_by_test_id("messages").get_by_test_id("message").filter(has_text="order 1065")
    await together(his, hers, "WAITING 0 of 1")
    assert await dana.evaluate(OVERFLOW) <= 0
    await shoot(dana, "e2e/32-teams-phone-dark")
    await button(his, "approve").click()
    await together(his, hers, "as predicted")
    for card in (hers, his):
        await expect(card).to_contain_text("approved by Lee Park")
        await expect(button(card, "approve")).to_have_count(0)
    await shoot(lee, "e2e/32-slack-done-dark")
    assert [*faults, *lee_faults] == []


async def test_each_sees_on_the_card_what_they_can_do_and_alone_why_not(playground, browser):
    dana, faults = await teams_as(browser, playground, "agent")
    sam, sam_faults = await teams_as(browser, playground, "agent2")
    lee, lee_faults = await teams_as(browser, playground, "lead")
    await ask(dana, "@Assent refund ¥500 on order 1060, late")
    hers, other, his = (post(page, "¥500") for page in (dana, sam, lee))
    for shown in (hers, other, his):
        await expect(shown).to_contain_text("WAITING 0 of 1")
    await expect(button(hers, "approve")).to_have_count(0)
    await shoot(dana, "e2e/33-teams-requester")
    await button(other, "approve").click()  # the bot has not met Sam: the card for everybody
    await expect(other).to_contain_text("Only you see this")
    await expect(button(other, "approve")).to_have_count(0)
    await shoot(sam, "e2e/34-teams-refused")
    await expect(his).not_to_contain_text("Only you see this")
    await button(his, "reject").click()
    modal = lee.get_by_test_id("modal")
    await modal.get_by_test_id("action-reject").click()
    await expect(modal).to_contain_text("Choose a reason or say one")
    await modal.get_by_label("In your own words").fill("outside 30 days")
    await shoot(lee, "e2e/35-teams-reject")
    await modal.get_by_test_id("action-reject").click()
    await expect(modal).to_be_hidden()
    for shown in (hers, other, his):
        await expect(shown).to_contain_text("outside 30 days")
        await expect(button(shown, "approve")).to_have_count(0)
    assert [*faults, *sam_faults, *lee_faults] == []


async def test_edit_details_and_a_question_as_dialogs(playground, browser):
    dana, faults = await teams_as(browser, playground, "agent")
    lee, lee_faults = await teams_as(browser, playground, "lead", DESKTOP, "dark")
    await ask(dana, "@Assent refund 2 KWD on order 1061, late")
    hers, his = post(dana, "2 KWD"), post(lee, "2 KWD")
    await expect(his).to_contain_text("WAITING 0 of 1")
    modal = lee.get_by_test_id("modal")
    await button(his, "details").click()
    await expect(modal).to_contain_text("page 1 of")
    await modal.get_by_role("button", name="Next").click()
    await expect(modal).to_contain_text("page 2 of")
    await shoot(lee, "e2e/36-teams-details-dark")
    await lee.keyboard.press("Escape")
    await expect(modal).to_be_hidden()
    await ask_requester(his)
    await modal.get_by_label("Your question").fill("Is this the second one?")
    await modal.get_by_test_id("action-ask").click()
    await expect(modal).to_be_hidden()
    await expect(hers).to_contain_text("“Is this the second one?”")
    await button(hers, "reply").click()
    await dana.get_by_test_id("modal").get_by_label("Your reply").fill("Yes, in one week.")
    await dana.get_by_test_id("modal").get_by_test_id("action-reply").click()
    await expect(his).to_contain_text("“Yes, in one week.”")
    # The notice of the reply may be there before the card is drawn anew with it.
    await expect(his.get_by_test_id("card").first).to_contain_text("“Yes, in one week.”")
    await button(his, "edit").click()
    await expect(modal.get_by_label("Amount")).to_have_value("2.000 KWD")
    await modal.get_by_test_id("action-edit").click()
    await expect(modal).to_contain_text("Nothing is changed")
    await shoot(lee, "e2e/37-teams-edit-fault-dark")
    await modal.get_by_label("Amount").fill("1 KWD")
    await modal.get_by_test_id("action-edit").click()
    await expect(modal).to_be_hidden()
    await expect(hers).to_contain_text("1.000 KWD", timeout=RUN_MILLISECONDS)
    await shoot(dana, "e2e/38-teams-edited")
    assert [*faults, *lee_faults] == []


async def test_the_app_answers_commands_and_takes_over_a_message(playground, browser):
    dana, faults = await teams_as(browser, playground, "agent")
    await ask(dana, "@Assent refund ¥300 on order 1060, late")
    await expect(post(dana, "¥300")).to_contain_text("WAITING 0 of 1")
    await dana.get_by_test_id("composer").fill("the customer of 1043 wants $5 back")
    await dana.keyboard.press("Enter")
    said = post(dana, "wants $5 back").get_by_test_id("message").first
    await said.hover()
    await said.get_by_test_id("message-menu").click()
    await dana.get_by_role("menuitem", name="Ask Assent").last.click()
    modal = dana.get_by_test_id("modal")
    await expect(modal.locator("textarea")).to_have_value("the customer of 1043 wants $5 back")
    await shoot(dana, "e2e/39-teams-extension")
    await dana.keyboard.press("Escape")
    await dana.get_by_test_id("place-Assent").click()
    messages = dana.get_by_test_id("messages")
    for command, answer in (("help", "refund"), ("status", ""), ("home", "Waiting for you")):
        await dana.get_by_test_id("composer").fill(command)
        await dana.keyboard.press("Enter")
        await expect(messages.get_by_test_id("message").last).to_contain_text(answer)
    await shoot(dana, "e2e/40-teams-commands")
    entry = messages.get_by_test_id("message").last
    await expect(entry).to_contain_text("order 1060")
    await entry.get_by_role("button", name="Open").first.click()
    await expect(post(dana, "¥300").get_by_test_id("message").first).to_be_focused()
    assert faults == []
