"""Cards as Slack blocks: within every limit of Slack whatever the texts hold. Pure.

The card is rendered at the most generous level at which it fits the message's budget.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bot.cards import mrkdwn
from bot.cards.model import Action, Button, Card, CheckLine, Group, Need
from store.model.values import Json

Block = dict[str, Json]

# Messages fail as msg_blocks_too_long near 13,200 characters over all blocks (bolt-js#2509).
MESSAGE_UNITS_MAX = 12_000
SECTION_UNITS_MAX = 2_900  # docs.slack.dev: 3,000 a section text; room for the separators
BUTTON_UNITS_MAX = 75  # docs.slack.dev: button text
FALLBACK_UNITS_MAX = 300  # ours; a notification shows about this much


@dataclass(frozen=True)
class Rendered:
    """What a message is made of: blocks, and the text for notifications and screen readers."""

    blocks: tuple[Block, ...]
    text: str


@dataclass(frozen=True)
class Level:
    """How many units each kind of text may take; the lists are bounded by the card's builder."""

    title: int
    quote: int
    sentence: int
    value: int
    label: int


_FULL = Level(title=150, quote=2_700, sentence=2_700, value=900, label=300)
_LEVELS = (
    Level(title=150, quote=600, sentence=1_000, value=160, label=120),
    Level(title=120, quote=300, sentence=500, value=80, label=80),
    Level(title=80, quote=160, sentence=250, value=40, label=40),
    Level(title=60, quote=80, sentence=120, value=24, label=30),
)


def render(card: Card, *, is_full: bool = False) -> Rendered:
    """Blocks and fallback text of a card, never beyond Slack's limits.

    `is_full` starts where long texts are whole, for a modal that shows one page of a run.
    """
    text = mrkdwn.escape(card.fallback, FALLBACK_UNITS_MAX)
    blocks: list[Block] = []
    for level in (_FULL, *_LEVELS) if is_full else _LEVELS:
        blocks = _blocks(card, level)
        if size(blocks) <= MESSAGE_UNITS_MAX:
            break
    return Rendered(tuple(blocks), text)


def size(blocks: Iterable[Block]) -> int:
    """The units that blocks take on the wire as JSON."""
    return mrkdwn.units(json.dumps(list(blocks), ensure_ascii=False))


def _blocks(card: Card, level: Level) -> list[Block]:
    blocks = [*sections(_head(card, level))]
    if card.notice:
        blocks += sections([mrkdwn.words(card.notice, level.sentence)])
    if card.groups:
        blocks += sections(_groups(card, level))
    aside = [mrkdwn.words(note, level.sentence) for note in card.notes]
    blocks += context([*([mrkdwn.escape(card.more, level.sentence)] if card.more else []), *aside])
    reasons = [mrkdwn.words(card.authority, level.sentence)] if card.authority else []
    reasons += [_check(check, level) for check in card.checks]
    reasons += [_need(need, level) for need in card.needs]
    if reasons:
        blocks += [{"type": "divider"}, *sections(reasons)]
    blocks += sections([mrkdwn.words(fact, level.sentence) for fact in card.facts])
    blocks += context([mrkdwn.words(line, level.sentence) for line in card.footer])
    if card.buttons:
        blocks.append(actions(card.buttons))
    return blocks


def _head(card: Card, level: Level) -> list[str]:
    badge = f"`{mrkdwn.escape(card.badge.text, level.label)}`" if card.badge.text else ""
    lines = [f"{mrkdwn.strong(card.title, level.title)}   {badge}".rstrip()]
    if card.asked:
        lines.append(mrkdwn.words(card.asked, level.label))
    if card.quote:
        lines.append(f">{mrkdwn.escape(card.quote, level.quote)}")
    return lines


def _groups(card: Card, level: Level) -> list[str]:
    lines = [f"{mrkdwn.strong(card.groups_title, level.label)}   {card.groups_about}".rstrip()]
    for group in card.groups:
        lines += _group(group, level)
    return lines


def _group(group: Group, level: Level) -> list[str]:
    head = (
        f"{group.number}  {mrkdwn.strong(group.system, level.label)}  "
        f"{mrkdwn.escape(group.resource, level.value)}"
    )
    lines = [head + (f"  ·  {mrkdwn.escape(group.state, level.value)}" if group.state else "")]
    for line in group.lines:
        after = mrkdwn.strong(line.after, level.value)
        note = f"  ({mrkdwn.escape(line.note, level.value)})" if line.note else ""
        before = mrkdwn.escape(line.before, level.value)
        struck = before if before.startswith("(") else f"~{before}~"
        lines.append(f"     {mrkdwn.escape(line.field, level.label)}   {struck} → {after}{note}")
    return lines


def _check(check: CheckLine, level: Level) -> str:
    sign = {True: "✓", False: "✗", None: "?"}[check.is_met]
    value = f"  ({mrkdwn.escape(check.value, level.value)})" if check.value else ""
    return f"{sign}  {mrkdwn.escape(check.label, level.label)}{value}"


def _need(need: Need, level: Level) -> str:
    sign = "✓" if need.is_met else "○"
    state = mrkdwn.words(need.state, level.label)
    return f"{sign}  *Needs* {mrkdwn.words(need.who, level.label)}: {state}"


def sections(lines: Iterable[str]) -> list[Block]:
    """Section blocks that hold the lines, each within Slack's limit."""
    packed: list[str] = []
    for line in lines:
        if not line.strip():
            continue
        if packed and mrkdwn.units(packed[-1]) + mrkdwn.units(line) + 1 <= SECTION_UNITS_MAX:
            packed[-1] += f"\n{line}"
        else:
            packed.append(line)
    return [{"type": "section", "text": _mrkdwn(text)} for text in packed]


def context(lines: Iterable[str]) -> list[Block]:
    """One context block of the lines, none for no lines."""
    elements = [_mrkdwn(line) for line in lines if line.strip()]
    return [{"type": "context", "elements": elements}] if elements else []


def actions(buttons: Iterable[Button]) -> Block:
    """A row of buttons. Choices of one question get numbered action ids, which must differ."""
    return {
        "type": "actions",
        "elements": [_button(button, index) for index, button in enumerate(buttons)],
    }


def plain_text(text: str, units_max: int) -> Block:
    """A plain_text object without emoji codes; a blank text shows as a dash."""
    return {"type": "plain_text", "text": mrkdwn.plain(text, units_max) or "–", "emoji": False}


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack links no addresses and no channel names by itself.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _button(button: Button, index: int) -> Block:
    is_choice = button.action is Action.ANSWER
    element: Block = {
        "type": "button",
        "action_id": f"{button.action.value}_{index}" if is_choice else button.action.value,
        "text": plain_text(button.label, BUTTON_UNITS_MAX),
        "value": button.value,
    }
    if button.style:
        element["style"] = button.style
    return element
