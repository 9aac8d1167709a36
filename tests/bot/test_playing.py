"""What `assent play` proposes to say."""

import pytest

from bot.play import first_words
from bot.settings import BUNDLE_SHIPPED


def test_the_shipped_bundle_is_tried_with_a_refund():
    said, then = first_words(None)
    assert said.endswith("@Assent refund $40 on order 1043, arrived damaged")
    assert "Lee Park" in then


@pytest.mark.parametrize("name", ["access", "revenue", "service"])
def test_another_bundle_is_tried_with_an_example_of_its_own(name):
    folder = BUNDLE_SHIPPED.parent / name
    said, then = first_words(str(folder))
    words = said.partition("@Assent ")[2]
    examples = "".join(file.read_text() for file in (folder / "workflows").glob("*.yml"))
    assert words in examples
    assert "refund $40" not in said
    assert "Lee Park" not in then


def test_a_bundle_whose_examples_plan_nothing_is_tried_with_help(tmp_path):
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "none.yml").write_text("examples:\n  - {say: hi, refuses: true}\n")
    assert first_words(str(tmp_path)) == ("  Say    @Assent help",)
