"""The pages of Teams that are read: a run's details, and what waits for one person. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from bot.cards import adaptive, press
from bot.cards.adaptive import FALLBACK_UNITS_MAX, Rendered
from bot.cards.adaptive_buttons import executes, opens, row_of, submits
from bot.cards.adaptive_dialogs import Dialog, dialog
from bot.cards.adaptive_elements import (
    Element,
    Look,
    envelope,
    fitting,
    line,
    plain,
    rich,
    run,
)
from bot.cards.adaptive_text import unmarked
from bot.cards.details import details
from bot.cards.fate import badge
from bot.cards.forms import FormKind
from bot.cards.model import Action
from bot.cards.run_card import progress, title
from bot.surfaces import words
from bot.surfaces.home import HomeView
from bot.view import RunView
from store.model.request import Place
from store.model.run import Status

PAGE = "page"  # the verb that turns a page of details; the press's text is its number
REVIEW_BATCH, REVIEW_RIGHT = "review_batch", "review_right"  # verbs of the home card
REVIEW_WRONG = FormKind.REVIEW.value
TEAMS_URL = "https://teams.microsoft.com/"
HOME_RUNS_LEVELS = (20, 10, 5, 2)  # runs of one list; as many as fit
REVIEWS_MAX = 5
BATCH_RUNS_MIN = 2  # waiting runs of one workflow from which they are offered together
ENTRY_UNITS_MAX = 160  # one text of an entry
_HEADING = Look(spacing="medium", has_separator=True)
_SMALL = Look(is_subtle=True, is_small=True)
_URL = re.compile(r"https?://[A-Za-z0-9.:_-]{1,200}/")
_CHANNEL = re.compile(r"19:[A-Za-z0-9_-]{1,200}@thread\.(?:tacv2|skype)")
_MESSAGE = re.compile(r"[0-9]{1,20}")


def details_dialog(view: RunView, number: int) -> Dialog:
    """One page of a run's details; numbers outside of the book show its nearest page."""
    pages = details(view)
    at = min(max(number, 0), len(pages) - 1)
    rendered = adaptive.render(pages[at], is_full=True)
    turns = [
        submits(label, {"verb": PAGE, "press": press.write(press.Press(view.run.id, "", str(to)))})
        for label, to in (("Previous", at - 1), ("Next", at + 1))
        if 0 <= to < len(pages)
    ]
    body = [*rendered.card["body"], *([row_of(turns)] if turns else [])]
    return dialog(words.DETAILS, [body], "large")


def home(shown: HomeView, *, said: str = "", url: str = TEAMS_URL) -> Rendered:
    """What waits for a person first, then what ran by itself, then what they asked for.

    `said` is a reply to them; `url` begins the links to the threads, empty for none.
    """
    waiting = len(shown.waiting_for_me)
    text = f"{waiting} waiting for you" if waiting else words.NOTHING_WAITS
    bodies = (adaptive.telling(said, _home(shown, most, url)) for most in HOME_RUNS_LEVELS)
    return Rendered(fitting(envelope(body, text) for body in bodies), text)


def home_refusal(reason: str) -> Rendered:
    """The same for somebody whom I may not serve."""
    said = words.no_requests_from_you(reason)
    card = envelope([line((said,), 300)], unmarked(said, FALLBACK_UNITS_MAX))
    return Rendered(card, unmarked(said, FALLBACK_UNITS_MAX))


def _home(shown: HomeView, runs_max: int, url: str) -> list[Element]:
    return [
        _heading(words.WAITING, is_first=True),
        *_together(shown.waiting_for_me),
        *_runs(words.NOTHING_WAITS, shown.waiting_for_me, runs_max, url),
        *_reviews(shown.to_review, min(runs_max, REVIEWS_MAX), url),
        _heading(words.ASKED),
        *_runs(words.NOTHING_ASKED, shown.asked_by_me, runs_max, url),
    ]


def _reviews(runs: Sequence[RunView], runs_max: int, url: str) -> list[Element]:
    """What ran by itself and awaits this person's word; nothing where nothing does."""
    if not runs:
        return []
    found = [_heading(words.TO_REVIEW)]
    for view in runs[:runs_max]:
        value = press.write(press.Press(view.run.id, ""))
        verdicts = [
            executes(REVIEW_RIGHT, words.RIGHT, value),
            opens(REVIEW_WRONG, words.WRONG, value),
        ]
        found += _entry(view, url, verdicts)
    return [*found, *_more(runs, runs_max)]


def _together(waiting: Sequence[RunView]) -> list[Element]:
    """A button where several runs of one workflow wait: they can be looked at side by side."""
    counts = Counter(view.run.workflow for view in waiting if view.run.status is Status.WAITING)
    if not counts or max(counts.values()) < BATCH_RUNS_MIN:
        return []
    label = words.together(max(counts.values()))
    return [row_of([opens(REVIEW_BATCH, label, style="positive")])]


def _runs(nothing: str, runs: Sequence[RunView], runs_max: int, url: str) -> list[Element]:
    if not runs:
        return [line((nothing,), 300, _SMALL)]
    entries = [part for view in runs[:runs_max] for part in _entry(view, url)]
    return [*entries, *_more(runs, runs_max)]


def _more(runs: Sequence[RunView], runs_max: int) -> list[Element]:
    hidden_count = len(runs) - runs_max
    return [line((words.more(hidden_count),), 60, _SMALL)] if hidden_count > 0 else []


def _entry(view: RunView, url: str, first: Sequence[Element] = ()) -> list[Element]:
    """One run in a list; `first` are the buttons that stand before Open and Details."""
    of = view.run
    state = badge(view).text.lower()
    if of.status is Status.WAITING:
        state = f"waiting, {progress(view)}"
    head = [
        run(title(view), 120, weight="bolder"),
        plain("  ·  "),
        run(state, 60, isSubtle=True),
    ]
    asked = (of.requester_name, ": “", of.request.text, "”")
    actions = [*first]
    if link := next(filter(None, (_link(at, url) for at in view.threads)), ""):
        actions.append({"type": "Action.OpenUrl", "title": "Open", "url": link})
    actions.append(opens(Action.DETAILS.value, words.DETAILS, press.write(press.Press(of.id, ""))))
    return [rich(head, Look(spacing="medium")), line(asked, ENTRY_UNITS_MAX), row_of(actions)]


def _heading(text: str, *, is_first: bool = False) -> Element:
    large = run(text, 150, weight="bolder", size="medium")
    return rich([large], Look() if is_first else _HEADING)


def _link(place: Place, url: str) -> str:
    """The address of a channel's thread, empty where a part of it is not well formed."""
    is_known = _URL.fullmatch(url) and _CHANNEL.fullmatch(place.channel)
    if not (is_known and _MESSAGE.fullmatch(place.thread)):
        return ""
    tenant = f"?tenantId={quote(place.team, safe='')}" if place.team else ""
    return f"{url}l/message/{quote(place.channel, safe='')}/{place.thread}{tenant}"
