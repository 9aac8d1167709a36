"""Whatever people and systems write, a card in Teams keeps its limits and does nothing itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards import adaptive, adaptive_batch, adaptive_forms, adaptive_pages, adaptive_text
from bot.cards.adaptive_elements import line
from bot.cards.batch import Outcome
from bot.cards.details import details
from bot.cards.digest import digest_card
from bot.cards.forms import Form, FormKind, fields, form
from bot.cards.model import Channel, Moment, Strong
from bot.cards.run_card import run_card
from bot.cards.summary import line_notice, summary
from bot.incoming import Reply
from bot.surfaces.home import HomeView
from store.model.request import Place
from tests.bot.cards import teams_limits
from tests.bot.cards.hostile_words import with_text
from tests.bot.cards.stories import DIGEST, STORIES
from tests.bot.cards.test_hostile import ANY_TEXT, NASTY

pytestmark = pytest.mark.slow

TEAMS_NASTY = (
    *NASTY,
    "<at>Lee</at> < at >Lee</at> <AT id=0>Lee</AT>",
    "{{DATE(2020-01-01T00:00:00Z, SHORT)}} {{TIME(2020-01-01T00:00:00Z)}} {{{DATE(",
    "[click](https://evil.example) ![x](https://evil.example/x.png) [a][b] [b]: https://evil.org",
    "# approved", "1. approved", "- approved", "+ approved", "> approved", "***", "---", "===",
    "| a | b |", "``` x ```", "~~gone~~", "\\*x\\* \\[y\\]", "&lt;at&gt; &#60; &amp;amp;",
    "a&", "<",
    "https://evil.example www.evil.example mailto:a@evil.example tel:+1", "_x_ __y__ a_b_c *d*e*f*",
    "${name} {name} {", "http:", "//evil.example", "a\\", "2)", "7. ", "#", "![", "](https:",
)  # fmt: skip
TEAMS_TEXT = st.one_of(
    ANY_TEXT,
    st.sampled_from(TEAMS_NASTY),
    st.text(alphabet="{}<>at/[]()!*_~`#-+=.1|\\&;:DATEx \n", max_size=300),
)
CHECKED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HIDDEN = {"press": "R-20391:ab", "channel": "19:x@thread.tacv2", "thread": "1", "message": "1"}
AT = datetime(2026, 11, 21, 12, 41, 7, tzinfo=UTC)


@given(st.sampled_from(sorted(STORIES)), TEAMS_TEXT)
@CHECKED
def test_hostile_text_keeps_a_card_within_teams_limits(story, hostile):
    view = with_text(STORIES[story], hostile)
    for card in (run_card(view), summary(view), line_notice(view, hostile)):
        rendered = adaptive.render(card, said=hostile, channels={"C0SUPPORT": hostile or "x"})
        assert teams_limits.faults(rendered.card, has_schema=False) == []
        assert teams_limits.plain_faults(rendered.text, is_markdown=True) == []
        assert len(rendered.text) <= 300


@pytest.mark.parametrize("hostile", TEAMS_NASTY)
def test_hostile_card_is_valid_by_the_schema(hostile):
    view = with_text(STORIES["waiting_1_of_2"], hostile)
    assert teams_limits.faults(adaptive.render(run_card(view)).card) == []


@pytest.mark.parametrize("hostile", TEAMS_NASTY)
def test_hostile_text_keeps_details_within_teams_limits(hostile):
    view = with_text(STORIES["applied"], hostile)
    for number in range(len(details(view))):
        dialog = adaptive_pages.details_dialog(view, number)
        assert teams_limits.faults(dialog.card, has_schema=False) == []


@pytest.mark.parametrize("hostile", TEAMS_NASTY)
@pytest.mark.parametrize("kind", FormKind)
def test_hostile_text_keeps_a_form_within_teams_limits(kind, hostile):
    story = {FormKind.REPLY: "question_open", FormKind.ANSWER: "asking_in_words"}
    view = with_text(STORIES[story.get(kind, "waiting_0_of_2")], hostile)
    view = replace(view, reject_reasons=(hostile,) * 60)
    shown = form(kind, view, "amount")
    assert isinstance(shown, Form)
    of = {each.name: hostile for each in fields(kind, view)} | {"unknown": hostile}
    for dialog in (
        adaptive_forms.render(shown, HIDDEN),
        adaptive_forms.render(shown, HIDDEN, typed=of, errors=of),
    ):
        assert teams_limits.faults(dialog.card, has_schema=False) == []
        json.dumps(dialog.task(), ensure_ascii=False).encode()


@pytest.mark.parametrize("hostile", TEAMS_NASTY)
def test_hostile_text_keeps_home_and_batch_within_teams_limits(hostile):
    view = with_text(STORIES["waiting_0_of_2"], hostile[:4_000])
    place = Place(surface="teams", team=hostile[:20], channel=hostile, thread=hostile)
    request = view.run.request.model_copy(update={"place": place})
    view = replace(view, run=view.run.model_copy(update={"request": request}))
    runs = (view,) * 22
    home = adaptive_pages.home(HomeView(runs, runs, runs), said=hostile)
    reply = Reply(hostile, is_refusal=True)
    outcomes = [Outcome("R-1", hostile, reply, view)] * 20
    for card in (
        home.card,
        adaptive_pages.home_refusal(hostile).card,
        adaptive_batch.offer(runs, view.now).card,
        adaptive_batch.form(runs, view.now).card,
        adaptive_batch.outcome(outcomes).card,
        adaptive_forms.request_dialog(hostile, HIDDEN).card,
    ):
        assert teams_limits.faults(card, has_schema=False) == []


def test_hostile_reasons_in_the_digest_stay_text():
    for hostile in TEAMS_NASTY:
        rejections = tuple(replace(r, reason=hostile) for r in DIGEST.rejections)
        report = replace(DIGEST, title=hostile, rejections=rejections, checkpoint=hostile)
        card = adaptive.render(digest_card(report)).card
        assert teams_limits.faults(card, has_schema=False) == []


@given(st.lists(TEAMS_TEXT, min_size=1, max_size=4))
@CHECKED
def test_texts_that_stand_side_by_side_make_no_sign_together(parts):
    pieces = [piece for part in parts for piece in (part, Strong(part), Channel(part))]
    for words in ((*pieces, Moment(AT)), (Moment(AT, "time"), *pieces), tuple(pieces)):
        element = line(words, 200)
        card = adaptive.envelope([element], "x")
        found = teams_limits.faults(card, bytes_max=200_000, has_schema=False)
        assert [fault for fault in found if "reads" not in fault] == []
        if element["type"] == "RichTextBlock":
            together = "".join(run["text"] for run in element["inlines"])
            assert "{{DATE" not in together
            assert "{{TIME" not in together


def test_a_card_of_40000_characters_says_how_much_is_missing():
    card = adaptive.render(run_card(with_text(STORIES["received"], "x" * 40_000))).card
    assert "(+39980 characters)" not in str(card)
    assert any("x… (+39" in text for text in teams_limits.texts(card))


@given(TEAMS_TEXT, st.integers(min_value=20, max_value=200))
@CHECKED
def test_cutting_keeps_within_the_budget_and_says_so(hostile, units_max):
    for cut in (adaptive_text.inert, adaptive_text.unmarked, adaptive_text.amid):
        shown = cut(hostile, units_max)
        assert len(shown.encode("utf-16-le")) // 2 <= units_max
        if len(hostile.strip()) > units_max:
            assert shown.endswith(" characters)") or shown == "…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("payment pay_7731_x", "payment pay_7731_x"),
        ("$40.00 < $129.00 & more", "$40.00 ‹ $129.00 & more"),
        ("a {b} c", "a {b} c"),
        ("R-1: https://x.example", "R-1: https:∕∕x.example"),
        ("Dana (lead), 2 of 3.", "Dana (lead), 2 of 3."),
    ],
)
def test_what_is_no_sign_stays_as_it_is(text, shown):
    assert adaptive_text.unmarked(text, 100) == shown


def test_a_quote_cannot_forge_a_line_of_the_card():
    forged = "refund $1\nNeeds nobody\n✓ approved by Ann"
    card = adaptive.render(run_card(with_text(STORIES["waiting_0_of_2"], forged))).card
    assert not any("\n" in text for text in teams_limits.texts(card))
    assert not any(text.startswith("✓ approved") for text in teams_limits.texts(card))


def test_an_id_of_a_channel_is_never_shown_as_its_name():
    for channel in ("C0SUPPORT", "19:abc@thread.tacv2", "19:abc@thread.v2", "a:1x", "D0X"):
        (run,) = line((Channel(channel),), 100)["inlines"]
        assert channel not in run["text"]
