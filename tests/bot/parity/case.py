"""A case of the parity suite: what is done by neutral hands, what must be seen, what it covers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from unicodedata import category

from bot.cards.model import Card, Moment, Words
from tests.bot.parity.hands import Hands, Seen

Do = Callable[[Hands], Awaitable[None]]
# What a case can cover: a member of an enum, or the name of a sentence, a story, a port's method.
Covered = Enum | str
_SAID = frozenset({"Ll", "Lo", "Lt", "Lu", "Nd", "Nl", "No"})  # a modifier may stand for a mark
_KEPT = frozenset("@#$,.:&!?%+()[]")


@dataclass(frozen=True)
class Case:
    """`do` acts and judges; it is the same for every surface."""

    name: str
    do: Do
    covers: frozenset[Covered]
    is_slow: bool = False


def cases_of() -> tuple[list[Case], Callable[..., Callable[[Do], Do]]]:
    """An empty list and the decorator that puts a function on it, named as the function is."""
    found: list[Case] = []

    def case(*covers: Covered, is_slow: bool = False) -> Callable[[Do], Do]:
        def put(do: Do) -> Do:
            name = do.__name__.replace("_", " ")  # type: ignore[attr-defined]
            found.append(Case(name, do, frozenset(covers), is_slow))
            return do

        return put

    return found, case


def shows(seen: Seen, card: Card) -> None:
    """Whether somebody sees everything that a card says, and can press everything on it."""
    shown = plain(seen.text)
    assert [text for text in said(card) if plain(text) not in shown] == []
    assert sorted(seen.buttons) == sorted(button.label for button in card.buttons)


def said(card: Card) -> list[str]:
    """Every text of a card in the order of reading, times and names of channels left out."""
    texts = [card.title, card.badge.text, card.quote, card.groups_title, card.groups_about]
    texts += _pieces(card.asked) + _pieces(card.notice)
    for group in card.groups:
        texts += [group.system, group.resource, group.state]
        for line in group.lines:
            texts += [line.field, line.before, line.after, line.note]
    texts.append(card.more)
    for note in card.notes:
        texts += _pieces(note)
    texts += _pieces(card.authority)
    for check in card.checks:
        texts += [check.label, check.value]
    for need in card.needs:
        texts += [need.head, *_pieces(need.said)]
    for words in (*card.facts, *card.footer):
        texts += _pieces(words)
    return [text for text in texts if text.strip()]


def plain(text: str) -> str:
    """Letters, digits and what decides about meaning: what no platform may change in a text. Marks
    of emphasis, quotes and blanks are drawn by one, replaced by look-alikes by another."""
    return "".join(each for each in text.casefold() if category(each) in _SAID or each in _KEPT)


def _pieces(words: Words) -> list[str]:
    """The texts between times and channels, whole, because platforms draw those differently."""
    return [getattr(piece, "text", piece) for piece in words if _is_text(piece)]


def _is_text(piece: object) -> bool:
    return isinstance(piece, str) or (not isinstance(piece, Moment) and hasattr(piece, "text"))
