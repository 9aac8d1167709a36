"""Every status in both renderers, word for word.

After a change that is meant: UPDATE_GOLDEN=1 pytest tests/bot/cards/test_golden.py, then read the
difference before committing it.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from bot.cards import block_kit, text
from bot.cards.batch import Outcome, batch_card, outcome_lines
from bot.cards.details import details
from bot.cards.run_card import run_card
from bot.cards.summary import line_notice, summary
from bot.incoming import Reply
from bot.surfaces.home import HomeView
from bot.surfaces.slack_batch import batch_form
from bot.surfaces.slack_modals import home
from store.model.run import SETTLED, Status
from tests.bot.cards import slack_limits
from tests.bot.cards.stories import DIGEST, STORIES

GOLDEN = Path(__file__).parent / "golden"
BATCH = ("waiting_0_of_2", "drifted", "edited", "question_open", "veto")
NAMES = {"C0SUPPORT": "#support-ops"}


def _check(name: str, said: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(said)
    assert path.exists(), f"{name} is new; see this module's docstring"
    assert said == path.read_text()


@pytest.mark.parametrize("story", STORIES)
def test_card_as_text(story):
    _check(f"{story}.txt", text.render(run_card(STORIES[story]), UTC, NAMES))


@pytest.mark.parametrize("story", STORIES)
def test_card_as_blocks(story):
    rendered = block_kit.render(run_card(STORIES[story]))
    assert slack_limits.faults(list(rendered.blocks)) == []
    whole = {"text": rendered.text, "blocks": list(rendered.blocks)}
    _check(f"{story}.json", json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("story", [s for s in STORIES if STORIES[s].run.status in SETTLED])
def test_summary_as_text(story):
    _check(f"{story}.summary.txt", text.render(summary(STORIES[story]), UTC, NAMES))


def test_details_as_text():
    pages = [text.render(page, UTC, NAMES) for page in details(STORIES["applied_otherwise"])]
    _check("details.txt", "\n".join(pages))


def test_digest_as_text_and_blocks():
    from bot.cards.digest import digest_card

    card = digest_card(DIGEST)
    assert slack_limits.faults(list(block_kit.render(card).blocks)) == []
    _check("digest.txt", text.render(card, UTC, NAMES))


def test_batch_and_its_outcome_as_text():
    batch = [STORIES[name] for name in BATCH]
    _check("batch.txt", text.render(batch_card(batch, batch[0].now), UTC, NAMES))
    refused = Reply("The plan changed since that card was drawn.", is_refusal=True)
    replies = [Reply(""), refused, Reply("Your approval is on the card already.")]
    outcomes = [
        Outcome(f"R-{number}", f"order {1043 + number} (R-{number})", reply, batch[0])
        for number, reply in enumerate(replies)
    ]
    facts = outcome_lines(outcomes)
    card = replace(batch_card(batch, batch[0].now), notice=(), facts=facts)
    _check("batch_outcome.txt", text.render(card, UTC, NAMES))


def test_reminder_as_text():
    line = (
        "R-20391 waits for approval. Missing: 1 finance lead or support lead (Mira). 2 hours left."
    )
    card = line_notice(STORIES["escalated"], line)
    _check("reminder.txt", text.render(card, UTC, NAMES))


def test_review_of_what_ran_by_itself_as_text_and_on_the_home_page():
    story = STORIES["applied_by_itself"]
    line = (
        "R-20391 ran without being asked about, as refund may at L4. support-leads looks at it now:"
        " /assent review R-20391 right, or /assent review R-20391 wrong: why."
    )
    _check("review.txt", text.render(line_notice(story, line), UTC, NAMES))
    page = home(HomeView((), (), (story,)), "https://acme.slack.com/")
    assert slack_limits.faults(page["blocks"], blocks_max=100) == []
    _check("review.home.json", json.dumps(page, indent=1, ensure_ascii=False) + "\n")


def test_batch_as_a_window():
    batch = [STORIES[name] for name in BATCH]
    window = batch_form(batch, batch[0].now)
    assert slack_limits.faults(window["blocks"], blocks_max=100) == []
    _check("batch.json", json.dumps(window, indent=1, ensure_ascii=False) + "\n")


def test_every_status_has_a_story():
    assert {view.run.status for view in STORIES.values()} == set(Status)


def test_no_golden_file_is_left_over():
    known = {*STORIES, "details", "digest", "batch", "batch_outcome", "reminder", "review"}
    assert {path.name.split(".")[0] for path in GOLDEN.iterdir()} == known
