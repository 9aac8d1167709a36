"""Cards as plain text for terminals and logs: columns instead of blocks, the same words. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import tzinfo

from bot.cards.legible import cut, one_line
from bot.cards.model import Card, Channel, CheckLine, Group, Moment, Need, Strong, Words

WIDTH_CHARACTERS = 96
QUOTE_CHARACTERS_MAX = 300
VALUE_CHARACTERS_MAX = 60
LABEL_CHARACTERS_MAX = 80
SENTENCE_CHARACTERS_MAX = 1_000
_SIGNS = {True: "ok", False: "no", None: "??"}


def render(card: Card, zone: tzinfo, channels: Mapping[str, str] | None = None) -> str:
    """The card as lines of about WIDTH_CHARACTERS, times in `zone`; `channels` names ids."""
    return _Text(card, zone, channels or {}).render()


class _Text:
    """One rendering: the card, the reader's zone and today's date in it."""

    def __init__(self, card: Card, zone: tzinfo, channels: Mapping[str, str]) -> None:
        self.card, self.zone, self.channels = card, zone, channels
        self.today = card.now.astimezone(zone).date()

    def render(self) -> str:
        card = self.card
        parts = [
            self._head(),
            _wrapped(self.words(card.notice)),
            self._groups(),
            self._reasons(),
            "\n".join(_wrapped(self.words(fact)) for fact in card.facts),
            self._foot(),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    def words(self, words: Words) -> str:
        said = [self._piece(piece) for piece in words]
        return "".join(said).strip()

    def _piece(self, piece: str | Moment | Strong | Channel) -> str:
        match piece:
            case Moment():
                return self._moment(piece)
            case Channel(channel):
                return _line(self.channels.get(channel, channel), LABEL_CHARACTERS_MAX)
            case Strong(text) | str(text):
                outer = text[:1] == " ", text[-1:] == " "
                inner = _line(text, SENTENCE_CHARACTERS_MAX)
                return f"{' ' * outer[0]}{inner}{' ' * (outer[1] and bool(inner))}"

    def _moment(self, moment: Moment) -> str:
        at = moment.at.astimezone(self.zone)
        if moment.style == "seconds":
            return f"{at:%H:%M:%S}"
        if moment.style == "time" or at.date() == self.today:
            return f"{at:%H:%M}"
        return f"{at.day} {at:%b %H:%M}"

    def _head(self) -> str:
        card = self.card
        asked = self.words(card.asked)
        left = _line(card.title, LABEL_CHARACTERS_MAX) + (f" · {asked}" if asked else "")
        lines = [_sides(left, _line(card.badge.text, LABEL_CHARACTERS_MAX))]
        if card.quote:
            lines.append(_wrapped(f'"{_line(card.quote, QUOTE_CHARACTERS_MAX)}"'))
        return "\n".join(lines)

    def _groups(self) -> str:
        card = self.card
        lines = [_sides(card.groups_title, card.groups_about)] if card.groups else []
        lines += _table(card.groups)
        lines += [f" {card.more}"] if card.more else []
        lines += [_wrapped(f" {self.words(note)}") for note in card.notes]
        return "\n".join(lines)

    def _reasons(self) -> str:
        card = self.card
        lines = [_wrapped(self.words(card.authority))] if card.authority else []
        lines += _checks(card.checks)
        lines += [self._need(need) for need in card.needs]
        return "\n".join(lines)

    def _need(self, need: Need) -> str:
        sign = {True: "ok", False: "--", None: "  "}[need.is_met]
        return _wrapped(f" {sign}  {need.head.lower()} {self.words(need.said)}", "       ")

    def _foot(self) -> str:
        lines = [self.words(line) for line in self.card.footer]
        labels = [f"[{_line(b.label, LABEL_CHARACTERS_MAX)}]" for b in self.card.buttons]
        if labels:
            lines += ["", _wrapped("  ".join(labels))]
        return "\n".join(lines)


def _table(groups: tuple[Group, ...]) -> list[str]:
    """Change lines in columns, each as wide as its widest cell."""
    rows: list[tuple[str, str, str, str, str]] = []
    for group in groups:
        record = _line(group.resource, VALUE_CHARACTERS_MAX)
        state = f"({_line(group.state, LABEL_CHARACTERS_MAX)})" if group.state else ""
        head = (f"{group.number} {_line(group.system, 30)}", record)
        if not group.lines:
            rows.append((*head, state or "(no change)", "", ""))
        for index, line in enumerate(group.lines):
            found = f"  ({_line(line.note, VALUE_CHARACTERS_MAX)})" if line.note else ""
            done = f"  {state}" if state and not index else ""
            cells = (
                _line(line.field, 30),
                _line(line.before, VALUE_CHARACTERS_MAX),
                _line(line.after, VALUE_CHARACTERS_MAX) + found + done,
            )
            rows.append((*(head if not index else ("", "")), *cells))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = []
    for row in rows:
        left = "  ".join(row[column].ljust(widths[column]) for column in range(4))
        lines.append(f" {left}  ->  {row[4]}" if row[4] else f" {left}".rstrip())
    return lines


def _checks(checks: tuple[CheckLine, ...]) -> list[str]:
    width = max((len(_line(check.label, LABEL_CHARACTERS_MAX)) for check in checks), default=0)
    return [
        f" {_SIGNS[check.is_met]}  {_line(check.label, LABEL_CHARACTERS_MAX).ljust(width)}  "
        f"{_line(check.value, LABEL_CHARACTERS_MAX)}".rstrip()
        for check in checks
    ]


def _line(text: str, characters_max: int) -> str:
    return cut(one_line(text), characters_max)


def _sides(left: str, right: str) -> str:
    gap = max(2, WIDTH_CHARACTERS - len(left) - len(right))
    return f"{left}{' ' * gap}{right}".rstrip()


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH_CHARACTERS, subsequent_indent=indent, break_on_hyphens=False)
