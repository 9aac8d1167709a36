"""Every status as an Adaptive Card, word for word, valid by the published schema and Teams' limits.

After a change that is meant: UPDATE_GOLDEN=1 pytest tests/bot/cards/test_adaptive_golden.py, then
read the difference before committing it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.cards import adaptive, adaptive_batch, adaptive_forms, adaptive_pages
from bot.cards.batch import Outcome
from bot.cards.details import details
from bot.cards.digest import digest_card
from bot.cards.forms import Form, FormKind, form
from bot.cards.run_card import run_card
from bot.cards.summary import line_notice, summary
from bot.incoming import Reply
from bot.surfaces.home import HomeView
from bot.view import Stance
from store.model.run import SETTLED, Status
from tests.bot.cards import teams_limits
from tests.bot.cards.stories import DIGEST, STORIES

GOLDEN = Path(__file__).parent / "golden_adaptive"
CHANNELS = {"C0SUPPORT": "#support-ops"}
BATCH = ("waiting_0_of_2", "drifted", "edited", "question_open", "veto")
HIDDEN = {"press": "R-20391:ab", "channel": "19:x@thread.tacv2", "thread": "1", "message": "1"}
FORMS = {
    FormKind.REJECT: "waiting_0_of_2",
    FormKind.EDIT: "skipped",
    FormKind.ASK: "waiting_0_of_2",
    FormKind.REPLY: "question_open",
    FormKind.ANSWER: "asking_in_words",
    FormKind.REVIEW: "applied_by_itself",
}
PERSONAL = ("waiting_1_of_2", "question_open", "asking_with_choices", "received", "running",
            "unknown", "stuck", "applied")  # fmt: skip


def _check(name: str, shown: Any) -> None:
    said = json.dumps(shown, indent=1, ensure_ascii=False) + "\n"
    path = GOLDEN / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(said)
    assert path.exists(), f"{name} is new; see this module's docstring"
    assert said == path.read_text()


def _check_card(name: str, rendered: adaptive.Rendered) -> None:
    assert teams_limits.faults(rendered.card) == []
    assert teams_limits.plain_faults(rendered.text, is_markdown=True) == []
    _check(name, {"text": rendered.text, "card": rendered.card})


def _check_dialog(name: str, dialog: adaptive_pages.Dialog) -> None:
    assert teams_limits.faults(dialog.card) == []
    _check(name, dialog.task())


@pytest.mark.parametrize("story", STORIES)
def test_card(story):
    _check_card(story, adaptive.render(run_card(STORIES[story]), channels=CHANNELS))


@pytest.mark.parametrize("stance", Stance)
@pytest.mark.parametrize("story", PERSONAL)
def test_card_for_one_person(story, stance):
    rendered = adaptive.render(run_card(STORIES[story], stance), channels=CHANNELS)
    _check_card(f"{story}.{stance.replace(' ', '_')}", rendered)


def test_card_with_a_word_for_one_person():
    said = "The plan changed since that card was drawn, so your click did not count."
    _check_card("said", adaptive.render(run_card(STORIES["waiting_0_of_2"]), said=said))


@pytest.mark.parametrize("story", [s for s in STORIES if STORIES[s].run.status in SETTLED])
def test_summary(story):
    _check_card(f"{story}.summary", adaptive.render(summary(STORIES[story])))


def test_digest():
    _check_card("digest", adaptive.render(digest_card(DIGEST)))


def test_reminder():
    line = "R-20391 waits for approval. Missing: 1 finance lead (Mira). 2 hours left."
    _check_card("reminder", adaptive.render(line_notice(STORIES["escalated"], line)))


@pytest.mark.parametrize("story", ["applied_otherwise", "waiting_1_of_2"])
def test_details(story):
    view = STORIES[story]
    for number in range(len(details(view))):
        dialog = adaptive_pages.details_dialog(view, number)
        _check_dialog(f"{story}.details_{number + 1}", dialog)


@pytest.mark.parametrize("kind", FORMS)
def test_form(kind):
    view = STORIES[FORMS[kind]]
    shown = form(kind, view, view.run.question.slot if view.run.question else "")
    assert isinstance(shown, Form)
    _check_dialog(f"form_{kind.value}", adaptive_forms.render(shown, HIDDEN))


def test_form_that_came_back():
    shown = form(FormKind.EDIT, STORIES["waiting_0_of_2"])
    assert isinstance(shown, Form)
    typed = {"slot_0": "$4o", "slot_1": "late", "skip": ("close",)}
    errors = {"slot_0": "amount: I cannot read “$4o” as money."}
    dialog = adaptive_forms.render(shown, HIDDEN, typed=typed, errors=errors)
    _check_dialog("form_edit_again", dialog)


def test_request_out_of_a_message():
    _check_dialog(
        "form_request", adaptive_forms.request_dialog("refund $40\non order 1043", HIDDEN)
    )


def test_home():
    shown = HomeView(
        tuple(STORIES[name] for name in BATCH),
        (STORIES["asking_in_words"], STORIES["applied"]),
        (STORIES["applied_by_itself"],),
    )
    _check_card("home", adaptive_pages.home(shown))
    _check_card("home_empty", adaptive_pages.home(HomeView((), ()), said="Recorded."))
    _check_card("home_refusal", adaptive_pages.home_refusal("guests are not served"))


def test_batch_and_its_outcome():
    batch = [STORIES[name] for name in BATCH]
    _check_card("batch_offer", adaptive_batch.offer(batch, batch[0].now))
    _check_card("batch_offer_empty", adaptive_batch.offer([], batch[0].now))
    _check_dialog("batch", adaptive_batch.form(batch, batch[0].now))
    _check_dialog("batch_empty", adaptive_batch.form([], batch[0].now))
    refused = Reply("The plan changed since that card was drawn.", is_refusal=True)
    replies = [Reply(""), refused, Reply("Your approval is on the card already.")]
    outcomes = [
        Outcome(f"R-{number}", f"order {1043 + number} (R-{number})", reply, batch[0])
        for number, reply in enumerate(replies)
    ]
    _check_dialog("batch_outcome", adaptive_batch.outcome(outcomes))


def test_every_status_has_a_story():
    assert {view.run.status for view in STORIES.values()} == set(Status)


def test_no_golden_file_is_left_over():
    pages = {"digest", "reminder", "said", "home", "home_empty", "home_refusal", "batch",
             "batch_offer", "batch_offer_empty", "batch_empty", "batch_outcome", "form_request",
             "form_edit_again"}  # fmt: skip
    known = {*STORIES, *pages, *(f"form_{kind.value}" for kind in FormKind)}
    assert {path.name.split(".")[0] for path in GOLDEN.iterdir()} == known
