"""Several waiting runs at once in Teams: a card that offers it, the dialog, what came of it. Pure.

The dialog carries the pairs of run and digest that it shows; what is submitted is those of them
whose line is still ticked, and each is pressed for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards import adaptive, press
from bot.cards.adaptive import Rendered
from bot.cards.adaptive_buttons import opens, row_of, submits
from bot.cards.adaptive_dialogs import Dialog, dialog, message
from bot.cards.adaptive_elements import (
    Element,
    Look,
    envelope,
    line,
    rich,
    run,
)
from bot.cards.adaptive_forms import FORM
from bot.cards.adaptive_pages import REVIEW_BATCH
from bot.cards.batch import (
    BATCH_MAX,
    BATCH_NOTICE,
    BatchLine,
    Outcome,
    batch_card,
    batch_lines,
    outcome_lines,
)
from bot.cards.model import Moment, Words
from bot.surfaces import words
from bot.view import RunView
from store.model.values import Json

BATCH = "batch"  # the name of the form
PAIRS = "pairs"
OFFER_NOTICE = "The button shows what waits when it is pressed."
SUBMIT = "Approve what is ticked"  # the button cannot count: Teams tells nobody of a tick
LINE_UNITS_LEVELS = (300, 120, 60, 30)  # one text of a line; the widest that fits
_TICK = "run_"
_ON, _OFF = "yes", "no"
_FIRST = Look(spacing="medium", has_separator=True)
_NEXT = Look(spacing="none")
_SMALL = Look(is_subtle=True, is_small=True)


def offer(views: Sequence[RunView], now: datetime) -> Rendered:
    """What waits, a line each, and the button that opens the dialog: no message can open one."""
    lines = batch_lines(views)
    if not lines:
        empty = envelope([line((words.NOTHING_TOGETHER,), 300)], words.NOTHING_TOGETHER)
        return Rendered(empty, words.NOTHING_TOGETHER)
    card = batch_card(views, now)
    heads = tuple(each.said[0] for each in lines)
    footer: tuple[Words, ...] = (("As of ", Moment(now, "time"), ". ", OFFER_NOTICE),)
    shown = adaptive.render(replace(card, notice=(), facts=heads, footer=footer))
    button = opens(REVIEW_BATCH, words.together(len(lines)), style="positive")
    body = [*shown.card["body"], row_of([button])]
    return Rendered(shown.card | {"body": body}, shown.text)


def form(views: Sequence[RunView], now: datetime) -> Dialog:
    """One line a run, each ticked."""
    lines = batch_lines(views)
    if not lines:
        return message(words.TOGETHER, words.NOTHING_TOGETHER)
    data: dict[str, Json] = {FORM: BATCH, PAIRS: _pairs(lines)}
    submit = row_of([submits(SUBMIT, data, "positive")])
    head = [
        rich([run(batch_card(views, now).title, 150, weight="bolder")]),
        line((BATCH_NOTICE,), 300),
    ]
    hidden_count = len(views) - len(lines)
    more = [line((words.more_afterwards(hidden_count),), 90, _SMALL)] if hidden_count > 0 else []
    bodies = ([*head, *_rows(lines, most), *more, submit] for most in LINE_UNITS_LEVELS)
    return dialog(words.TOGETHER, bodies, "large")


def ticked(data: Mapping[str, Json]) -> tuple[press.Press, ...]:
    """The runs and digests that the dialog showed and whose line is ticked."""
    pairs = data.get(PAIRS)
    shown = pairs.split(",")[:BATCH_MAX] if isinstance(pairs, str) else []
    return tuple(
        pressed
        for at, pair in enumerate(shown)
        if (pressed := press.read(pair)) is not None and data.get(f"{_TICK}{at}") == _ON
    )


def outcome(outcomes: Sequence[Outcome]) -> Dialog:
    """What counted and what did not, line by line."""
    said = words.recorded(tuple(outcomes))
    head = rich([run(said, 100, weight="bolder")])
    lines = outcome_lines(outcomes)[:BATCH_MAX]
    bodies = ([head, *(line(each, most) for each in lines)] for most in LINE_UNITS_LEVELS)
    return dialog(words.TOGETHER, bodies)


def _pairs(lines: Sequence[BatchLine]) -> str:
    return ",".join(press.write(press.Press(each.run_id, each.digest)) for each in lines)


def _rows(lines: Sequence[BatchLine], units_max: int) -> list[Element]:
    return [part for at, each in enumerate(lines) for part in _row(at, each, units_max)]


def _row(at: int, shown: BatchLine, units_max: int) -> list[Element]:
    """A run's lines, and the tick that includes it."""
    first, *rest = shown.said
    said = [line(first, units_max, _FIRST), *(line(each, units_max, _NEXT) for each in rest)]
    tick: Element = {
        "type": "Input.Toggle",
        "id": f"{_TICK}{at}",
        "title": f"Approve {shown.run_id}",
        "value": _ON,
        "valueOn": _ON,
        "valueOff": _OFF,
        "spacing": "small",
    }
    return [*said, tick]
