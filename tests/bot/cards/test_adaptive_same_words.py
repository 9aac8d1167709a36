"""Teams reads what Slack reads: every text and every button, in the same order."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any

import pytest

from bot.cards import adaptive, adaptive_batch, adaptive_forms, adaptive_pages, block_kit, press
from bot.cards.block_kit import MENU
from bot.cards.details import details
from bot.cards.digest import digest_card
from bot.cards.forms import Form, FormKind, form
from bot.cards.run_card import run_card
from bot.cards.summary import drift_notice, line_notice, summary
from bot.surfaces import slack_batch, slack_forms, slack_modals
from bot.surfaces.home import HomeView
from bot.surfaces.slack_views import Origin
from store.model.run import SETTLED
from tests.bot.cards import teams_limits
from tests.bot.cards.hostile_words import with_text
from tests.bot.cards.stories import DIGEST, STORIES
from tests.bot.cards.test_adaptive_golden import BATCH, FORMS, HIDDEN

CHANNELS = {"C0SUPPORT": "#support-ops"}
_SLACK_DATE = re.compile(r"<!date\^(\d+)\^[^|>]+\|[^>]+>")
_TEAMS_DATE = re.compile(r"(?:\{\{DATE\([^)]*\)\}\} )?\{\{TIME\(([^)]*)\)\}\}(?: \([0-9:]+ UTC\))?")
_MARKS = re.compile(r"(?<![^\W_])[*~`]+|[*~`]+(?![^\W_])")


def _slack(blocks: Any) -> list[str]:
    """Each part of a Slack message that is one text to a reader, in order."""
    found = []
    for block in blocks:
        texts = [block.get("text"), block.get("label"), *block.get("elements", [])]
        texts += (block.get("element") or {}).get("options", [])
        for text in texts:
            said = (text or {}).get("text", "")
            said = said if isinstance(said, str) else said["text"]
            if (text or {}).get("type") in ("button", "overflow"):
                continue
            for line in said.split("\n"):
                found += [part for part in re.split(r"\s{2,}", line) if part.strip(" ·")]
    return [_read(part) for part in found]


def _read(mrkdwn: str) -> str:
    said = _SLACK_DATE.sub(lambda match: f"@{match[1]}", mrkdwn.removeprefix(">"))
    said = said.replace("<#C0SUPPORT>", "#support-ops")
    return " ".join(html.unescape(_MARKS.sub("", said)).split())


def _teams(card: dict[str, Any]) -> str:
    """All that a card in Teams says, dates as seconds."""
    said = " ".join(teams_limits.texts(card))
    dated = _TEAMS_DATE.sub(
        lambda match: f"@{int(datetime.fromisoformat(match[1]).timestamp())}", said
    )
    return " ".join(dated.split())


def _assert_in_order(parts: list[str], said: str) -> None:
    at = 0
    for part in parts:
        found = said.find(part, at)
        assert found >= 0, f"{part!r} is not said, or not there: {said[at:]!r}"
        at = found + len(part)


def _assert_same(card: Any) -> None:
    slack = list(block_kit.render(card).blocks)
    teams = adaptive.render(card, channels=CHANNELS).card
    _assert_in_order(_slack(slack), _teams(teams))
    assert _slack_buttons(slack) == [action["title"] for action in teams_limits.actions(teams)]


def _slack_buttons(blocks: list[Any]) -> list[str]:
    elements = [e for b in blocks if b["type"] == "actions" for e in b["elements"]]
    return [
        part["text"]["text"]
        for element in elements
        for part in (element["options"] if element["action_id"] == MENU else [element])
    ]


@pytest.mark.parametrize("story", STORIES)
def test_card_says_in_teams_what_it_says_in_slack(story):
    _assert_same(run_card(STORIES[story]))


def test_what_a_card_leaves_to_its_details_is_said():
    card = run_card(with_text(STORIES["waiting_0_of_2"], "x"))
    assert card.more
    _assert_same(card)


@pytest.mark.parametrize("story", [s for s in STORIES if STORIES[s].run.status in SETTLED])
def test_summary_says_the_same(story):
    _assert_same(summary(STORIES[story]))


def test_notices_and_the_digest_say_the_same():
    story = STORIES["drifted"]
    for card in (digest_card(DIGEST), drift_notice(story, "It was paid."), line_notice(story, "x")):
        _assert_same(card)


@pytest.mark.parametrize("story", STORIES)
def test_details_say_the_same(story):
    view = STORIES[story]
    for number in range(len(details(view))):
        slack = slack_modals.details_page(view, number)["blocks"]
        teams = adaptive_pages.details_dialog(view, number).card
        _assert_in_order(_slack(slack), _teams(teams))
        titles = [action["title"] for action in teams_limits.actions(teams)]
        assert _slack_buttons(slack) == titles


@pytest.mark.parametrize("kind", FORMS)
def test_form_says_the_same(kind):
    view = STORIES[FORMS[kind]]
    shown = form(kind, view, view.run.question.slot if view.run.question else "")
    assert isinstance(shown, Form)
    pressed = press.read(HIDDEN["press"])
    assert pressed is not None
    slack = slack_forms.render(shown, Origin(pressed, "", "", ""))
    teams = adaptive_forms.render(shown, HIDDEN)
    _assert_in_order(_slack(slack["blocks"]), _teams(teams.card))
    assert teams.title == slack["title"]["text"]
    (submit,) = teams_limits.actions(teams.card)
    assert submit["title"] == slack["submit"]["text"]


def test_home_and_batch_say_the_same():
    views = tuple(STORIES[name] for name in BATCH)
    shown = HomeView(views, (STORIES["applied"],), (STORIES["applied_by_itself"],))
    slack = slack_modals.home(shown, "")["blocks"]
    teams = adaptive_pages.home(shown).card
    _assert_in_order(_slack(slack), _teams(teams))
    assert _slack_buttons(slack) == [action["title"] for action in teams_limits.actions(teams)]
    slack = slack_batch.batch_form(views, views[0].now)["blocks"]
    _assert_in_order(_slack(slack), _teams(adaptive_batch.form(views, views[0].now).card))


def test_every_kind_of_form_is_compared():
    assert {*FORMS} == {*FormKind}
