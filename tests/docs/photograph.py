"""The README's photograph: one request on both sides of the local workspace, in a real browser.

The picture carries what it shows as text, so that a test can say when it is out of date.
"""

from __future__ import annotations

import asyncio
import re
import struct
import sys
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "both-sides.png"
REQUEST = "@Assent refund $40 on order 1043, arrived damaged"
SIZE = (1440, 900)
SCALE = 1.5  # device pixels a pixel: sharp on a dense screen, still a small file
SHOWS = b"Shows\0\0\0\0\0"  # of an iTXt chunk: keyword, not compressed, no language
_SIGNATURE_AND_HEADER_BYTES = 8 + 25
_CHANGING = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "DATE"),
    (re.compile(r"\b\w{3}, \w{3} \d{1,2}, \d{4}|\b(?:yesterday|today|tomorrow)\b"), "DATE"),
    (re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AP]M)?"), "TIME"),
    (re.compile(r"desk@[\w-]+(?:, content \w+)?"), "desk@REVISION"),
    (re.compile(r"plan [0-9a-f]{6}\b"), "plan DIGEST"),
)


async def take(url: str, path: Path) -> str:
    """Ask in Slack, wait for the card in Teams, photograph both; what both cards say."""
    from playwright.async_api import expect

    from tests.browsing import browsing

    async with browsing() as browser:
        context = await browser.new_context(
            viewport={"width": SIZE[0], "height": SIZE[1]}, device_scale_factor=SCALE
        )
        page = await context.new_page()
        await page.goto(url.replace("/teams?", "/both?"))
        slack = page.frame_locator('iframe[name="slack"]')
        teams = page.frame_locator('iframe[name="teams"]')
        await slack.get_by_test_id("composer").fill(REQUEST)
        await slack.get_by_test_id("composer").press("Enter")
        await slack.get_by_test_id("thread-link").click()
        cards = (slack.locator("#thread .card"), teams.get_by_test_id("card"))
        for card in cards:
            await expect(card).to_contain_text("WAITING", timeout=15_000)
        await teams.get_by_test_id("action-approve").focus()
        path.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=path)
        said = [
            f"{name}\n{await card.inner_text()}" for name, card in zip("ST", cards, strict=True)
        ]
    return steady("\n".join(said))


def steady(said: str) -> str:
    """What the cards say without what differs from day to day, in single spaces."""
    for pattern, name in _CHANGING:
        said = pattern.sub(name, said)
    return " ".join(said.split())


def with_words(png: bytes, words: str) -> bytes:
    """The picture with what it shows as text in it."""
    content = b"iTXt" + SHOWS + words.encode()
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return png[:_SIGNATURE_AND_HEADER_BYTES] + chunk + png[_SIGNATURE_AND_HEADER_BYTES:]


def words_of(png: bytes) -> str:
    """What a picture says that it shows; empty where it says nothing."""
    length, kind = struct.unpack_from(">I4s", png, _SIGNATURE_AND_HEADER_BYTES)
    content = png[_SIGNATURE_AND_HEADER_BYTES + 8 :][:length]
    return content.removeprefix(SHOWS).decode() if kind == b"iTXt" else ""


def main() -> None:
    """Take the picture anew; the committed one stays where it shows the same."""
    from bot.play import Playground
    from tests.browsing import installed

    if installed() is None:
        print("No chromium here: the README's photograph stays as it is.")
        return
    with TemporaryDirectory() as folder:
        playground = Playground(Path(folder) / "state")
        fresh = Path(folder) / "both-sides.png"
        try:
            words = asyncio.run(take(playground.start()["teams"]["page_url"], fresh))
        finally:
            playground.stop()
        if not PICTURE.exists() or words_of(PICTURE.read_bytes()) != words:
            PICTURE.parent.mkdir(parents=True, exist_ok=True)
            PICTURE.write_bytes(with_words(fresh.read_bytes(), words))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
