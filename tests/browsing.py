"""A real browser on the workspace's page, for every test that looks at it."""

import os
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

SCREENSHOTS = Path(__file__).parent / "screenshots"
WAIT_MILLISECONDS = 15_000  # for anything to be seen, on a busy machine
expect.set_options(timeout=WAIT_MILLISECONDS)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
OVERFLOW = (
    "document.documentElement.scrollWidth - innerWidth"  # pixels; above 0 it scrolls sideways
)


def installed():
    """The system's browser, None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def chromium():
    """The system's browser; without one CI fails and a person's machine skips visibly."""
    found = installed()
    if found is None and not os.environ.get("CI"):
        pytest.skip("no chromium on this machine; install it to run the page's tests")
    assert found, "CI has no chromium: install it in the CI script"
    return found


@asynccontextmanager
async def browsing():
    """A browser of its own; tests take the fixture `browser`, which one process starts once."""
    executable = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*FLAGS])
        try:
            yield browser
        finally:
            await browser.close()


async def open_page(browser, url, width, height, scheme="light"):
    """A page of its own person, with the errors it reports."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    )
    page = await context.new_page()
    page.set_default_timeout(WAIT_MILLISECONDS)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
    await page.goto(url)
    await expect(page.get_by_test_id("connection")).to_have_text("Live")
    return page, faults


async def become(page, alias):
    """Switch to another person; on a phone by way of the list of conversations."""
    if await page.get_by_test_id("back").is_visible():
        await page.get_by_test_id("back").click()
    await page.get_by_test_id("person-switch").click()
    await page.get_by_test_id(f"person-{alias}").click()


async def ask(page, text):
    """Say something in the conversation that is open."""
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


async def open_thread(page, words):
    """The thread of the newest message that holds the words, once it has an answer."""
    root = page.get_by_test_id("messages").get_by_test_id("message").filter(has_text=words).last
    await root.get_by_test_id("thread-link").click()
    return page.get_by_test_id("thread")


def button(shown, action):
    """An element of a card or a window by its action id."""
    return shown.get_by_test_id(f"action-{action}")


async def choose(shown, label):
    """Take an option of a card's menu."""
    await button(shown, "more").get_by_role("button", name="More actions").click()
    await shown.get_by_role("menuitem", name=label).click()


async def shoot(page, name):
    """A picture for people to look at, under tests/screenshots (not in git)."""
    path = SCREENSHOTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path)
