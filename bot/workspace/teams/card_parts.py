"""The parts of a stored card that people use: its actions by their place, and its inputs. Pure.

A page names a place and a text for each input; everything else comes from the stored card, so a
page cannot send what no card offers. Raises Refused for a person.
"""

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.workspace.teams import limits
from bot.workspace.wire import Json, Refused, compact

_CHILDREN = ("body", "items", "columns", "images", "rows", "cells", "inlines", "actions")
_SINGLE = ("selectAction", "inlineAction")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TIME = re.compile(r"\d{2}:\d{2}\Z")


@dataclass(frozen=True)
class Placed:
    """An action of a card: where it is, and the inputs that go with it."""

    at: str
    action: Json
    inputs: tuple[Json, ...]

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.action["type"])


def version_of(card: Json | None) -> str:
    """A short name of exactly this card; two different cards have different ones."""
    return hashlib.sha256(compact(card).encode()).hexdigest()[:16]


def actions_of(card: Json) -> list[Placed]:
    """Every action of a card in reading order, those inside of ShowCards too."""
    return list(_actions(card, "", ()))


def action_at(card: Json, at: str) -> Placed:
    """The action in one place; Refused where there is none (any more)."""
    for placed in actions_of(card):
        if placed.at == at:
            if placed.action.get("isEnabled") is False:
                raise Refused("That button is switched off.", 409)
            return placed
    raise Refused("That button is no longer on the card. Look at the card again.", 409)


def inputs_of(card: Json) -> tuple[Json, ...]:
    """The inputs of a card itself, without those inside of its ShowCards."""
    return tuple(_inputs(card))


def submitted(placed: Placed, given: Json) -> Json:
    """The inputs' values as a client sends them with an action: texts, empty ones left out.

    Raises Refused with a text for each input that is missing or wrong.
    """
    if placed.action.get("associatedInputs", "auto").lower() == "none":
        return {}
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for field in placed.inputs:
        name = str(field["id"])
        value = _value(field, given.get(name, _initial(field)))
        fault = _fault(field, value)
        if fault:
            errors[name] = fault
        elif value:
            values[name] = value
    if errors:
        raise Refused("Some answers are missing or wrong.", 422, errors)
    return values


def data_of(action: Json, values: Json) -> Json:
    """An action's own data with the inputs' values in it."""
    data = action.get("data")
    return {**(data if isinstance(data, dict) else {}), **values}


def _actions(node: Json, at: str, above: tuple[Json, ...]) -> Iterator[Placed]:
    if node.get("type") == "AdaptiveCard":
        above = (*above, *_inputs(node))
    for name in _SINGLE:
        if isinstance(node.get(name), dict):
            yield Placed(f"{at}/{name}", node[name], above)
    for name in _CHILDREN:
        children = node.get(name)
        if not isinstance(children, list):
            continue
        for index, child in enumerate(children):
            if not isinstance(child, dict):
                continue
            place = f"{at}/{name}/{index}"
            if name == "actions":
                yield Placed(place, child, above)
                if child["type"] == "Action.ShowCard":
                    yield from _actions(child["card"], f"{place}/card", above)
            else:
                yield from _actions(child, place, above)


def _inputs(node: Json) -> Iterator[Json]:
    for name in _CHILDREN[:-1]:
        children = node.get(name)
        for child in children if isinstance(children, list) else []:
            if isinstance(child, dict):
                if str(child.get("type", "")).startswith("Input."):
                    yield child
                yield from _inputs(child)


def _initial(field: Json) -> object:
    if field["type"] == "Input.Toggle":
        return field.get("value", field.get("valueOff", "false"))
    return field.get("value", "")


def _value(field: Json, given: object) -> str:
    if isinstance(given, bool) and field["type"] == "Input.Toggle":
        return str(field.get("valueOn" if given else "valueOff", str(given).lower()))
    if isinstance(given, list):
        return ",".join(str(each) for each in given)
    if isinstance(given, dict):
        raise Refused("An input takes a text.")
    return "" if given is None else str(given)


def _fault(field: Json, value: str) -> str | None:
    told = str(field.get("errorMessage") or "")
    kind = str(field["type"])
    if kind == "Input.Toggle":
        on, off = str(field.get("valueOn", "true")), str(field.get("valueOff", "false"))
        if value not in (on, off):
            raise Refused("That choice is not offered. Look at the card again.", 409)
        is_missing = bool(field.get("isRequired")) and value != on
        return (told or "This is required.") if is_missing else None
    if not value:
        return (told or "This is required.") if field.get("isRequired") else None
    fault = {
        "Input.Text": _text_fault,
        "Input.Number": _number_fault,
        "Input.Date": _date_fault,
        "Input.Time": _time_fault,
        "Input.ChoiceSet": _choice_fault,
    }[kind](field, value)
    return (told or fault) if fault else None


def _text_fault(field: Json, value: str) -> str | None:
    longest = int(field.get("maxLength") or limits.INPUT_CHARACTERS)
    if len(value) > longest:
        return f"At most {longest:,} characters."
    pattern = field.get("regex")
    if pattern and not _matches(str(pattern), value):
        return "This does not have the wanted form."
    return None


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True  # a client that cannot read a pattern does not hold anybody to it


def _number_fault(field: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Must be a number."
    if not math.isfinite(number):
        return "Must be a number."
    lowest, highest = field.get("min"), field.get("max")
    if (lowest is not None and number < lowest) or (highest is not None and number > highest):
        return f"Must be from {lowest} to {highest}."
    return None


def _date_fault(field: Json, value: str) -> str | None:
    return None if _DATE.match(value) else "Give a date such as 2026-11-24."


def _time_fault(field: Json, value: str) -> str | None:
    return None if _TIME.match(value) else "Give a time such as 09:30."


def _choice_fault(field: Json, value: str) -> str | None:
    offered = {str(choice["value"]) for choice in field["choices"]}
    chosen = value.split(",") if field.get("isMultiSelect") else [value]
    if not set(chosen) <= offered:
        raise Refused("That choice is not offered. Look at the card again.", 409)
    return None
