"""The README's photograph shows what both sides show of the same request now."""

from __future__ import annotations

import pytest

from bot.play import Playground
from tests.docs import photograph


def test_the_readme_shows_the_photograph_that_says_what_it_shows():
    said = (photograph.ROOT / "README.md").read_text()
    assert f"]({photograph.PICTURE.relative_to(photograph.ROOT)})" in said
    words = photograph.words_of(photograph.PICTURE.read_bytes())
    assert words.count("WAITING 0 of 1") == 2
    assert "TIME" in words


def test_a_picture_keeps_its_words_beside_its_pixels():
    png = photograph.PICTURE.read_bytes()
    assert photograph.words_of(photograph.with_words(png, "a → b")) == "a → b"


def test_only_what_differs_from_day_to_day_is_set_aside():
    one = (
        "Expires Mon, Nov 23, 2026 9:57 AM, bundle desk@12acd1e-dirty-67d8c6d, $40.00, plan c7b1db"
    )
    other = "Expires today 21:57, bundle desk@5fdc2e3, content 67d8c6d, $40.00, plan 000000"
    assert photograph.steady(one) == photograph.steady(other)
    assert photograph.steady(one) != photograph.steady(other.replace("40", "41"))


@pytest.mark.slow
async def test_the_photograph_is_not_out_of_date(tmp_path):
    playground = Playground(tmp_path / "state")
    try:
        url = playground.start()["teams"]["page_url"]
        words = await photograph.take(url, tmp_path / "fresh.png")
    finally:
        playground.stop()
    stored = photograph.words_of(photograph.PICTURE.read_bytes())
    assert words == stored, "run `python tests/docs/photograph.py`"
