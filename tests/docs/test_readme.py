"""The README's card is the one that the same request gets now."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs import generate, picture

ROOT = Path(__file__).parents[2]


def test_card_is_what_a_run_shows(tmp_path):
    said = generate.part((ROOT / "README.md").read_text(), "card")
    made = generate.fenced(picture.card(tmp_path))
    assert picture.steady(said) == picture.steady(made), "run `make docs`"


def test_what_differs_from_day_to_day_is_all_that_is_set_aside():
    one = "until 2026-12-04, bundle desk@5fdc2e3, refunded $40.00, plan d816e5"
    other = "until 2027-01-01, bundle desk@unversioned, refunded $40.00, plan 000000"
    assert picture.steady(one) == picture.steady(other)
    assert picture.steady(one) != picture.steady(other.replace("40", "41"))


def test_readme_has_eight_things_to_try_and_short_lines_of_code():
    page = (ROOT / "README.md").read_text()
    tries = page.partition("## What to try")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\d\. ", tries, re.MULTILINE)) == 8
