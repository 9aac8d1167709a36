"""Checks Adaptive Cards as strictly as Teams and its schema do: every fault with where it is.

`check_card` is pure; it returns the faults, an empty list means Teams would show the card.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.workspace.teams import card_schema as schema
from bot.workspace.teams import limits
from bot.workspace.wire import Json, compact

Faults = Iterator[str]

_VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
_SCHEMES = ("https://", "http://", "mailto:", "data:image/")


def check_card(card: object) -> list[str]:
    """Every fault of a card, as "where: what"."""
    if not isinstance(card, dict):
        return ["card: must be an object"]
    size = len(compact(card).encode())
    if size > limits.CARD_BYTES:
        return [f"card: has {size:,} bytes; at most {limits.CARD_BYTES:,} fit"]
    return list(_card(card, _Walk(), "", 0))


@dataclass
class _Walk:
    """What has been seen on the way through one card."""

    input_ids: set[str] = field(default_factory=set)
    elements: int = 0


def _card(card: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        yield f"{at or '/'}: must be an AdaptiveCard"
        return
    properties = schema.CARD
    if at:  # the version of a card inside another one may be left out
        properties = {**properties, "version": "version"}
    yield from _object(card, properties, walk, at, depth)


def _object(value: Json, properties: schema.Properties, walk: _Walk, at: str, depth: int) -> Faults:
    walk.elements += 1
    if depth > limits.CARD_DEPTH or walk.elements > limits.CARD_ELEMENTS:
        yield f"{at}: the card is nested too deeply or has too many elements"
        return
    for name, kind in properties.items():
        if isinstance(kind, str) and kind.endswith("!") and name not in value:
            yield f"{at}/{name}: is missing"
    for name, content in value.items():
        kind = properties.get(name, "")
        place = f"{at}/{name}"
        if not kind:
            yield f"{place}: is no property of {value.get('type', 'this')} in Adaptive Cards 1.5"
        elif isinstance(kind, tuple):
            if not isinstance(content, str) or content.lower() not in kind:
                yield f"{place}: is {content!r}; it is one of {', '.join(kind)}"
        else:
            yield from _KINDS[kind.rstrip("!")](content, walk, place, depth + 1)


def _text(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, str):
        yield f"{at}: must be text"


def _bool(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, bool):
        yield f"{at}: must be true or false"


def _number(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{at}: must be a number"


def _any(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    yield from ()


def _is_object(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, dict):
        yield f"{at}: must be an object"


def _data(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, dict | str):
        yield f"{at}: must be an object or text"


def _id(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, str) or not value:
        yield f"{at}: must be text"
    elif value in walk.input_ids:
        yield f"{at}: {value!r} is the id of another input"
    else:
        walk.input_ids.add(value)


def _url(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, str) or not value.startswith(_SCHEMES):
        yield f"{at}: must be a web address"


def _version(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if value not in _VERSIONS:
        yield f"{at}: is {value!r}; Teams shows Adaptive Cards up to 1.5"


def _users(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        yield f"{at}: must be a list of users' ids"
    elif len(value) > limits.REFRESH_USERS:
        yield f"{at}: names {len(value)} users; at most {limits.REFRESH_USERS}"


def _targets(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, list) or not all(
        isinstance(each, str) or (isinstance(each, dict) and isinstance(each.get("elementId"), str))
        for each in value
    ):
        yield f"{at}: must be a list of elements' ids"


def _element(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    kind = value.get("type") if isinstance(value, dict) else None
    properties = schema.ELEMENTS.get(kind) if isinstance(kind, str) else None
    if properties is None or not isinstance(value, dict):
        yield f"{at}: {kind!r} is no element of Adaptive Cards 1.5"
        return
    yield from _object(value, properties, walk, at, depth)


def _action(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    kind = value.get("type") if isinstance(value, dict) else None
    properties = schema.ACTIONS.get(kind) if isinstance(kind, str) else None
    if properties is None or not isinstance(value, dict):
        yield f"{at}: {kind!r} is no action of Adaptive Cards 1.5"
        return
    yield from _object(value, properties, walk, at, depth)


def _refresh_action(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if not isinstance(value, dict) or value.get("type") != "Action.Execute":
        yield f"{at}: must be an Action.Execute"
        return
    yield from _action(value, walk, at, depth)


def _element_fallback(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if value != "drop":
        yield from _element(value, _Walk(), at, depth)


def _action_fallback(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if value != "drop":
        yield from _action(value, _Walk(), at, depth)


def _inline(value: object, walk: _Walk, at: str, depth: int) -> Faults:
    if isinstance(value, str):
        return
    if not isinstance(value, dict) or value.get("type") != "TextRun":
        yield f"{at}: must be text or a TextRun"
        return
    yield from _object(value, schema.TEXT_RUN, walk, at, depth)


def _typed(properties: schema.Properties, kind: str) -> "Check":
    """An object of one kind; its type may be left out."""

    def check(value: object, walk: _Walk, at: str, depth: int) -> Faults:
        if not isinstance(value, dict) or value.get("type", kind) != kind:
            yield f"{at}: must be a {kind}"
            return
        yield from _object(value, properties, walk, at, depth)

    return check


def _each(check: "Check") -> "Check":
    def check_all(value: object, walk: _Walk, at: str, depth: int) -> Faults:
        if not isinstance(value, list):
            yield f"{at}: must be a list"
            return
        for index, item in enumerate(value):
            yield from check(item, walk, f"{at}/{index}", depth)

    return check_all


Check = Callable[[object, _Walk, str, int], Faults]

_KINDS: dict[str, Check] = {
    "text": _text,
    "bool": _bool,
    "number": _number,
    "any": _any,
    "object": _is_object,
    "objects": _each(_is_object),
    "data": _data,
    "id": _id,
    "url": _url,
    "version": _version,
    "users": _users,
    "targets": _targets,
    "elements": _each(_element),
    "element_fallback": _element_fallback,
    "actions": _each(_action),
    "action": _action,
    "action_fallback": _action_fallback,
    "refresh_action": _refresh_action,
    "refresh": _typed(schema.REFRESH, "Refresh"),
    "inlines": _each(_inline),
    "facts": _each(_typed(schema.FACT, "Fact")),
    "choices": _each(_typed(schema.CHOICE, "Input.Choice")),
    "columns": _each(_typed(schema.COLUMN, "Column")),
    "rows": _each(_typed(schema.ROW, "TableRow")),
    "cells": _each(_typed(schema.CELL, "TableCell")),
    "card": _card,
}
