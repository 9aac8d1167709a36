"""What a person did, derived from what is stored: a page cannot send a value that no card offers.

Pure. A page names a block, an action and, where there is a choice, the chosen value; everything
else comes from the stored blocks. Raises Refused for a person.
"""

import math
import re
from dataclasses import dataclass

from bot.workspace import limits
from bot.workspace.elements import options_of
from bot.workspace.wire import Json, Refused

_ONE_OPTION = frozenset({"static_select", "radio_buttons", "overflow"})
_MANY_OPTIONS = frozenset({"multi_static_select", "checkboxes"})
_TYPED = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TIME = re.compile(r"\d{2}:\d{2}\Z")


@dataclass(frozen=True)
class Use:
    """What a page says of a person's click: which element, the choice, and all open inputs."""

    block_id: str
    action_id: str
    value: object
    given: Json


@dataclass(frozen=True)
class Placed:
    """An interactive element with the block that holds it."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The block's id, given or made when it was stored."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's id, given or made when it was stored."""
        return str(self.element["action_id"])


def placed_elements(blocks: list[Json]) -> list[Placed]:
    """Every interactive element of stored blocks, in order."""
    found: list[Placed] = []
    for block in blocks:
        found.extend(
            Placed(block, element) for element in elements_of(block) if "action_id" in element
        )
    return found


def elements_of(block: Json) -> list[Json]:
    """The elements of a block, where its type holds any."""
    kind = block.get("type")
    if kind == "actions":
        elements: list[Json] = block["elements"]
        return elements
    place = {"section": "accessory", "input": "element"}.get(str(kind), "")
    return [block[place]] if block.get(place) else []


def find(blocks: list[Json], use: Use) -> Placed:
    """The element that a person used; Refused when the message no longer shows it."""
    for placed in placed_elements(blocks):
        if placed.block_id == use.block_id and placed.action_id == use.action_id:
            return placed
    raise Refused("That button is no longer on the message. Look at the message again.", 409)


def derive_action(placed: Placed, value: object, action_ts: str) -> Json:
    """One entry of `actions[]`."""
    element = placed.element
    action: Json = {
        "type": element["type"],
        "block_id": placed.block_id,
        "action_id": placed.action_id,
        "action_ts": action_ts,
    }
    if element["type"] == "button":
        action["text"] = element["text"]
        for name in ("value", "style", "url"):
            if name in element:
                action[name] = element[name]
        return action
    action.update(chosen(element, value))
    if "placeholder" in element:
        action["placeholder"] = element["placeholder"]
    return action


def chosen(element: Json, value: object) -> Json:
    """What `value` means for this element, in Slack's fields; checked against its options."""
    kind = str(element["type"])
    if kind in _ONE_OPTION:
        return {"selected_option": None if value in (None, "") else _option(element, value)}
    if kind in _MANY_OPTIONS:
        values = value if isinstance(value, list) else []
        return {"selected_options": [_option(element, item) for item in values]}
    if kind in _TYPED:
        text = None if value in (None, "") else str(value)
        if text is not None and len(text) > limits.TEXT_INPUT_CHARACTERS:
            raise Refused("That is too long: at most 3000 characters.")
        return {"value": text}
    if kind in ("datepicker", "timepicker"):
        return _moment(kind, value)
    return _users(kind, value)


def initial(element: Json) -> Json | None:
    """The state of an element that nobody has touched; None for elements without state."""
    kind = str(element["type"])
    if kind in ("button", "overflow"):
        return None
    if kind in _ONE_OPTION:
        return {"selected_option": element.get("initial_option")}
    if kind in _MANY_OPTIONS:
        return {"selected_options": element.get("initial_options") or []}
    if kind in _TYPED:
        return {"value": element.get("initial_value")}
    names = {
        "datepicker": ("selected_date", "initial_date"),
        "timepicker": ("selected_time", "initial_time"),
        "users_select": ("selected_user", "initial_user"),
        "multi_users_select": ("selected_users", "initial_users"),
    }
    selected, first = names[kind]
    return {selected: element.get(first)}


def state_values(blocks: list[Json], given: Json) -> Json:
    """`state.values`: what the person gave (block id -> action id -> value), else the initial."""
    values: Json = {}
    for placed in placed_elements(blocks):
        untouched = initial(placed.element)
        if untouched is None:
            continue
        answers = given.get(placed.block_id)
        is_given = isinstance(answers, dict) and placed.action_id in answers
        if isinstance(answers, dict) and is_given:
            state = chosen(placed.element, answers[placed.action_id])
        else:
            state = untouched
        entry = {"type": placed.element["type"], **state}
        values.setdefault(placed.block_id, {})[placed.action_id] = entry
    return values


def missing_answers(blocks: list[Json], values: Json) -> dict[str, str]:
    """Faults that Slack's own client shows before it submits: block id -> what to do."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        state = values[block["block_id"]][element["action_id"]]
        answer = next((v for k, v in state.items() if k != "type"), None)
        if not answer:
            if not block.get("optional"):
                errors[block["block_id"]] = "Please complete this required field."
        elif element["type"] in _TYPED and (problem := _typed_problem(element, str(answer))):
            errors[block["block_id"]] = problem
    return errors


def _typed_problem(element: Json, text: str) -> str | None:
    shortest, longest = element.get("min_length") or 0, element.get("max_length")
    if len(text) < shortest:
        return f"Must be at least {shortest} characters long."
    if longest is not None and len(text) > longest:
        return f"Must be at most {longest} characters long."
    if element["type"] == "number_input":
        return _number_problem(element, text)
    if element["type"] == "email_text_input" and "@" not in text:
        return "Must be an email address."
    if element["type"] == "url_text_input" and "://" not in text:
        return "Must be a web address."
    return None


def _number_problem(element: Json, text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "Must be a number."
    if not math.isfinite(number):
        return "Must be a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Must be a whole number."
    if element.get("min_value") is not None and number < float(element["min_value"]):
        return f"Must be at least {element['min_value']}."
    if element.get("max_value") is not None and number > float(element["max_value"]):
        return f"Must be at most {element['max_value']}."
    return None


def _option(element: Json, value: object) -> Json:
    for option in options_of(element):
        if option["value"] == value:
            return option
    raise Refused("That choice is not offered. Look at the message again.", 409)


def _moment(kind: str, value: object) -> Json:
    if kind == "datepicker":
        return {"selected_date": _matching(value, _DATE, "a date such as 2026-11-24")}
    return {"selected_time": _matching(value, _TIME, "a time such as 09:30")}


def _users(kind: str, value: object) -> Json:
    if kind == "users_select":
        return {"selected_user": str(value) if value else None}
    return {"selected_users": [str(item) for item in value] if isinstance(value, list) else []}


def _matching(value: object, pattern: re.Pattern[str], wanted: str) -> str | None:
    if value in (None, ""):
        return None
    if not pattern.match(str(value)):
        raise Refused(f"Give {wanted}.")
    return str(value)
