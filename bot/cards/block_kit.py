"""Cards as Slack blocks: within every limit of Slack whatever the texts hold. Pure.

The card is rendered at the most generous level at which it fits the message's budget.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bot.cards import mrkdwn, press
from bot.cards.fitting import units
from bot.cards.levels import FULL, LEVELS, Level
from bot.cards.model import Action, Button, Card, ChangeLine, CheckLine, Group, Need
from store.model.values import Json

Block = dict[str, Json]

# Messages fail as msg_blocks_too_long near 13,200 characters over all blocks (bolt-js#2509).
MESSAGE_UNITS_MAX = 12_000
SECTION_UNITS_MAX = 2_900  # docs.slack.dev: 3,000 a section text; room for the separators
BUTTON_UNITS_MAX = 75  # docs.slack.dev: button text
FALLBACK_UNITS_MAX = 300  # ours; a notification shows about this much
MENU = "more"  # the action id of the menu that holds minor buttons
MENU_OPTIONS_MAX = 5  # docs.slack.dev: overflow menu, options
BESIDE_CHARACTERS_MAX = 24  # ours; a longer change would break the line of its record


@dataclass(frozen=True)
class Rendered:
    """What a message is made of: blocks, and the text for notifications and screen readers."""

    blocks: tuple[Block, ...]
    text: str


def render(card: Card, *, is_full: bool = False) -> Rendered:
    """Blocks and fallback text of a card, never beyond Slack's limits.

    `is_full` starts where long texts are whole, for a modal that shows one page of a run.
    """
    text = mrkdwn.escape(card.fallback, FALLBACK_UNITS_MAX)
    blocks: list[Block] = []
    for level in (FULL, *LEVELS) if is_full else LEVELS:
        blocks = _blocks(card, level)
        if size(blocks) <= MESSAGE_UNITS_MAX:
            break
    return Rendered(tuple(blocks), text)


def size(blocks: Iterable[Block]) -> int:
    """The units that blocks take on the wire as JSON."""
    return units(json.dumps(list(blocks), ensure_ascii=False))


def _blocks(card: Card, level: Level) -> list[Block]:
    """What stands in the way is a line of its own; what is in order is small print."""
    blocks = [*sections(_head(card, level))]
    if card.notice:
        blocks += sections([mrkdwn.words(card.notice, level.sentence)])
    if card.groups:
        blocks += sections(_groups(card, level))
    contrary = [check for check in card.checks if check.is_met is not True]
    aside = [mrkdwn.escape(card.more, level.sentence)] if card.more else []
    aside += [mrkdwn.words(note, level.sentence) for note in card.notes]
    if contrary:
        lines = [mrkdwn.words(card.authority, level.sentence)]
        blocks += sections([*lines, *(_check(check, level) for check in contrary)])
    elif card.authority:
        aside += _in_order(card, level)
    blocks += context(aside)
    blocks += sections([_need(need, level) for need in card.needs])
    blocks += sections([mrkdwn.words(fact, level.sentence) for fact in card.facts])
    blocks += context([mrkdwn.words(line, level.sentence) for line in card.footer])
    if card.buttons:
        blocks.append(actions(card.buttons))
    return blocks


def _in_order(card: Card, level: Level) -> list[str]:
    """The rules that allow it and every check with its values, in one paragraph if they fit."""
    said = [mrkdwn.words(card.authority, level.sentence)]
    return _packed([*said, *(_check(check, level) for check in card.checks)], "  ")


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
    """A step's record and its changed fields; a single short one stands beside the record."""
    head = (
        f"{group.number}  {mrkdwn.strong(group.system, level.label)}  "
        f"{mrkdwn.escape(group.resource, level.value)}"
    )
    head += f"  ·  {mrkdwn.escape(group.state, level.value)}" if group.state else ""
    changes = [_change(line, level) for line in group.lines]
    shown = sum(len(f"{line.before}{line.after}{line.note}") for line in group.lines)
    if len(changes) == 1 and shown <= BESIDE_CHARACTERS_MAX and not group.state:
        return [f"{head}  ·  {changes[0]}"]
    return [head, *(f"     {change}" for change in changes)]


def _change(line: ChangeLine, level: Level) -> str:
    note = f"  ({mrkdwn.escape(line.note, level.value)})" if line.note else ""
    if line.is_void:
        before, after = mrkdwn.strong(line.before, level.value), _struck(line.after, level)
    else:
        before, after = _struck(line.before, level), mrkdwn.strong(line.after, level.value)
    return f"{mrkdwn.escape(line.field, level.label)}   {before} → {after}{note}"


def _struck(value: str, level: Level) -> str:
    shown = mrkdwn.escape(value, level.value)
    return shown if shown.startswith("(") else f"~{shown}~"


def _check(check: CheckLine, level: Level) -> str:
    sign = {True: "✓", False: "✗", None: "?"}[check.is_met]
    value = f" ({mrkdwn.escape(check.value, level.value)})" if check.value else ""
    return f"{sign} {mrkdwn.escape(check.label, level.label)}{value}"


def _need(need: Need, level: Level) -> str:
    sign = {True: "✓", False: "○", None: "–"}[need.is_met]
    return f"{sign}  *{need.head}* {mrkdwn.words(need.said, level.label)}"


def sections(lines: Iterable[str]) -> list[Block]:
    """Section blocks that hold the lines, each within Slack's limit."""
    return [{"type": "section", "text": _mrkdwn(text)} for text in _packed(lines, "\n")]


def _packed(parts: Iterable[str], between: str) -> list[str]:
    """The parts that say something, joined into as few texts as Slack's limit allows."""
    packed: list[str] = []
    for part in parts:
        if not part.strip():
            continue
        room = SECTION_UNITS_MAX - units(part) - len(between)
        if packed and units(packed[-1]) <= room:
            packed[-1] += f"{between}{part}"
        else:
            packed.append(part)
    return packed


def context(lines: Iterable[str]) -> list[Block]:
    """One context block of the lines, none for no lines."""
    elements = [_mrkdwn(line) for line in lines if line.strip()]
    return [{"type": "context", "elements": elements}] if elements else []


def actions(buttons: Iterable[Button]) -> Block:
    """A row of buttons, the minor ones in a menu behind them.

    Choices of one question get numbered action ids, which must differ.
    """
    shown = tuple(buttons)
    row = [button for button in shown if not button.is_minor]
    elements = [_button(button, index) for index, button in enumerate(row)]
    options = [_option(button) for button in shown if button.is_minor][:MENU_OPTIONS_MAX]
    if options:
        elements.append({"type": "overflow", "action_id": MENU, "options": options})
    return {"type": "actions", "elements": elements}


def _option(button: Button) -> Block:
    """A minor button as a menu's option: its value names the action as well."""
    return {
        "text": plain_text(button.label, BUTTON_UNITS_MAX),
        "value": press.write_option(button.action.value, button.value),
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
