"""Slack's pages that are read: a run's details and a person's home, out of the same cards. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bot.cards import block_kit, mrkdwn, press
from bot.cards.block_kit import Block, plain_text
from bot.cards.details import details
from bot.cards.fate import badge
from bot.cards.model import Action
from bot.cards.run_card import progress, title
from bot.surfaces import words
from bot.surfaces.home import HomeView
from bot.surfaces.slack_views import OPTION_UNITS_MAX, modal
from bot.view import RunView
from store.model.request import Place
from store.model.run import Status

HOME_RUNS_MAX = 20  # runs a list; two blocks each, and a view takes 100
REVIEWS_MAX = 5  # runs that await a review, at the same price
BATCH_RUNS_MIN = 2  # waiting runs of one workflow from which they are offered together

DETAILS = "details"
NEXT_PAGE, PREVIOUS_PAGE, OPEN_CARD = "next_page", "previous_page", "open_card"
REVIEW_BATCH, REVIEW_RIGHT, REVIEW_WRONG = "review_batch", "review_right", "review_wrong"
_SLACK_URL = re.compile(r"https?://[A-Za-z0-9.:_-]{1,200}/")
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,8}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,20}")


def details_page(view: RunView, number: int) -> Block:
    """One page of a run's details; numbers outside of the book show its nearest page."""
    pages = details(view)
    at = min(max(number, 0), len(pages) - 1)
    rendered = block_kit.render(pages[at], is_full=True)
    turns = []
    for action, label, to in ((PREVIOUS_PAGE, "Previous", at - 1), (NEXT_PAGE, "Next", at + 1)):
        if 0 <= to < len(pages):
            turns.append(
                {
                    "type": "button",
                    "action_id": action,
                    "text": plain_text(label, OPTION_UNITS_MAX),
                    "value": press.write(press.Press(view.run.id, "", str(to))),
                }
            )
    blocks = [*rendered.blocks, *([{"type": "actions", "elements": turns}] if turns else [])]
    return modal(DETAILS, words.DETAILS, blocks)


def home(shown: HomeView, workspace_url: str) -> Block:
    """The home page: what waits for me first, then what I asked for."""
    blocks = [
        _heading(words.WAITING),
        *_together(shown.waiting_for_me),
        *_runs(words.NOTHING_WAITS, shown.waiting_for_me, workspace_url),
        {"type": "divider"},
        *_reviews(shown.to_review, workspace_url),
        _heading(words.ASKED),
        *_runs(words.NOTHING_ASKED, shown.asked_by_me, workspace_url),
    ]
    return {"type": "home", "blocks": blocks}


def home_refusal(reason: str) -> Block:
    """The home page of somebody whom I may not serve."""
    said = mrkdwn.escape(words.no_requests_from_you(reason), 300)
    return {"type": "home", "blocks": block_kit.sections([said])}


def _reviews(runs: Sequence[RunView], url: str) -> list[Block]:
    """What ran by itself and awaits this person's word; nothing where nothing does."""
    if not runs:
        return []
    blocks = [_heading(words.TO_REVIEW)]
    for view in runs[:REVIEWS_MAX]:
        value = press.write(press.Press(view.run.id, ""))
        verdicts = [
            _button(REVIEW_RIGHT, words.RIGHT, value),
            _button(REVIEW_WRONG, words.WRONG, value),
        ]
        blocks += _entry(view, url, verdicts)
    if len(runs) > REVIEWS_MAX:
        blocks += block_kit.context([words.more(len(runs) - REVIEWS_MAX)])
    return [*blocks, {"type": "divider"}]


def _button(action: str, label: str, value: str) -> Block:
    text = plain_text(label, OPTION_UNITS_MAX)
    return {"type": "button", "action_id": action, "text": text, "value": value}


def _together(waiting: Sequence[RunView]) -> list[Block]:
    """A button where several runs of one workflow wait: they can be looked at side by side."""
    counts = Counter(view.run.workflow for view in waiting if view.run.status is Status.WAITING)
    if not counts or max(counts.values()) < BATCH_RUNS_MIN:
        return []
    button: Block = {
        "type": "button",
        "action_id": REVIEW_BATCH,
        "text": plain_text(words.together(max(counts.values())), OPTION_UNITS_MAX),
        "style": "primary",
    }
    return [{"type": "actions", "elements": [button]}]


def _heading(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, 150)}


def _runs(nothing: str, runs: Sequence[RunView], url: str) -> list[Block]:
    if not runs:
        return block_kit.context([nothing])
    blocks: list[Block] = []
    for view in runs[:HOME_RUNS_MAX]:
        blocks += _entry(view, url)
    if len(runs) > HOME_RUNS_MAX:
        blocks += block_kit.context([words.more(len(runs) - HOME_RUNS_MAX)])
    return blocks


def _entry(view: RunView, url: str, first: Sequence[Block] = ()) -> list[Block]:
    """One run in a list; `first` are the buttons that stand before Open and Details."""
    run = view.run
    state = badge(view).text.lower()
    if run.status is Status.WAITING:
        state = f"waiting, {progress(view)}"
    lines = [
        f"{mrkdwn.strong(title(view), 120)}   `{mrkdwn.escape(state, 60)}`",
        f"{mrkdwn.escape(run.requester_name, 60)}: “{mrkdwn.escape(run.request.text, 160)}”",
    ]
    value = press.write(press.Press(run.id, ""))
    buttons: list[Block] = [*first, _button(Action.DETAILS.value, words.DETAILS, value)]
    if link := next(filter(None, (_link(at, url) for at in view.threads)), ""):
        buttons.insert(
            len(first),
            {
                "type": "button",
                "action_id": OPEN_CARD,
                "text": plain_text("Open", OPTION_UNITS_MAX),
                "url": link,
            },
        )
    return [*block_kit.sections(lines), {"type": "actions", "elements": buttons}]


def _link(place: Place, url: str) -> str:
    """The address of a thread in the workspace, empty where a part of it is not well formed."""
    is_known = _SLACK_URL.fullmatch(url) and _CHANNEL.fullmatch(place.channel)
    if not (is_known and _TS.fullmatch(place.thread)):
        return ""
    return f"{url}archives/{place.channel}/p{place.thread.replace('.', '')}"
