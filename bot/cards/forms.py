"""The neutral form: what a person fills in, before any surface's own format.

Every text in it is raw and may be hostile: a renderer makes it legible, escapes and cuts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.incoming import Verb


class FormKind(StrEnum):
    """What a form is for. The value doubles as its name on the wire."""

    REJECT = "reject"
    ANSWER = "answer"
    EDIT = "edit"
    ASK = "ask"
    REPLY = "reply"
    REVIEW = "review_wrong"


@dataclass(frozen=True)
class TextField:
    """Words. `value` stands in it at first."""

    name: str
    label: str
    characters_max: int
    value: str = ""
    is_optional: bool = False
    is_long: bool = True


@dataclass(frozen=True)
class ChoiceField:
    """One of `choices`, each (value, label); `value` is chosen at first, "" for none."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    value: str = ""
    is_optional: bool = False


@dataclass(frozen=True)
class TicksField:
    """Any of `ticks`, each (value, label); `ticked` are ticked at first."""

    name: str
    label: str
    ticks: tuple[tuple[str, str], ...]
    ticked: tuple[str, ...] = ()


Field = TextField | ChoiceField | TicksField


@dataclass(frozen=True)
class Form:
    """One form: `lines` say what it is about, `hint` what comes of it, `submit` names its button
    (24 characters at most, as the heading)."""

    kind: FormKind
    heading: str
    lines: tuple[str, ...]
    fields: tuple[Field, ...]
    submit: str
    hint: str = ""


# What was filled in, by the field's name: words, the value of a choice, the values of ticks.
# A field that was not sent is missing.
Filled = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Submission:
    """A form as it was filled in. Not empty `errors`, by the field's name, mean: nothing is done.

    `verb` is None for a review, which is no verdict on a waiting run.
    """

    verb: Verb | None
    text: str = ""
    values: tuple[tuple[str, str], ...] = ()
    skip: tuple[str, ...] = ()
    errors: Mapping[str, str] | None = None
