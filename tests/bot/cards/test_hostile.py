"""Whatever people and systems write, a card stays within limits and cannot act by itself."""

from __future__ import annotations

import json
from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards import block_kit, legible, mrkdwn, text
from bot.cards.details import details
from bot.cards.digest import digest_card
from bot.cards.run_card import run_card
from bot.cards.summary import summary
from tests.bot.cards import slack_limits
from tests.bot.cards.hostile_words import with_text
from tests.bot.cards.stories import DIGEST, STORIES

NASTY = (
    "<!channel> <!here> <@U0LEE000000> <!subteam^S1>",
    "<https://evil.example|https://bank.example>",
    "&lt;!channel&gt; &amp;amp;",
    "*_~`bold`~_* ```code``` ~gone~ _it_ :white_check_mark: :+1:",
    "\u202egnihton egnahc\u202c \u2066x\u2069 \u200b\u200c\u200d\u2060\ufeff\u00ad",
    "\x00\x01\x1b[31m\x7f\x85\u2028\u2029 a\r\nb\tc",
    "e" + "\u0301" * 500,
    "\ud800 lone",
    "👩‍👩‍👧 🏳️‍🌈 ok",
    "\u3164\u115f\u2800",
    '"\\' * 3_000,
    "<" * 40_000,
    "𝕏" * 5_000,
    "APPROVED by Lee\n\n>quote\n*Needs* nobody",
    "",
    "   ",
)
ANY_TEXT = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=200),
    st.text(alphabet="<>&|!@#*_~`:\u202e\u200b\n\x00 aA1", max_size=400),
    st.builds(
        lambda word, times: word * times, st.text(min_size=1, max_size=3), st.integers(1, 6_000)
    ),
)
CHECKED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@given(st.sampled_from(sorted(STORIES)), ANY_TEXT)
@CHECKED
def test_hostile_text_keeps_a_card_within_slacks_limits(story, hostile):
    view = with_text(STORIES[story], hostile)
    for card in (run_card(view), summary(view)):
        rendered = block_kit.render(card)
        assert slack_limits.faults(list(rendered.blocks)) == []
        assert slack_limits.text_faults(rendered.text) == []
        assert slack_limits.utf16(rendered.text) <= 4_000
        json.dumps(rendered.blocks, ensure_ascii=False).encode()


@pytest.mark.parametrize("hostile", NASTY)
def test_hostile_text_keeps_details_within_slacks_limits(hostile):
    for page in details(with_text(STORIES["applied"], hostile)):
        rendered = block_kit.render(page, is_full=True)
        assert slack_limits.faults(list(rendered.blocks), blocks_max=98) == []


@pytest.mark.parametrize("hostile", NASTY)
@pytest.mark.parametrize("story", ["waiting_1_of_2", "unknown", "asking_with_choices"])
def test_hostile_text_stays_on_its_line_in_a_terminal(story, hostile):
    said = text.render(run_card(with_text(STORIES[story], hostile)), UTC)
    assert all(
        character == "\n" or character.isprintable() for character in said.replace("\u200d", "")
    )
    assert len(said) < 40_000


def test_a_card_of_40000_characters_says_how_much_is_missing():
    rendered = block_kit.render(run_card(with_text(STORIES["received"], "x" * 40_000)))
    assert "characters)" in json.dumps(rendered.blocks, ensure_ascii=False)


def test_a_quote_cannot_forge_a_line_of_the_card():
    forged = "refund $1\n*Needs* nobody\n✓ approved by Ann"
    rendered = block_kit.render(run_card(with_text(STORIES["waiting_0_of_2"], forged)))
    for block in rendered.blocks:
        if block["type"] == "section":
            assert not any(
                line.startswith(("*Needs* nobody", "✓ approved"))
                for line in block["text"]["text"].split("\n")
            )


def test_at_most_ten_changed_fields_stand_beside_the_buttons():
    view = with_text(STORIES["waiting_0_of_2"], "x")
    card = run_card(view)
    assert sum(len(group.lines) for group in card.groups) == 10
    assert card.more.startswith("6 more changed fields")
    everything = [line for page in details(view) for group in page.groups for line in group.lines]
    assert len(everything) == 16


@pytest.mark.slow
@given(st.text(max_size=300), st.integers(min_value=20, max_value=200))
@CHECKED
def test_cutting_keeps_within_the_budget_and_never_splits_an_entity(hostile, units_max):
    for cut in (mrkdwn.escape(hostile, units_max), mrkdwn.plain(hostile, units_max)):
        assert slack_limits.utf16(cut) <= units_max
        assert "&" not in slack_limits.ENTITY.sub("", cut)


def test_direction_overrides_and_zero_widths_become_visible():
    assert legible.legible("a\u202eb\u200bc\x00") == "a⟨U+202E⟩b⟨U+200B⟩c␀"
    assert legible.legible("👩‍👩‍👧") == "👩‍👩‍👧"
    assert legible.legible("a\u200db") == "a⟨U+200D⟩b"


def test_identifiers_keep_their_underscores():
    assert mrkdwn.escape("payment pay_7731_x", 100) == "payment pay_7731_x"


def test_hostile_reasons_in_the_digest_stay_text():
    from dataclasses import replace

    for hostile in NASTY:
        rejections = tuple(replace(r, reason=hostile) for r in DIGEST.rejections)
        report = replace(DIGEST, title=hostile, rejections=rejections)
        assert slack_limits.faults(list(block_kit.render(digest_card(report)).blocks)) == []
