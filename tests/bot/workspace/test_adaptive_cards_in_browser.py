"""Adaptive Cards as the Teams page draws them: goldens whole, hostile text inert, inputs kept."""

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browsing import OVERFLOW, shoot

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

GOLDEN = Path(__file__).parents[1] / "cards" / "golden_adaptive"
DRAW = """
async (cards) => {
  const { renderCard } = await import("/page/files/teams/card.js");
  window.used = [];
  document.body.replaceChildren(...cards.map(([name, card, values]) => {
    const sheet = document.createElement("section");
    sheet.className = "card";
    sheet.dataset.testid = name;
    const use = async (pointer, action, inputs) => { used.push([pointer, action.title, inputs]); };
    sheet.append(renderCard(card, { use, values: values ?? {}, scope: name }));
    return sheet;
  }));
}
"""
ATTACKS = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[press](javascript:alert(1))",
    "[press](data:text/html,<script>alert(1)</script>)",
    "&lt;img src=x onerror=alert(1)&gt;",
    "\u202egpj.exe",
)


@pytest_asyncio.fixture(loop_scope="session")
async def world(settings, kit):
    """A workspace on the loop of the browser."""
    async with kit.running(settings) as made:
        yield made


def card(*body, actions=()):
    return {"type": "AdaptiveCard", "version": "1.5", "body": [*body], "actions": [*actions]}


def block(text, **more):
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def run(text, **more):
    return {"type": "TextRun", "text": text, **more}


def option(title):
    return {"title": title, "value": title.lower()}


def execute(title, **more):
    return {"type": "Action.Execute", "verb": title.lower(), "title": title, **more}


@asynccontextmanager
async def drawing(browser, world, *cards, width=1100, height=800):
    """A page that shows the cards, each (name, card[, values]), and what it reported."""
    page = await browser.new_page(viewport={"width": width, "height": height})
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
    page.on("requestfailed", lambda request: faults.append(request.url))
    await page.goto(f"{world.address['url']}/page/files/teams/index.html")
    await expect(page.get_by_test_id("closed")).to_be_visible()
    page.on("console", lambda said: faults.append(said.text))
    await page.evaluate(DRAW, [list(each) for each in cards])
    yield page
    assert faults == []


def goldens():
    for path in sorted(GOLDEN.glob("*.json")):
        shown = json.loads(path.read_text())["card"]
        yield path.stem, shown.get("content", shown)


def texts(node):
    """Every text that a card holds for people to read, buttons of a closed menu aside."""
    if isinstance(node, list):
        return [text for each in node for text in texts(each)]
    if not isinstance(node, dict):
        return []
    if node.get("type") == "TextRun":
        return [node["text"]]
    return [text for name, each in node.items() if name != "fallback" for text in texts(each)]


async def test_every_golden_card_is_drawn_whole_at_the_width_of_a_phone(world, browser):
    cards = list(goldens())
    assert len(cards) > 90
    async with drawing(browser, world, *cards, width=390) as page:
        assert await page.get_by_test_id("ac-unknown").count() == 0
        assert await page.evaluate(OVERFLOW) <= 0
        for name, shown in cards:
            drawn = await page.get_by_test_id(name).first.text_content()
            for text in texts(shown):
                assert " ".join(text.split()) in " ".join(drawn.split()), name


async def test_an_element_that_nobody_knows_is_a_loud_error(world, browser):
    shown = card(
        {"type": "Table", "columns": []},
        {"type": "Carousel", "fallback": block("instead of the carousel")},
        {"type": "Badge", "fallback": "drop"},
        {"type": "RichTextBlock", "inlines": [{"type": "CitationRun", "text": "1"}]},
        actions=[{"type": "Action.RunCommands", "title": "Run"}],
    )
    newer = {**card(block("from the future")), "version": "1.9"}
    async with drawing(browser, world, ("card", shown), ("newer", newer)) as page:
        faults = page.get_by_test_id("card").first.get_by_test_id("ac-unknown")
        assert await faults.all_text_contents() == [
            "Cannot show Table.",
            "Cannot show CitationRun.",
            "Cannot show Action.RunCommands.",
        ]
        await expect(page.get_by_test_id("card")).to_contain_text("instead of the carousel")
        await expect(page.get_by_test_id("newer")).to_have_text(
            "Cannot show version 1.9 of Adaptive Cards."
        )


async def test_hostile_text_is_shown_as_text_wherever_it_stands(world, browser):
    cards = []
    for number, text in enumerate(ATTACKS):
        inputs = [
            {"type": "Input.Text", "id": "t", "label": text, "value": text, "placeholder": text},
            {"type": "Input.Toggle", "id": "o", "title": text},
            {"type": "Input.ChoiceSet", "id": "c", "label": text,
             "choices": [{"title": text, "value": text}]},
        ]  # fmt: skip
        facts = {"type": "FactSet", "facts": [{"title": text, "value": text}]}
        rich = {"type": "RichTextBlock", "inlines": [text, run(text, strikethrough=True)]}
        link = {"type": "Action.OpenUrl", "title": text, "url": "javascript:alert(1)"}
        shown = card(block(text), rich, facts, *inputs, actions=[execute(text), link])
        cards.append((f"attack-{number}", shown))
    async with drawing(browser, world, *cards) as page:
        for number in range(len(ATTACKS)):
            sheet = page.get_by_test_id(f"attack-{number}")
            for each in await sheet.get_by_role("button").all():
                await each.click()
        assert await page.locator("body :is(img, script, iframe, a)").count() == 0
        assert "\u202e" not in await page.locator("body").inner_text()
        drawn = await page.get_by_test_id("attack-0").inner_text()
        assert drawn.count(ATTACKS[0]) >= 7


async def test_the_markdown_of_a_text_block_and_of_nothing_else(world, browser):
    said = (
        "**bold** _slanted_ [a link](https://example.com/x) \\*not\\* &lt;b&gt; pay_7731_x ~~no~~"
    )
    body = card(
        block(f"{said}\n\n- one\n- two\n\n3. three\r4. four"),
        {"type": "RichTextBlock", "inlines": [run("**plain** "), run("bold", weight="bolder")]},
        block("on {{DATE(2026-11-21T12:41:07Z, SHORT)}} at {{TIME(2026-11-21T12:41:07Z)}}"),
    )
    async with drawing(browser, world, ("marks", body)) as page:
        sheet = page.get_by_test_id("marks")
        assert await sheet.locator("strong").all_text_contents() == ["bold"]
        assert await sheet.locator("em").all_text_contents() == ["slanted"]
        assert await sheet.locator("a").get_attribute("href") == "https://example.com/x"
        assert await sheet.locator("ul li").all_text_contents() == ["one", "two"]
        assert await sheet.locator("ol li").all_text_contents() == ["three", "four"]
        for text in ("*not* <b> pay_7731_x ~~no~~", "**plain** bold"):
            await expect(sheet).to_contain_text(text)
        await expect(sheet).not_to_contain_text("{{")
        await expect(sheet).to_contain_text("2026")


async def test_inputs_are_asked_for_kept_and_sent_with_their_ids(world, browser):
    why = {"type": "Input.ChoiceSet", "id": "why", "label": "Why", "isRequired": True,
           "errorMessage": "Choose one.", "choices": [option("Late")]}  # fmt: skip
    words = {"type": "Input.Text", "id": "words", "label": "In your own words", "isMultiline": True}
    both = {"type": "Input.ChoiceSet", "id": "both", "isMultiSelect": True, "value": "a,b",
            "choices": [option("a"), option("b"), option("c")]}  # fmt: skip
    agreed = {"type": "Input.Toggle", "id": "agreed", "title": "Agreed", "valueOn": "yes"}
    shown = card(
        why,
        words,
        both,
        agreed,
        actions=[execute("Send"), execute("Back", associatedInputs="none")],
    )
    typed = {"words": "typed before"}
    async with drawing(browser, world, ("form", shown, typed)) as page:
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("Choose one.")).to_be_visible()
        await expect(page.get_by_label("Why")).to_be_focused()
        await page.get_by_role("button", name="Back").click()
        await page.get_by_label("Why").select_option("Late")
        await page.get_by_label("b", exact=True).uncheck()
        await page.get_by_label("Agreed").check()
        await page.get_by_role("button", name="Send").click()
        inputs = {"why": "late", "words": "typed before", "both": "a", "agreed": "yes"}
        assert await page.evaluate("used") == [
            ["/actions/1", "Back", {}],
            ["/actions/0", "Send", inputs],
        ]


async def test_secondary_actions_stand_in_a_menu_that_the_keyboard_opens(world, browser):
    row = {"type": "ActionSet", "actions": [
        execute("Approve", style="positive"), execute("Ask", mode="secondary"),
        execute("Cancel", mode="secondary", style="destructive"),
    ]}  # fmt: skip
    old = {"type": "Action.Future", "title": "Future", "fallback": execute("Old")}
    many = card(block("x"), row, actions=[*(execute(f"N{n}") for n in range(7)), old])
    async with drawing(browser, world, ("many", many)) as page:
        await expect(page.get_by_role("button", name="Approve")).to_have_class("button primary")
        await expect(page.get_by_role("menuitem", name="Ask")).to_be_hidden()
        await page.get_by_role("button", name="More actions").first.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("menuitem", name="Cancel")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="More actions").last.click()
        await page.get_by_role("menuitem", name="Old").click()
        pressed = [[pointer, title] for pointer, title, _ in await page.evaluate("used")]
        assert pressed == [["/body/1/actions/2", "Cancel"], ["/actions/7/fallback", "Old"]]
        await shoot(page, "teams/actions")
