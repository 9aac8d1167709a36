"""The neutral card: what a person reads and presses, before any surface's own format.

Every text in it is raw and may be hostile: a renderer makes it legible, escapes and cuts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True)
class Moment:
    """A time in the reader's zone: of day, with seconds, or with the day where it differs."""

    at: datetime
    style: Literal["time", "seconds", "day"] = "day"


@dataclass(frozen=True)
class Strong:
    """A few words that stand out."""

    text: str


@dataclass(frozen=True)
class Channel:
    """A channel by the surface's id, which that surface shows as a link, and by the bundle's name
    for it, which stands for it elsewhere."""

    id: str
    name: str = ""


Piece = str | Moment | Strong | Channel
Words = tuple[Piece, ...]


class Tone(StrEnum):
    """How a status feels; a surface may colour it, the words never depend on it."""

    WAITING = "waiting"
    BUSY = "busy"
    GOOD = "good"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True)
class Badge:
    """The status in a few words."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class ChangeLine:
    """One field's before and after, or what was found (`note`) where it differs from the plan.

    `is_void`: it was not carried out, or was taken back: `before` is what holds.
    """

    field: str
    before: str
    after: str
    note: str = ""
    is_void: bool = False


@dataclass(frozen=True)
class Group:
    """One step: the record it touches, how far it has come, its change lines."""

    number: int
    system: str
    resource: str
    state: str
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True)
class CheckLine:
    """One check of a rule with its values. `is_met` is None when it could not be judged."""

    is_met: bool | None
    label: str
    value: str


@dataclass(frozen=True)
class Need:
    """Who must consent and how far that has come.

    `head` begins the line: "Needs", "Then", "In all", "May veto". `is_met` is None where nobody
    has to do anything.
    """

    head: str
    said: Words
    is_met: bool | None


class Action(StrEnum):
    """What a button does. The value doubles as the action id on the wire."""

    APPROVE = "approve"
    REJECT = "reject"
    DETAILS = "details"
    CANCEL = "cancel"
    ANSWER = "answer"
    ANSWER_FORM = "answer_form"
    HAPPENED = "happened"
    DID_NOT = "did_not"
    ASK_AGAIN = "ask_again"
    EDIT = "edit"
    ASK = "ask"
    REPLY = "reply"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Button:
    """A button. `value` names the run, what was signed, and for an answer the choice.

    A minor one may be folded into a menu: it stands behind the others and has no style.
    """

    action: Action
    label: str
    value: str
    style: Literal["", "primary", "danger"] = ""
    is_minor: bool = False


@dataclass(frozen=True)
class Card:
    """One card at `now`. Empty parts are left out by the renderers.

    `fallback` is the one-line text for notifications; `more` says what else Details holds.
    """

    title: str
    badge: Badge
    fallback: str
    now: datetime
    asked: Words = ()
    quote: str = ""
    notice: Words = ()
    groups_title: str = ""
    groups_about: str = ""
    groups: tuple[Group, ...] = ()
    more: str = ""
    notes: tuple[Words, ...] = ()
    authority: Words = ()
    checks: tuple[CheckLine, ...] = ()
    needs: tuple[Need, ...] = ()
    facts: tuple[Words, ...] = ()
    footer: tuple[Words, ...] = ()
    buttons: tuple[Button, ...] = ()
