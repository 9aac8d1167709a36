"""A neutral form as a Slack modal, and what was filled into the modal. Pure.

Choices and ticks stand on the wire by their place in the form: Slack takes short values only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from bot.cards import block_kit, mrkdwn
from bot.cards.block_kit import Block, plain_text
from bot.cards.forms import SKIP, ChoiceField, Field, Filled, Form, TextField, TicksField
from bot.surfaces.slack_views import LABEL_UNITS_MAX, OPTION_UNITS_MAX, Origin, modal
from store.model.values import Json

TICKS_MAX = 10  # docs.slack.dev: options of one group of checkboxes
TICK_VALUE_CHARACTERS_MAX = 75  # ours; Slack takes 150 in an option's value, counted its own way
LINE_UNITS_MAX = 1_000  # ours; one line of what a form is about
ERROR_UNITS_MAX = 300  # ours; a message beside a field
_VALUE = "value"


def render(form: Form, where: Origin) -> Block:
    """The modal of a form, opened at `where`."""
    lines = [mrkdwn.words(line, LINE_UNITS_MAX) for line in form.lines]
    blocks = block_kit.sections(lines)
    for field in form.fields:
        blocks += _blocks(field)
    if form.hint:
        blocks += block_kit.context([form.hint])
    metadata = where.metadata()
    return modal(form.kind, form.heading, blocks, submit=form.submit, metadata=metadata)


def filled(fields: Sequence[Field], values: Json) -> Filled:
    """What was filled in, by the fields of the form. Nothing of `values` is believed: what is none
    of them, or not of their shape, counts as not sent."""
    found: dict[str, str | tuple[str, ...]] = {}
    for field in fields:
        match field:
            case TextField():
                if state := _state(values, field.name):
                    found[field.name] = str(state.get("value") or "")
            case ChoiceField():
                chosen = _index((_state(values, field.name).get("selected_option")), field.choices)
                if chosen is not None:
                    found[field.name] = field.choices[chosen][0]
            case TicksField():
                found[field.name] = tuple(_ticked(field, values))
    return found


def errors(beside: Mapping[str, str], shown: Json) -> dict[str, str]:
    """Messages beside fields, by the fields' names, in the window whose blocks are `shown`. What
    concerns none of its fields stands beside the first: Slack takes no other errors."""
    blocks = (
        [block for block in shown if isinstance(block, dict)] if isinstance(shown, list) else []
    )
    fields = [str(block.get("block_id")) for block in blocks if block.get("type") == "input"]
    found: dict[str, str] = {}
    for name, text in beside.items():
        block = f"{SKIP}_0" if name == SKIP else name
        found[block if block in fields or not fields else fields[0]] = mrkdwn.plain(
            text, ERROR_UNITS_MAX
        )
    return found


def _blocks(field: Field) -> list[Block]:
    match field:
        case TextField():
            return [_input(field.name, field.label, _text(field), is_optional=field.is_optional)]
        case ChoiceField():
            return [_input(field.name, field.label, _select(field), is_optional=field.is_optional)]
        case TicksField():
            return list(_checkboxes(field))


def _text(field: TextField) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": _VALUE,
        "multiline": field.is_long,
        "max_length": field.characters_max,
    }
    return {**element, "initial_value": _sound(field.value)} if field.value else element


def _select(field: ChoiceField) -> Block:
    options = [_option(label, str(index)) for index, (_, label) in enumerate(field.choices)]
    placeholder = "Choose" if field.value else "Choose one"
    select: Block = {
        "type": "static_select",
        "action_id": _VALUE,
        "placeholder": plain_text(placeholder, OPTION_UNITS_MAX),
        "options": options,
    }
    pairs = zip(options, field.choices, strict=True)
    held = [option for option, (value, _) in pairs if value == field.value]
    return {**select, "initial_option": held[0]} if held else select


def _checkboxes(field: TicksField) -> Iterator[Block]:
    """As many groups of checkboxes as Slack wants for them."""
    for start in range(0, len(field.ticks), TICKS_MAX):
        group = field.ticks[start : start + TICKS_MAX]
        options = [
            _option(label, f"{at}:{_sound(value)}"[:TICK_VALUE_CHARACTERS_MAX])
            for at, (value, label) in zip(count(start), group, strict=False)
        ]
        pairs = zip(options, group, strict=True)
        element: Block = {"type": "checkboxes", "action_id": _VALUE, "options": options}
        if held := [option for option, (value, _) in pairs if value in field.ticked]:
            element["initial_options"] = held
        label = f"{field.label}, too" if start else field.label
        yield _input(f"{field.name}_{start}", label, element, is_optional=True)


def _ticked(field: TicksField, values: Json) -> Iterator[str]:
    for start in range(0, len(field.ticks), TICKS_MAX):
        options = _state(values, f"{field.name}_{start}").get("selected_options")
        for option in options if isinstance(options, list) else ():
            at = _index(option, field.ticks)
            if at is not None:
                yield field.ticks[at][0]


def _index(option: Json, among: Sequence[tuple[str, str]]) -> int | None:
    """The place that an option names, None where it names none of ours."""
    value = str(option.get("value", "")) if isinstance(option, dict) else ""
    index = value.partition(":")[0]
    is_ours = index.isascii() and index.isdecimal() and len(index) <= len(str(len(among)))
    return int(index) if is_ours and int(index) < len(among) else None


def _option(label: str, value: str) -> Block:
    return {"text": plain_text(label, OPTION_UNITS_MAX), "value": value}


def _input(block_id: str, label: str, element: Block, *, is_optional: bool) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, LABEL_UNITS_MAX),
        "element": element,
        "optional": is_optional,
    }


def _sound(text: str) -> str:
    """Text that can be sent: no half of a surrogate pair, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "�")


def _state(values: Json, block: str) -> dict[str, Json]:
    found = values.get(block) if isinstance(values, dict) else None
    state = found.get(_VALUE) if isinstance(found, dict) else None
    return state if isinstance(state, dict) else {}
