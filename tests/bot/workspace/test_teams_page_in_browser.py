"""The Teams page in a real browser, with a small bot behind it that posts golden cards."""

from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.bot.workspace.demo_bot import demo_bot
from tests.browsing import OVERFLOW, become, button, choose, open_page, shoot

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

DESKTOP = (1280, 860)
PHONE = (390, 844)


@pytest.fixture
def teams_settings(settings, unused_port):
    return replace(settings, teams_messages_url=f"http://127.0.0.1:{unused_port}/api/messages")


@pytest_asyncio.fixture(loop_scope="session")
async def teams(teams_settings, unused_port, kit):
    """A workspace whose Teams side is on, and its bot."""
    async with kit.running(teams_settings) as world, demo_bot(world.address, unused_port):
        yield world


async def see(browser, world, alias, size=DESKTOP, scheme="light"):
    """The page as a person sees it, with what it reported; every word in the console counts."""
    page, faults = await open_page(browser, world.address["teams"]["page_url"], *size, scheme)
    page.on("console", lambda said: faults.append(said.text))
    await become(page, alias)
    if await page.get_by_test_id("sidebar").is_visible() and size == PHONE:
        await page.get_by_test_id("place-support-ops").click()
    return page, faults


async def post(page, words):
    """Start a post that mentions the bot, as one types it."""
    await page.get_by_test_id("composer").press_sequentially("@As")
    await expect(page.get_by_test_id("completion")).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.get_by_test_id("composer").press_sequentially(words)
    await page.keyboard.press("Enter")


def cards(page):
    return page.get_by_test_id("card")


async def test_a_card_is_asked_for_seen_as_each_may_and_settled_for_all(teams, browser):
    dana, faults = await see(browser, teams, "agent")
    sam, sam_faults = await see(browser, teams, "agent2")
    lee, lee_faults = await see(browser, teams, "lead", DESKTOP, "dark")
    await post(dana, "refund <b>$40</b> on 1043")
    for page in (dana, sam, lee):
        await expect(page.get_by_test_id("messages")).to_contain_text("refund <b>$40</b>")
        await expect(cards(page)).to_have_count(1)
    await expect(cards(sam)).to_contain_text("<img src=x onerror=alert(1)>")
    assert await sam.locator("main :is(img, a)").count() == 0
    await expect(button(cards(dana), "approve")).to_have_count(0)
    await expect(cards(dana)).to_contain_text("Cancel the request")
    await shoot(dana, "teams/waiting-requester")
    await shoot(lee, "teams/waiting-dark")
    await button(cards(sam), "approve").click()
    await expect(cards(sam)).to_contain_text("Only you see this")
    await expect(sam.get_by_text("Only you see this")).to_be_in_viewport()
    await shoot(sam, "teams/refused")
    await expect(cards(lee)).not_to_contain_text("Only you see this")
    await expect(button(cards(lee), "approve")).to_have_count(1)
    await button(cards(lee), "approve").focus()
    await lee.keyboard.press("Enter")
    for page in (dana, sam, lee):
        await expect(cards(page)).to_contain_text("DONE")
        await expect(button(page, "approve")).to_have_count(0)
        await expect(cards(page)).to_have_count(1)
    await shoot(lee, "teams/settled-dark")
    assert [*faults, *sam_faults, *lee_faults] == []


async def test_dialogs_turn_pages_name_faults_and_give_the_focus_back(teams, browser):
    lee, faults = await see(browser, teams, "lead")
    await post(lee, "refund 1043")
    modal = lee.get_by_test_id("modal")
    await button(cards(lee), "details").click()
    await expect(modal).to_contain_text("page 1 of 3")
    await expect(modal.get_by_role("button", name="Next")).to_be_focused()
    await lee.keyboard.press("Enter")
    await expect(modal).to_contain_text("page 2 of 3")
    await expect(modal.get_by_role("button", name="Next")).to_be_focused()
    await lee.keyboard.press("Escape")
    await expect(modal).to_be_hidden()
    await expect(button(cards(lee), "details")).to_be_focused()
    await button(cards(lee), "reject").click()
    await expect(modal.get_by_label("Reason")).to_be_focused()
    await shoot(lee, "teams/dialog")
    await modal.get_by_role("button", name="Reject").click()
    await expect(modal).to_contain_text("Say why, in a few words.")
    await modal.get_by_label("In your own words").fill("outside 30 days")
    await modal.get_by_role("button", name="Reject").click()
    await expect(modal).to_be_hidden()
    await expect(lee.get_by_test_id("messages")).to_contain_text("Noted.")
    await choose(cards(lee), "Ask Dana")
    await expect(modal).to_be_visible()
    await modal.get_by_test_id("modal-close").click()
    await expect(modal).to_be_hidden()
    assert faults == []


PRESS_A_STALE_CARD = """
async (change) => {
  const { press } = await import("/page/files/teams/pressing.js");
  const { messagesIn, store } = await import("/page/files/teams/store.js");
  const message = messagesIn(store.place).find((each) => each.card);
  const row = message.card.body.find((each) => each.type === "ActionSet");
  const approve = row.actions.find((each) => each.verb === "approve");
  await press({ ...message, version: "stale" }, "/body/0", { ...approve, ...change }, {});
}
"""


async def test_a_press_counts_on_a_newer_card_only_where_it_has_the_very_same_button(
    teams, browser
):
    lee, faults = await see(browser, teams, "lead")
    await post(lee, "refund 1043")
    await expect(button(cards(lee), "approve")).to_have_count(1)
    await lee.evaluate(PRESS_A_STALE_CARD, {"data": {"press": "R-20391:another plan"}})
    await expect(lee.get_by_test_id("toast")).to_contain_text("changed since you looked")
    await expect(button(cards(lee), "approve")).to_have_count(1)
    await lee.evaluate(PRESS_A_STALE_CARD, {})
    await expect(cards(lee)).to_contain_text("DONE")
    assert faults == []


async def test_people_reply_edit_delete_and_hand_a_message_to_assent(teams, browser):
    dana, faults = await see(browser, teams, "agent")
    sam, sam_faults = await see(browser, teams, "agent2")
    await dana.get_by_test_id("composer").fill("order 1043 arived damaged")
    await dana.keyboard.press("Enter")
    root = sam.get_by_test_id("post").last
    await root.get_by_test_id("reply").click()
    await root.get_by_test_id("mention").click()
    await sam.keyboard.type("sta")
    await sam.keyboard.press("Tab")
    await sam.keyboard.press("Enter")
    await expect(dana.get_by_test_id("post")).to_contain_text("@Assent status")
    own = dana.get_by_test_id("message").first
    await own.hover()
    await own.get_by_test_id("message-menu").click()
    await dana.get_by_test_id("message-edit").click()
    await dana.get_by_test_id("edit-box").fill("order 1043 arrived damaged")
    await dana.keyboard.press("Enter")
    await expect(sam.get_by_test_id("post").first).to_contain_text("arrived damaged")
    await expect(sam.get_by_test_id("message").first).to_contain_text("Edited")
    theirs = sam.get_by_test_id("message").first
    await theirs.hover()
    await theirs.get_by_test_id("message-menu").click()
    await expect(sam.get_by_test_id("message-edit")).to_have_count(1)  # of the reply alone
    await sam.get_by_role("menuitem", name="Ask Assent").first.click()
    await expect(sam.get_by_test_id("modal")).to_be_visible()
    await sam.keyboard.press("Escape")
    await own.hover()
    await own.get_by_test_id("message-menu").click()
    await dana.get_by_test_id("message-delete").click()
    await expect(sam.get_by_test_id("post").first).to_contain_text("has been deleted")
    assert [*faults, *sam_faults] == []


async def test_chats_unread_marks_and_the_switch_that_keeps_the_person(teams, browser):
    dana, faults = await see(browser, teams, "agent")
    lee, lee_faults = await see(browser, teams, "lead")
    await dana.get_by_test_id("place-Returns").click()
    await dana.get_by_test_id("composer").fill("the box is here")
    await dana.keyboard.press("Enter")
    await expect(lee.get_by_test_id("place-Returns")).to_contain_text("1")
    await lee.get_by_test_id("place-Returns").click()
    await expect(lee.get_by_test_id("messages")).to_contain_text("the box is here")
    await expect(lee.get_by_test_id("unread")).to_have_count(0)
    await lee.get_by_test_id("composer").fill("thanks")
    await lee.keyboard.press("Enter")
    await expect(dana.get_by_test_id("messages")).to_contain_text("thanks")
    await lee.get_by_test_id("place-Assent").click()
    await expect(lee.get_by_test_id("mention")).to_be_hidden()
    await lee.get_by_test_id("composer").fill("refund $40 on order 1043")
    await lee.keyboard.press("Enter")
    await expect(cards(lee)).to_have_count(1)
    await shoot(lee, "teams/chat")
    await lee.get_by_test_id("side-slack").click()
    await expect(lee.get_by_test_id("me")).to_have_text("Lee Park")
    await lee.get_by_test_id("side-teams").click()
    await expect(lee.get_by_test_id("me")).to_have_text("Lee Park")
    await expect(cards(lee)).to_have_count(1)
    assert [*faults, *lee_faults] == []


async def test_a_sentence_goes_on_where_the_bot_leaves_the_chat(teams, browser):
    dana, faults = await see(browser, teams, "agent")
    lee, lee_faults = await see(browser, teams, "lead")
    for page in (dana, lee):
        await page.get_by_test_id("place-Returns").click()
    await lee.get_by_test_id("composer").press_sequentially("the bx")
    await lee.keyboard.press("ArrowLeft")
    await dana.get_by_test_id("conversation-menu").click()
    await dana.get_by_test_id("install").click()
    await expect(lee.get_by_text("Assent is not here")).to_be_visible()
    await lee.keyboard.type("o")
    await lee.keyboard.press("Enter")
    await expect(dana.get_by_test_id("messages")).to_contain_text("the box")
    assert [*faults, *lee_faults] == []


async def test_a_phone_shows_one_pane_and_nothing_scrolls_sideways(teams, browser):
    dana, faults = await see(browser, teams, "agent", PHONE)
    await dana.get_by_test_id("mention").click()
    await dana.keyboard.type("refund $40 on order 1043, arrived damaged")
    await dana.get_by_test_id("send").click()
    await expect(cards(dana)).to_have_count(1)
    await expect(dana.get_by_test_id("sidebar")).to_be_hidden()
    assert await dana.evaluate(OVERFLOW) <= 0
    await shoot(dana, "teams/phone")
    await button(cards(dana), "details").click()
    await expect(dana.get_by_test_id("modal")).to_contain_text("page 1 of 3")
    assert await dana.evaluate(OVERFLOW) <= 0
    await shoot(dana, "teams/phone-dialog")
    await dana.get_by_test_id("modal-close").click()
    await dana.get_by_test_id("back").click()
    await expect(dana.get_by_test_id("place-Returns")).to_be_visible()
    assert await dana.evaluate(OVERFLOW) <= 0
    await shoot(dana, "teams/phone-rail")
    assert faults == []


async def test_both_sides_stand_beside_each_other_each_with_its_own_person(teams, browser):
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text))
    await page.goto(teams.address["teams"]["page_url"].replace("/teams?", "/both?"))
    slack = page.frame_locator('iframe[name="slack"]')
    right = page.frame_locator('iframe[name="teams"]')
    await expect(slack.get_by_test_id("me")).to_have_text("Dana Okafor")
    await expect(right.get_by_test_id("me")).to_have_text("Lee Park")
    await page.get_by_test_id("teams-as").select_option("Ann Weiss")
    await expect(right.get_by_test_id("me")).to_have_text("Ann Weiss")
    await expect(slack.get_by_test_id("me")).to_have_text("Dana Okafor")
    await right.get_by_test_id("mention").click()
    await page.keyboard.type("refund $40 on order 1043")
    await page.keyboard.press("Enter")
    await expect(right.get_by_test_id("card")).to_have_count(1)
    await shoot(page, "teams/both")
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert await page.evaluate(OVERFLOW) <= 0
    upper, lower = [await page.locator("iframe").nth(at).bounding_box() for at in (0, 1)]
    assert upper["y"] + upper["height"] <= lower["y"]  # one above the other
    assert lower["width"] == PHONE[0]
    await shoot(page, "teams/both-phone")
    await page.get_by_test_id("side-slack").click()
    await expect(page.get_by_test_id("me")).to_have_text("Dana Okafor")
    assert faults == []


async def test_an_open_page_comes_back_after_a_restart(teams_settings, kit, browser):
    async with kit.running(teams_settings) as world:
        page, faults = await open_page(browser, world.address["teams"]["page_url"], *DESKTOP)
    await expect(page.get_by_test_id("connection")).to_have_text("Reconnecting…")
    await page.get_by_test_id("composer").press_sequentially("after the ")
    async with kit.running(teams_settings):
        await expect(page.get_by_test_id("connection")).to_have_text("Live", timeout=15_000)
        await page.keyboard.type("restart")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("messages")).to_contain_text("after the restart")
        assert faults == []


async def test_without_admission_the_page_says_what_to_open(teams, browser):
    page = await browser.new_page()
    await page.goto(f"{teams.address['url']}/teams")
    await expect(page.get_by_test_id("closed")).to_contain_text("printed when it started")
