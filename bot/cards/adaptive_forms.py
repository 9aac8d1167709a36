"""Forms as dialogs of Teams, and what was filled in there. Pure.

Teams checks what a field requires before it sends; what only the flow can judge comes back as the
same dialog, with a line above the field and what was typed kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from bot.cards.adaptive_buttons import row_of, submits
from bot.cards.adaptive_dialogs import Dialog, dialog
from bot.cards.adaptive_elements import Element, Look, line
from bot.cards.adaptive_text import unmarked
from bot.cards.forms import ChoiceField, Field, Filled, Form, FormKind, TextField, TicksField
from bot.cards.model import Strong
from store.model.request import TEXT_CHARACTERS_MAX
from store.model.values import Json

LABEL_UNITS_MAX = 100  # ours; a label of more is no label
ERROR_UNITS_MAX = 300
NONE = "none"  # the value of no choice at all, in a menu that cannot be cleared
NONE_LABEL = "(none of these)"
REQUEST = "request"  # the name of the dialog in which a message is asked for, and of its field
FORM = "form"  # the name under which a submitted dialog says which form it is
_SMALL = Look(is_subtle=True, is_small=True)
_ERROR = Look(color="attention", spacing="default")


@dataclass(frozen=True)
class _Level:
    """How many units a line of what the form is about may take, and one choice."""

    line: int
    choice: int


_LEVELS = (_Level(1_000, 75), _Level(300, 40), _Level(100, 20))


def render(
    form: Form,
    hidden: Mapping[str, str],
    *,
    typed: Filled | None = None,
    errors: Mapping[str, str] | None = None,
) -> Dialog:
    """The dialog of a form. `hidden` travels with what is submitted (the press, the place).

    `typed` is what was filled in before, `errors` what was wrong with it, by the field's name.
    """
    levels = [(len(form.fields), level) for level in _LEVELS]
    levels += [(shown, _LEVELS[-1]) for shown in range(len(form.fields) - 1, 0, -1)]
    data: dict[str, Json] = {**hidden, FORM: form.kind.value}
    style = "destructive" if form.kind is FormKind.REJECT else "positive"
    submit = row_of([submits(form.submit, data, style)])
    bodies = (
        [*_body(form, shown_count, level, typed or {}, errors or {}), submit]
        for shown_count, level in levels
    )
    return dialog(form.heading, bodies)


def request_dialog(text: str, hidden: Mapping[str, str]) -> Dialog:
    """A message's text, to be asked for as it stands or put better."""
    data: dict[str, Json] = {**hidden, FORM: REQUEST}
    field = TextField(REQUEST, "What do you want done?", TEXT_CHARACTERS_MAX, text)
    hint = "It is asked for in the message's conversation, in your name."
    body = [_text(field, text), line((hint,), LABEL_UNITS_MAX, _SMALL)]
    body.append(row_of([submits("Ask", data, "positive")]))
    return dialog("Ask Assent", [body])


def kind(data: Mapping[str, Json]) -> FormKind | None:
    """Which form was submitted, None for none that we know."""
    named = data.get(FORM)
    return next((each for each in FormKind if each.value == named), None)


def filled(fields: Sequence[Field], data: Mapping[str, Json]) -> Filled:
    """What was filled in, by the fields of the form. Nothing of `data` is believed: what is none of
    them, or not of their shape, counts as not sent."""
    found: dict[str, str | tuple[str, ...]] = {}
    for field in fields:
        sent = data.get(field.name)
        match field:
            case TextField() if isinstance(sent, str):
                found[field.name] = sent
            case ChoiceField() if isinstance(sent, str):
                values = [value for key, value in _keyed(field.choices) if key == sent]
                if values or sent in ("", NONE):
                    found[field.name] = values[0] if values else ""
            case TicksField():
                ticked = {*sent.split(",")} if isinstance(sent, str) else set()
                found[field.name] = tuple(v for key, v in _keyed(field.ticks) if key in ticked)
    return found


def _body(
    form: Form, shown_count: int, level: _Level, typed: Filled, wrong: Mapping[str, str]
) -> list[Element]:
    """The lines and the first fields; the others stay as they are, because nothing is sent."""
    body = [line(words, level.line) for words in form.lines]
    names = {field.name for field in form.fields}
    body += [_error(text) for name, text in wrong.items() if name not in names]
    for field in form.fields[:shown_count]:
        if error := wrong.get(field.name):
            body.append(_error(error))
        body.append(_input(field, typed, level.choice))
    if hidden_count := len(form.fields) - shown_count:
        said = f"{hidden_count} more do not fit in here and stay as they are."
        body.append(line((said,), LABEL_UNITS_MAX, _SMALL))
    if form.hint:
        body.append(line((form.hint,), level.line, _SMALL))
    return body


def _error(text: str) -> Element:
    return line((Strong(text),), ERROR_UNITS_MAX, _ERROR)


def _input(field: Field, typed: Filled, choice_units: int) -> Element:
    value = typed.get(field.name)
    match field:
        case TextField():
            return _text(field, value if isinstance(value, str) else field.value)
        case ChoiceField():
            return _choice(field, value if isinstance(value, str) else field.value, choice_units)
        case TicksField():
            return _ticks(field, value if isinstance(value, tuple) else field.ticked, choice_units)


def _text(field: TextField, value: str) -> Element:
    found: Element = {
        "type": "Input.Text",
        **_named(field.name, field.label, field.is_optional),
        "isMultiline": field.is_long,
        "maxLength": field.characters_max,
    }
    return {**found, "value": _sound(value, field.characters_max)} if value else found


def _choice(field: ChoiceField, value: str, choice_units: int) -> Element:
    choices = [
        _offered(key, label, choice_units)
        for (key, _), (_, label) in zip(_keyed(field.choices), field.choices, strict=True)
    ]
    if field.is_optional:
        choices.append({"title": NONE_LABEL, "value": NONE})
    found: Element = {
        "type": "Input.ChoiceSet",
        **_named(field.name, field.label, field.is_optional),
        "style": "compact",
        "placeholder": "Choose one",
        "choices": choices,
    }
    held = [key for key, each in _keyed(field.choices) if each == value]
    return {**found, "value": held[0]} if held and value else found


def _ticks(field: TicksField, ticked: tuple[str, ...], choice_units: int) -> Element:
    found: Element = {
        "type": "Input.ChoiceSet",
        **_named(field.name, field.label, is_optional=True),
        "style": "expanded",
        "isMultiSelect": True,
        "wrap": True,
        "choices": [
            _offered(key, label, choice_units)
            for (key, _), (_, label) in zip(_keyed(field.ticks), field.ticks, strict=True)
        ],
    }
    held = [key for key, value in _keyed(field.ticks) if value in ticked]
    return {**found, "value": ",".join(held)} if held else found


def _named(name: str, label: str, is_optional: bool) -> Element:
    said = unmarked(label, LABEL_UNITS_MAX) or "–"
    if is_optional:
        return {"id": name, "label": f"{said} (optional)"}
    return {"id": name, "label": said, "isRequired": True, "errorMessage": "This is needed."}


def _offered(key: str, label: str, choice_units: int) -> Element:
    return {"title": unmarked(label, choice_units) or "–", "value": key}


def _keyed(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each value with what stands for it on the wire: its place and a part of its digest, because a
    value may hold a comma, and a list may be another one by the time that it is submitted."""
    return [(_key(at, value), value) for at, (value, _) in zip(count(), choices, strict=False)]


def _key(at: int, value: str) -> str:
    return f"{at}-{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _sound(text: str, units_max: int) -> str:
    """Text that can be sent: no half of a surrogate pair, no NUL, no more than the field takes."""
    whole = text.encode("utf-8", "replace").decode().replace("\x00", "�")
    return whole.encode("utf-16-le")[: units_max * 2].decode("utf-16-le", "ignore")
